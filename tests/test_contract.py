"""Outputs are promises: what nbval notices when a stored output is edited, and what running a notebook again leaves."""

import base64
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest
from chosen import ROOT
from hypothesis import given
from hypothesis import strategies as st
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbval.plugin import get_sanitize_patterns
from PIL import Image
from tools import run

CLAIM = "application/vnd.dlmeasured.claim"
SPEC = "application/vnd.vegalite.v5+json"
Edit = Callable[[NotebookNode], object]


def variable(name: str) -> list[str]:
    """The words of a variable of the Makefile."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    database = subprocess.run(["make", "-pn", "html"], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    return shlex.split(re.search(rf"^{name} :?= (.*)$", database.stdout, re.MULTILINE)[1])


def compare(path: Path) -> dict[int, str]:
    """Run nbval on a notebook as ``make test`` does: the message of each code cell that failed, by its number."""
    report = path.with_suffix(".xml")
    options = variable("NBVAL")[1:]
    env = os.environ | dict(word.split("=", 1) for word in variable("RUN"))
    command = [sys.executable, "-m", "pytest", *options, "-c", "pyproject.toml", f"--junitxml={report}", str(path)]
    answer = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert answer.returncode in (0, 1), answer.stdout + answer.stderr
    cells = ElementTree.parse(report).findall(".//testcase")
    assert len(cells) == sum(cell.cell_type == "code" for cell in nbformat.read(path, as_version=4).cells)
    return {
        int(cell.get("name").removeprefix("Cell ")): cell.find("failure").text
        for cell in cells
        if cell.find("failure") is not None
    }


def text(old: str, new: str) -> Edit:
    """Replace ``old`` in every stored text of the cell's outputs."""

    def edit(cell: NotebookNode) -> None:
        before = json.dumps(cell.outputs, ensure_ascii=False)
        assert old in before
        cell.outputs = nbformat.from_dict(json.loads(before.replace(old, new)))

    return edit


def data(kind: str, old: str, new: str) -> Edit:
    """Replace ``old`` in the first output's data of one MIME type."""

    def edit(cell: NotebookNode) -> None:
        assert old in cell.outputs[0].data[kind]
        cell.outputs[0].data[kind] = cell.outputs[0].data[kind].replace(old, new)

    return edit


def source(old: str, new: str) -> Edit:
    """Replace ``old`` in the cell's source."""

    def edit(cell: NotebookNode) -> None:
        assert old in cell.source
        cell.source = cell.source.replace(old, new)

    return edit


SETUP = (
    "import altair as alt\nimport matplotlib.pyplot as plt\nfrom dlmeasured import claim, interactive\naccuracy = 0.874"
)
PRINT = 'print("loss 0.250 after 3 epochs")'
MARKED = 'print(f"loss ≈{accuracy:.3f} ± 0.002 after 0.5 epochs, ≈12,345 ± 1,234 images")'
VALUE = "[1, 0.5]"
CLAIMED = 'claim("my-claim", "It learns.", holds=accuracy > 0.5, measured=f"≈{accuracy:.3f} against 0.5")'
FIGURE = "plt.plot([1, 2])\nplt.show()"
CHART = "interactive(alt.Chart(alt.Data(values=[{'x': 1}])).mark_point().encode(x='x:Q'))"
TWO = 'print("one")\ndisplay("two")'

