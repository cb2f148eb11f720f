"""Make each assignment from its source: the student's notebook, the public tests, and the autograder for teachers.

The source notebook, in chapters/09_assignments/source, holds the solutions and all tests in the format of `otter
assign`. What is made of it:

- chapters/09_assignments/NAME.ipynb: blanks in place of the solutions, which stand folded at the end
- chapters/09_assignments/checks/NAME/q1.py …: the public tests, which travel inside the package dlmeasured
- _build/assignments/NAME-autograder.zip: public and hidden tests, for `otter run`, in this environment

Making them again changes nothing, except in the zip file.
"""

import re
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of a library that otter loads
    from otter.assign import main as otter_assign

ROOT = Path(__file__).resolve().parents[1]
CHAPTER = ROOT / "chapters/09_assignments"
MARK = re.compile(r"^ *# (BEGIN|END) SOLUTION.*\n?|  # SOLUTION.*", re.MULTILINE)


def sources(chapter: Path = CHAPTER) -> list[Path]:
    """The source notebooks, in order."""
    return sorted((chapter / "source").glob("*.ipynb"))


def questions(source: NotebookNode) -> Iterator[tuple[str, str, str]]:
    """Name, heading and solution of each question of a source notebook.

    Raises ``ValueError`` for a question without a name, and for a second cell of a solution.
    """
    name = heading = ""
    inside = False
    for cell in source.cells:
        if cell.cell_type == "raw" and cell.source.startswith("# BEGIN QUESTION"):
            named = re.search(r"^name: *(\S+)", cell.source, re.MULTILINE)
            if not named:
                raise ValueError(f"cell {cell.id} has no line with the question's name, such as 'name: q1'.")
            name = named[1]
        elif cell.cell_type == "raw":
            inside, cells = cell.source == "# BEGIN SOLUTION", 0
        elif cell.cell_type == "markdown":
            heading = (re.findall(r"^## +(.+)", cell.source, re.MULTILINE) or [heading])[-1]
        elif inside:
            cells += 1
            if cells > 1:
                raise ValueError(f"the solution of {name} has more than one cell: write it in one.")
            yield name, heading, MARK.sub("", cell.source).rstrip()


def folded(source: NotebookNode) -> str:
    """The solutions as Markdown, one fold for each question.

    Raises ``ValueError`` where the notebook has no cell for them.
    """
    if not source.cells[-1].source.startswith("## Solutions\n"):
        raise ValueError("the last cell must begin with '## Solutions': the solutions are added to it.")
    return "\n\n".join(
        f"<details><summary>{heading}</summary>\n\n```python\n{solution}\n```\n\n</details>"
        for _, heading, solution in questions(source)
    )


def student(notebook: NotebookNode, metadata: NotebookNode, solutions: str) -> NotebookNode:
    """What otter made, without what differs from run to run or matters to otter alone, and with the solutions."""
    notebook.metadata = metadata
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({key: cell.metadata[key] for key in ("mystnb",) if key in cell.metadata})
        if question := re.fullmatch(r'grader\.check\("(\w+)"\)', cell.source):
            cell.id = f"{question[1]}-check"
    notebook.cells[-1].source += f"\n\n{solutions}"
    return notebook


def assign(path: Path, out: Path) -> None:
    """Make the assignment of one source notebook; ``out`` gets NAME.ipynb, checks/NAME and autograder/NAME.

    Raises ``ValueError`` where the source is not as it must be.
    """
    source = nbformat.read(path, as_version=4)
    solutions = folded(source)
    with tempfile.TemporaryDirectory() as folder:
        otter_assign(str(path), folder, no_run_tests=True)
        made = Path(folder).resolve()
        notebook = student(nbformat.read(made / "student" / path.name, as_version=4), source.metadata, solutions)
        nbformat.validate(notebook)
        nbformat.write(notebook, out / path.name)
        for kind, tests in (("checks", "student/tests"), ("autograder", "autograder/tests")):
            target = out / kind / path.stem
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir(parents=True)
            for file in sorted((made / tests).glob("*.py")):
                (target / file.name).write_text(file.read_text(encoding="utf-8").rstrip() + "\n", encoding="utf-8")
        for archive in (made / "autograder").glob("*.zip"):
            shutil.copy(archive, out / "autograder" / f"{path.stem}-autograder.zip")


def main(chapter: Path = CHAPTER, build: Path = ROOT / "_build/assignments") -> None:
    """Make every assignment in place; what was made of a source that has gone goes too."""
    found = sources(chapter)
    if not found:
        sys.exit(f"No notebook in {chapter / 'source'}: write the source of an assignment there.")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        for path in found:
            try:
                assign(path, out)
            except ValueError as problem:
                sys.exit(f"{path}: {problem}")
        for path in chapter.glob("*.ipynb"):
            path.unlink()
        build.mkdir(parents=True, exist_ok=True)
        for path in found:
            shutil.copy(out / path.name, chapter / path.name)
            archive = f"{path.stem}-autograder.zip"
            shutil.copy(out / "autograder" / archive, build / archive)
            print(f"{chapter / path.name}, checks/{path.stem}, {build / archive}")
        shutil.rmtree(chapter / "checks", ignore_errors=True)
        shutil.copytree(out / "checks", chapter / "checks")


if __name__ == "__main__":
    main()
