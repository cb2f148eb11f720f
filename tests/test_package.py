"""The installed package: the library with its data inside, wherever it is imported from."""

import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from tools.address import files

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that pip builds from a copy of the clone's files, so that nothing is written into the clone."""
    source, built = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("built")
    for name in (path.relative_to(ROOT).as_posix() for path in files(ROOT)):
        if name.startswith(("lib/", "data/")) or name in ("pyproject.toml", "README.md", "LICENSE"):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", built, source]
    subprocess.run(command, check=True)
    return next(built.glob("*.whl"))


def test_wheel_holds_library_data_and_licences(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    modules = {f"dlmeasured/{path.name}" for path in (ROOT / "lib/dlmeasured").glob("*.py")}
    assert modules <= set(names)
    assert {
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