# what is done to the stored cell, and whether the comparison must notice
CASES: list[tuple[str, Edit, bool]] = [
    (PRINT, text("0.250", "0.251"), True),
    (PRINT, text("epochs", "steps"), True),
    (PRINT, text("loss 0", "loss  0"), True),
    (PRINT, lambda cell: cell.outputs.clear(), True),
    (PRINT, lambda cell: cell.outputs.append(new_output("stream", name="stdout", text="more\n")), True),
    (PRINT, lambda cell: cell.outputs.append(new_output("stream", name="stderr", text="careful\n")), True),
    ("silent = 1", lambda cell: cell.outputs.append(new_output("display_data", {"text/plain": "loud"})), True),
    (TWO, lambda cell: cell.outputs.pop(), True),
    (TWO, lambda cell: cell.outputs.pop(0), True),
    (VALUE, text("0.5", "0.6"), True),
    (VALUE, lambda cell: cell.outputs.clear(), True),
    (FIGURE, text("1 Axes", "2 Axes"), True),
    (FIGURE, lambda cell: cell.outputs.clear(), True),
    (FIGURE, lambda cell: cell.outputs[0].data.update({"image/png": "iVBORw0KGgo="}), False),
    # a chart is compared like a picture
    (CHART, lambda cell: cell.outputs[0].data[SPEC]["data"]["values"][0].update(x=2), False),
    (CHART, lambda cell: cell.outputs.clear(), True),
    # a figure marked ≈, with its sign and its spread, may differ; nothing beside it may
    (MARKED, text("0.874", "0.912"), False),
    (MARKED, text("≈0.874", "≈-3.1e-05"), False),
    (MARKED, text("0.002", "0.1"), False),
    (MARKED, text("≈12,345 ± 1,234", "≈9 ± 21,234,567"), False),
    (MARKED, text("≈0.874", "≈nan"), True),
    (MARKED, text("± 0.002", "± nan"), True),
    (MARKED, text(" ± 0.002", ""), True),
    (MARKED, text("≈0.874", "0.874"), True),
    (MARKED, text("≈0.874", "-≈0.874"), True),
    (MARKED, text("0.5 epochs", "0.6 epochs"), True),
    (MARKED, text("loss ≈", "gain ≈"), True),
    (MARKED, text("1,234 images", "1,234 pictures"), True),
    (CLAIMED, text("0.874", "0.912"), False),
    (CLAIMED, text("against 0.5", "against 0.6"), True),
    (CLAIMED, text("It learns.", "It knows."), True),
    (CLAIMED, data(CLAIM, "confirmed", "refuted"), True),
    (CLAIMED, data(CLAIM, "my-claim", "your-claim"), True),
    (CLAIMED, data("text/html", "border-left", "border-right"), True),
    (CLAIMED, lambda cell: cell.outputs[0].data.pop(CLAIM), True),
    (CLAIMED, source("accuracy > 0.5", "accuracy > 0.9"), True),
]


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A notebook with a cell for each case, as ``make run`` leaves it."""
    path = tmp_path_factory.mktemp("contract") / "notebook.ipynb"
    shutil.copy(ROOT / "chapters/conftest.py", path.parent)
    cells = [new_markdown_cell("# Title"), *(new_code_cell(source) for source in (SETUP, *(case[0] for case in CASES)))]
    cells[1].metadata["tags"] = ["hide-input"]
    nbformat.write(new_notebook(cells=cells, metadata={"authors": []}), path)
    run.run(path)
    return path


def test_comparison_notices_every_edit_but_those_of_marked_figures(executed: Path) -> None:
    assert compare(executed) == {}
    notebook = nbformat.read(executed, as_version=4)
    for cell, (_, edit, _) in zip(notebook.cells[2:], CASES, strict=True):
        edit(cell)
    edited = executed.with_name("edited.ipynb")
    nbformat.write(notebook, edited)
    failed = compare(edited)
    assert sorted(failed) == [number for number, (*_, noticed) in enumerate(CASES, 1) if noticed]
    assert "ClaimError: claim my-claim does not hold" in re.sub(r"\x1b\[[\d;]*m|#x1B\[[\d;]*m", "", failed[len(CASES)])


def test_run_again_changes_nothing(executed: Path) -> None:
    before = nbformat.read(executed, as_version=4)
    first = executed.read_bytes()
    run.run(executed)
    assert executed.read_bytes() == first
    assert before.cells[1].metadata == {"tags": ["hide-input"]}
    assert before.metadata == run.KERNEL


def test_run_keeps_ids_and_metadata_and_drops_what_a_machine_adds(tmp_path: Path) -> None:
    path = tmp_path / "notebook.ipynb"
    cell = new_code_cell("print('a', flush=True)\nprint('b', flush=True)\n1 + 1", id="my-cell", execution_count=7)
    kept = {"tags": ["hide-input"], "mystnb": {"image": {"alt": "A picture of something"}}}
    cell.metadata.update(kept | {"collapsed": True, "execution": {"iopub.status.busy": "2026"}})
    nbformat.write(new_notebook(cells=[cell], metadata={"widgets": {}, "jupytext": {"formats": "ipynb"}}), path)
    run.run(path)
    notebook = nbformat.read(path, as_version=4)
    assert notebook.cells[0].id == "my-cell"
    assert notebook.cells[0].metadata == kept
    assert notebook.cells[0].execution_count == 1
    stream, result = notebook.cells[0].outputs
    assert (stream.text, result.data, result.execution_count) == ("a\nb\n", {"text/plain": "2"}, 1)
    assert notebook.metadata == run.KERNEL | {"jupytext": {"formats": "ipynb"}}


def test_run_names_a_quiz_alike_each_time_and_stores_light_pictures(tmp_path: Path) -> None:
    path = tmp_path / "notebook.ipynb"
    question = {"question": "Two?", "type": "numeric", "answers": [{"type": "value", "value": 2, "correct": True}]}
    quiz = new_code_cell(f"from jupyterquiz import display_quiz\ndisplay_quiz([{question}])")
    picture = new_code_cell("import matplotlib.pyplot as plt\nplt.imshow([range(1000)], aspect=99)\nplt.show()")
    nbformat.write(new_notebook(cells=[picture, quiz]), path)
    run.run(path)
    first = path.read_text(encoding="utf-8")
    assert "show_questions(questionsquiz2, quiz2)" in first
    png = base64.b64decode(nbformat.reads(first, as_version=4).cells[0].outputs[0].data["image/png"])
    assert len(Image.open(io.BytesIO(png)).convert("RGB").getcolors(maxcolors=2**20)) <= 256
    run.run(path)
    assert path.read_text(encoding="utf-8") == first


def test_run_leaves_the_file_when_a_cell_raises(tmp_path: Path) -> None:
    path = tmp_path / "notebook.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("1"), new_code_cell("raise ValueError('seven')")]), path)
    before = path.read_bytes()
    with pytest.raises(CellExecutionError, match="seven"):
        run.run(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: folder, "No notebook in .*: name a .ipynb file or a folder"),
        (lambda folder: folder / "missing.ipynb", "missing.ipynb does not exist: name"),
        (lambda folder: (folder / ".ipynb_checkpoints").mkdir() or checkpoint(folder), "No notebook in"),
    ],
)
def test_run_says_when_there_is_no_notebook(tmp_path: Path, make: Callable[[Path], Path], message: str) -> None:
    with pytest.raises(SystemExit, match=message):
        run.notebooks([str(make(tmp_path))])


def checkpoint(folder: Path) -> Path:
    """A folder that holds nothing but a checkpoint."""
    (folder / ".ipynb_checkpoints" / "a-checkpoint.ipynb").touch()
    return folder


def test_run_finds_notebooks_in_order(tmp_path: Path) -> None:
    for name in ("b/two.ipynb", "a/one.ipynb", "a/.ipynb_checkpoints/one.ipynb"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert run.notebooks([str(tmp_path)]) == [tmp_path / "a/one.ipynb", tmp_path / "b/two.ipynb"]


# The sanitiser masks a marked number wholly, and nothing else

PATTERNS = get_sanitize_patterns((ROOT / "nbval.cfg").read_text(encoding="utf-8"))
FORMATS = st.sampled_from(["", ".0f", ".3f", "+.3f", ".2e", ",", ",.2f", "g"])
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers()
UNMARKED = st.text().filter(lambda text: "≈" not in text)
AFTER = st.sampled_from(["", " epochs", " %", "%", "×", ".", ", 3", ",0.5", ",12", ")", "/s", "\n", "s", " ±", " 1"])


def sanitise(text: str) -> str:
    """The text as nbval compares it."""
    for pattern, replacement in PATTERNS:
        text = re.sub(pattern, replacement, text)
    return text


@given(UNMARKED)
def test_unmarked_text_is_compared_as_it_is(text: str) -> None:
    assert sanitise(text) == text


@given(UNMARKED, NUMBERS, FORMATS, AFTER)
def test_a_marked_number_is_masked_wholly(before: str, number: float, form: str, after: str) -> None:
    assert sanitise(f"{before}≈{number:{form}}{after}") == f"{before}≈#{after}"


@given(NUMBERS, NUMBERS.map(abs), FORMATS.filter(lambda form: "+" not in form), AFTER)
def test_its_spread_is_masked_wholly(number: float, spread: float, form: str, after: str) -> None:
    assert sanitise(f"≈{number:{form}} ± {spread:{form}}{after}") == f"≈# ± #{after}"


@given(NUMBERS, NUMBERS, st.sampled_from([" ", ", ", "; ", " of ", " ± ≈", "/", "–", "\n"]))
def test_an_unmarked_number_beside_it_is_compared(number: float, other: float, between: str) -> None:
    assert sanitise(f"≈{number}{between}{other} {other}").endswith(f" {other}")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("≈12,3456", "≈#,3456"),
        ("≈1234,567", "≈#,567"),
        ("≈nan ≈inf ≈ 3 ≈.5", "≈nan ≈inf ≈ 3 ≈.5"),
        ("≈3 ± nan", "≈# ± nan"),
        ("3 ± 1", "3 ± 1"),
        ("≈−0.5 -≈0.5", "≈# -≈#"),
        ("≈2e3x ≈2epochs", "≈#x ≈#epochs"),
    ],
)
def test_sanitiser_by_example(text: str, masked: str) -> None:
    assert sanitise(text) == masked
