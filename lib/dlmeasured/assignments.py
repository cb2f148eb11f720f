"""The checks of the assignments, in the notebook: one sentence that says what is wrong.

The tests are files of otter-grader's exception-based format, made by tools/assign.py. Running them needs neither
otter-grader nor the notebook's own file, so that nothing has to be installed, and a copy in Colab is checked too.
"""

import html
import inspect
import linecache
import re
import sys
import traceback
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dlmeasured.device import seeded
from dlmeasured.elsewhere import DeviceError

Names = dict[str, object]
IMPORT = "from otter.test_files import test_case"
GREEN, RED = "#009E73", "#D55E00"


class Grader:
    """Checks the answers to one assignment, such as ``Grader("mlp")``, against the tests that ship with this package.

    Raises ``ValueError`` for an assignment that is not there.
    """

    def __init__(self, assignment: str) -> None:
        module = Path(__file__)
        places = [module.parent / "_assignments", module.parents[2] / "chapters/09_assignments/checks"]
        folders = {path.parent.name: path.parent for place in places for path in sorted(place.glob("*/*.py"))}
        if assignment not in folders:
            raise ValueError(f"{assignment!r} is no assignment of this version of dlmeasured, which has {[*folders]}.")
        self._tests = {path.stem: path for path in sorted(folders[assignment].glob("*.py"))}

    def check(self, question: str) -> "Verdict":
        """Check one question, such as ``"q1"``, on what its cell has defined."""
        if question not in self._tests:
            raise ValueError(f"{question!r} is no question here; those are {', '.join(self._tests)}.")
        return Verdict({question: problem(self._tests[question], sys._getframe(1).f_globals)})

    def check_all(self) -> "Verdict":
        """Check every question."""
        names = sys._getframe(1).f_globals
        return Verdict({question: problem(path, names) for question, path in self._tests.items()})


@dataclass(frozen=True)
class Verdict:
    """What is wrong with the answer to each question; ``None`` where nothing is."""

    problems: dict[str, str | None]

    @property
    def passed(self) -> bool:
        """Whether every answer passed."""
        return all(problem is None for problem in self.problems.values())

    def _headline(self) -> str:
        if len(self.problems) == 1:
            return f"{next(iter(self.problems))}: {'passed' if self.passed else 'not yet'}"
        good = sum(problem is None for problem in self.problems.values())
        return f"{good} of {len(self.problems)} questions passed"

    def _lines(self) -> list[str]:
        if len(self.problems) == 1:
            return [problem for problem in self.problems.values() if problem]
        return [f"{name}: {problem or 'passed'}" for name, problem in self.problems.items()]

    def __repr__(self) -> str:
        return "\n".join([f"{'✓' if self.passed else '✗'} {self._headline()}", *self._lines()])

    def _repr_html_(self) -> str:
        """A box that reads on a light and on a dark page."""
        colour, sign = (GREEN, "✓") if self.passed else (RED, "✗")
        style = f"border-left: 5px solid {colour}; background: {colour}1f; border-radius: 4px; padding: .6em 1em"
        lines = [re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(line, quote=False)) for line in self._lines()]
        body = "".join(f"<div>{line}</div>" for line in lines)
        return f'<div style="{style}"><div style="font-weight: 600">{sign} {self._headline()}</div>{body}</div>'


def problem(path: Path, names: Names) -> str | None:
    """What the tests of a file find wrong with what a notebook has defined: the first problem, in words."""
    file = str(path)
    with seeded(0):
        for test in _tests(path.read_text(encoding="utf-8"), file):
            wanted = inspect.signature(test).parameters
            try:
                test(**{name: names if name == "env" else names.get(name) for name in wanted})
            except Exception as error:
                frames = [(f.f_code, line, f.f_globals is names) for f, line in traceback.walk_tb(error.__traceback__)]
                asserted = isinstance(error, AssertionError) and frames[-1][0].co_filename == file
                if asserted or isinstance(error, DeviceError):
                    return str(error) or f"`{test.__name__}` fails."
                own = [(code, line) for code, line, mine in frames if mine]
                what = f"{type(error).__name__}: {error}".replace("`", "'")
                if own:
                    return f"Your code stops with `{what}`{_place(*own[-1])}"
                return f"The check stops with `{what}`: is the line with `def` or `class` still as it was given?"
    return None


def _place(code: types.CodeType, number: int) -> str:
    """Where in the notebook: the function and, where it is known, the line."""
    line = linecache.getline(code.co_filename, number).strip()
    return f" in `{code.co_name}`" + (f", at `{line}`." if line else ".")


def _tests(source: str, file: str) -> list[Callable[..., None]]:
    """The test functions of a file, in order, without otter-grader."""
    found: list[Callable[..., None]] = []

    def test_case(**settings: object) -> Callable:
        return lambda function: found.append(function) or function

    exec(compile(source.replace(IMPORT, "", 1), file, "exec"), {"test_case": test_case})
    return found


@contextmanager
def replaced(names: Names, **values: object) -> Iterator[None]:
    """Give names of a notebook other values for a ``with`` block, so that each answer is tested by itself."""
    before = {name: names[name] for name in values if name in names}
    names.update(values)
    try:
        yield
    finally:
        for name in values:
            names.pop(name, None)
        names.update(before)
