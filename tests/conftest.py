"""Shared by all tests: where to import from, the option --notebooks, and the wheel."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
PACKAGED = ("lib/", "data/", "chapters/09_assignments/checks/", "pyproject.toml", "README.md", "LICENSE")
sys.path[:0] = [str(ROOT), str(ROOT / "_ext")]  # tools.* and the reader of stored claims


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--notebooks``."""
    parser.addoption(
        "--notebooks",
        nargs="+",
        action="extend",
        metavar="PATH",
        help="notebooks to check, or folders that hold some (default: chapters)",
    )


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that pip builds from a copy of the clone's files, so that nothing is written into the clone."""
    from tools import address

    source, built = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("built")
    for name in (path.relative_to(ROOT).as_posix() for path in address.files(ROOT)):
        if name.startswith(PACKAGED):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", built, source]
    subprocess.run(command, check=True)
    return next(built.glob("*.whl"))


settings.register_profile("any machine", deadline=None)  # a busy machine is not a failure
settings.load_profile("any machine")
