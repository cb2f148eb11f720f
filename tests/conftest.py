"""Shared by all tests: where to import from, and which notebooks to check."""

import sys
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
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


def notebooks(config: pytest.Config) -> list[Path]:
    """The notebooks to check, in order; none if there are none."""
    from tools import run

    try:
        return run.notebooks(config.getoption("--notebooks") or [str(ROOT / "chapters")])
    except SystemExit:
        return []


settings.register_profile("any machine", deadline=None)  # a busy machine is not a failure
settings.load_profile("any machine")
