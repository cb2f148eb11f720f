"""Which notebooks the tests check: those that ``--notebooks`` names."""

from pathlib import Path

import pytest
from tools import run

ROOT = Path(__file__).resolve().parents[1]


def notebooks(config: pytest.Config) -> list[Path]:
    """The lectures to check, in order; none if there are none."""
    try:
        return run.notebooks(config.getoption("--notebooks") or [str(ROOT / "chapters")])
    except SystemExit:
        return []


def assignments(config: pytest.Config) -> list[Path]:
    """The students' notebooks to check, in order."""
    within = [Path(path).resolve() for path in config.getoption("--notebooks") or [ROOT / "chapters"]]
    found = sorted((ROOT / "chapters/09_assignments").glob("*.ipynb"))
    return [path for path in found if any(path.is_relative_to(folder) for folder in within)]
