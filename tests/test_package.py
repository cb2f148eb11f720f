"""The installed package: the library with its data inside, wherever it is imported from."""

import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_wheel_holds_library_data_and_licences(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    modules = {f"dlmeasured/{path.name}" for path in (ROOT / "lib/dlmeasured").glob("*.py")}
    assert modules <= set(names)
    assert {
        "dlmeasured/_assignments/mlp/q1.py",
        "dlmeasured/_data/fashion_mnist.npz",
        "dlmeasured/_data/fashion_mnist.md",
        "dlmeasured/_data/penguins.csv",
    } <= set(names)
    assert any(name.endswith("licenses/data/fashion_mnist.LICENSE") for name in names)


def test_wheel_works_away_from_the_clone(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    code = "import dlmeasured; print(dlmeasured.__file__, len(dlmeasured.fashion_mnist('small').train_images))"
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "site")}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    place, count = done.stdout.split()
    assert place.startswith(str(tmp_path))
    assert count == "10000"


def test_dependencies_have_lower_bounds_only() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == ">=3.11"
    for requirement in project["dependencies"]:
        assert ">=" in requirement, f"{requirement}: give a lower bound."
        assert not set("<~!,=") & set(requirement.replace(">=", "")), f"{requirement}: a lower bound is all."
