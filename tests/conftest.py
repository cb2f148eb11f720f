"""Shared by all tests: where to import from, the option --notebooks, the wheel, and the browser."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PACKAGED = ("lib/", "data/", "chapters/09_assignments/checks/", "pyproject.toml", "README.md", "LICENSE")
sys.path[:0] = [str(ROOT), str(ROOT / "_ext")]  # tools.* and the reader of stored claims


QUIET = ("quic", "background-networking", "component-update", "sync", "gpu")


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


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a window. Without its sandbox too, which containers and some CI machines do not allow."""
    from tools import chromium

    path = chromium.find()
    if not path:
        pytest.fail("the site tests need Chromium: install it, or name one in DLM_CHROMIUM")
    options = ["--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in QUIET)]
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=options)
        yield found
        found.close()


settings.register_profile("any machine", deadline=None)  # a busy machine is not a failure
settings.load_profile("any machine")
