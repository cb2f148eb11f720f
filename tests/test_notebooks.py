"""Every notebook keeps the contract, and every check of the contract notices when it is broken."""

import base64
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from pprint import pformat

import nbformat
import notebook_contract as contract
import pytest
from chosen import ROOT, assignments, notebooks
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from tools import run


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrise ``path`` by lecture, ``assignment`` by the student's notebook of an assignment."""
    for name, find in (("path", notebooks), ("assignment", assignments)):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, find(metafunc.config), ids=lambda path: path.stem)


# The book


def test_there_is_a_notebook(pytestconfig: pytest.Config) -> None:
    assert notebooks(pytestconfig) + assignments(pytestconfig), (
        f"no notebook in {pytestconfig.getoption('--notebooks') or 'chapters'}"
    )


@pytest.mark.parametrize("check", contract.CHECKS, ids=lambda check: check.__name__)
def test_notebook(path: Path, check: Callable[[NotebookNode, Path], list[str]]) -> None:
    problems = check(contract.load(path), path)
    assert not problems, f"{path}\n" + "\n".join(problems)


@pytest.mark.parametrize("check", contract.ASSIGNMENT_CHECKS, ids=lambda check: check.__name__)
def test_assignment(assignment: Path, check: Callable[[NotebookNode, Path], list[str]]) -> None:
    problems = check(contract.load(assignment), assignment)
    assert not problems, f"{assignment}\n" + "\n".join(problems)


def test_claims_are_unique_across_the_book() -> None:
    assert contract.across(run.notebooks([str(ROOT / "chapters")])) == []


def test_repository_size() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    assert contract.repository_size(ROOT) == []


def test_library_size() -> None:
    assert contract.library_size(ROOT / "lib" / "dlmeasured") == []


# The checks: a small lecture that keeps the contract, and what becomes of it when somebody breaks it

PATH = "chapters/02_mlp/lecture.ipynb"
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(60)).decode()
ALT = "A line that rises from left to right"
QUESTION = {
    "question": "How many?",
    "type": "multiple_choice",
    "answers": [
        {"answer": "One", "correct": True, "feedback": "Yes."},
        {"answer": "Two", "correct": False, "feedback": "No: count again."},
    ],
}
CLAIM = """accuracy = measure()
claim("mlp-example", "It learns.", holds=accuracy > 0.5, measured=f"≈{accuracy}")"""
RECORD = {"id": "mlp-example", "statement": "It learns.", "measured": "≈0.87", "verdict": "confirmed"}


@pytest.fixture
def lecture(tmp_path: Path) -> Path:
    """A repository in a temporary folder that holds one lecture, and where it stands."""
    for name in ("_config.yml", "chapters/10_appendix/claims.yml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "_toc.yml").write_text(f"chapters:\n  - file: {PATH.removesuffix('.ipynb')}\n", encoding="utf-8")
    (tmp_path / "img").mkdir()
    (tmp_path / "img/colab-badge.svg").touch()
    path = tmp_path / PATH
    path.parent.mkdir()
    (path.parent / "index.md").write_text("# Chapter\n\n## The map\n", encoding="utf-8")
    save(build(), path)
    return path


def build() -> NotebookNode:
    """The lecture as make run would have left it."""
    url = re.search(r"url: (https://github\.com/\S+)", (ROOT / "_config.yml").read_text(encoding="utf-8"))[1]
    slug = url.removeprefix("https://github.com/")
    colab = f"https://colab.research.google.com/github/{slug}/blob/main/{PATH}"
    install = f"""try:
    import dlmeasured
except ImportError:
    # On Colab and the like: fetch the course's library and data, keep all the rest.
    %pip install -q "dlmeasured @ git+{url}\""""
    figure = new_code_cell(
        "figure, axis = plt.subplots()\naxis.plot([1, 2])\nplt.show()", metadata={"tags": ["hide-input"]}
    )
    figure.metadata["mystnb"] = {"image": {"alt": ALT}}
    figure.outputs = [new_output("display_data", {"image/png": PNG, "text/plain": "<Figure size 700x400 with 1 Axes>"})]
    claim = new_code_cell(CLAIM)
    data = {
        "text/plain": "Claim",
        "text/html": "<div>≈0.87</div>",
        contract.claim_records.MIME_TYPE: json.dumps(RECORD),
    }
    claim.outputs = [new_output("display_data", data)]
    printing = new_code_cell(
        'print("≈0.87 ± 0.02")', outputs=[new_output("stream", name="stdout", text="≈0.87 ± 0.02\n")]
    )
    quiz = new_code_cell(quiz_source(QUESTION))
    quiz.metadata["tags"] = [contract.IGNORE]
    quiz.outputs = [new_output("display_data", {"text/html": "<div id='xyz'></div>"})]
    notebook = new_notebook(
        cells=[
            new_markdown_cell(f"# A lecture\n\n[![Open in Colab](../../img/colab-badge.svg)]({colab})"),
            new_code_cell(install),
            new_markdown_cell("## Question\n\nDoes it learn?"),
            new_markdown_cell("## In short\n\nYes: ≈0.87."),
            new_markdown_cell(
                "## First\n\n**Predict.** Guess $x^2$. See [the map](index.md#the-map), [below](#first)."
            ),
            figure,
            claim,
            printing,
            new_markdown_cell("## Second\n\n### A `part`\n\n<details><summary>Hint</summary>\n\nLook.\n\n</details>"),
            *[new_code_cell(f"value = {number}") for number in range(9)],
            new_markdown_cell("## Try it\n\nChange it.\n\n$$\n\\begin{aligned} a &= b \\end{aligned}\n$$"),
            new_markdown_cell("## Quiz"),
            quiz,
            new_markdown_cell("## Remember\n\n- It learns.\n- It does."),
            new_markdown_cell("## Sources\n\n- [A paper](https://arxiv.org/abs/1412.6980), 2014"),
        ]
    )
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
    run.normalise(notebook)
    return notebook


def quiz_source(first: dict) -> str:
    """The cell that shows a quiz of three questions."""
    return f"quiz = {pformat([first, QUESTION, QUESTION], width=90)}\ndisplay_quiz(quiz)"


def save(notebook: NotebookNode, path: Path) -> None:
    """Write the notebook without nbformat's repairs."""
    path.write_text(nbformat.v4.writes(notebook) + "\n", encoding="utf-8")


@pytest.mark.parametrize("check", contract.CHECKS, ids=lambda check: check.__name__)
def test_check_accepts(lecture: Path, check: Callable[[NotebookNode, Path], list[str]]) -> None:
    assert check(contract.load(lecture), lecture) == []


# Positions in the lecture
TITLE, INSTALL, QUESTION_CELL, SHORT, FIRST, FIGURE, CLAIM_CELL, _, SECOND, PLAIN = range(10)
TRY, _, QUIZ_CELL, REMEMBER, SOURCES = range(18, 23)
Mutation = Callable[[NotebookNode], object]


def replaced(index: int, old: str, new: str) -> Mutation:
    """A mutation that replaces ``old`` in a cell."""

    def mutate(notebook: NotebookNode) -> None:
        assert old in notebook.cells[index].source
        notebook.cells[index].source = notebook.cells[index].source.replace(old, new)

    return mutate


def code(source: str) -> Mutation:
    """A mutation that gives a plain cell another source."""
    return replaced(PLAIN, "value = 0", source)


def text(source: str) -> Mutation:
    """A mutation that adds Markdown."""
    return replaced(SECOND, "## Second", f"## Second\n\n{source}")


def stream(written: str, name: str = "stdout") -> Mutation:
    """A mutation that adds an output."""
    return lambda notebook: notebook.cells[PLAIN].outputs.append(new_output("stream", name=name, text=written))


def html(shown: str, kind: str = "text/html") -> Mutation:
    """A mutation that adds an output of HTML, or of another kind."""
    return lambda notebook: notebook.cells[PLAIN].outputs.append(new_output("display_data", {kind: shown}))


def metadata(index: int, **values: object) -> Mutation:
    """A mutation that sets a cell's metadata."""
    return lambda notebook: notebook.cells[index].metadata.update(values)


def without(index: int) -> Mutation:
    """A mutation that removes a cell."""
    return lambda notebook: notebook.cells.pop(index)


def question(**changes: object) -> Mutation:
    """A mutation that changes the first question of the quiz."""
    return lambda notebook: notebook.cells[QUIZ_CELL].update(source=quiz_source(QUESTION | changes))


def wrong(*answers: dict) -> list[dict]:
    """The right answer and others."""
    return [QUESTION["answers"][0], *answers]


def error(notebook: NotebookNode) -> None:
    """A stored exception."""
    notebook.cells[PLAIN].outputs.append(new_output("error", ename="ValueError", evalue="bad", traceback=[]))


def record(text: str | None) -> Mutation:
    """A mutation that replaces the stored record of the claim."""

    def mutate(notebook: NotebookNode) -> None:
        data = notebook.cells[CLAIM_CELL].outputs[0].data
        del data[contract.claim_records.MIME_TYPE]
        if text is not None:
            data[contract.claim_records.MIME_TYPE] = text

    return mutate


def claiming(id: str) -> Mutation:
    """A mutation that gives the claim another id, in source and record."""

    def mutate(notebook: NotebookNode) -> None:
        replaced(CLAIM_CELL, "mlp-example", id)(notebook)
        record(json.dumps(RECORD | {"id": id}))(notebook)

    return mutate


def undo_image(notebook: NotebookNode) -> None:
    """A figure whose picture was removed."""
    del notebook.cells[FIGURE].outputs[0].data["image/png"]


def chart(data: dict) -> Mutation:
    """A figure that is an interactive chart."""

    def mutate(notebook: NotebookNode) -> None:
        notebook.cells[FIGURE].outputs.append(
            new_output("display_data", {"application/vnd.vegalite.v5+json": {}} | data)
        )

    return mutate


c = contract
MUTATIONS: list[tuple[Callable, Mutation, str]] = [
    (c.form, lambda nb: nb.update(nbformat_minor=4), "4.5"),
    (c.form, lambda nb: nb.cells[PLAIN].pop("id"), "'id' is a required property"),
    (c.form, lambda nb: nb.cells[PLAIN].update(id="cell-0"), "unique"),
    (c.form, lambda nb: nb.metadata.update(authors=[]), "not as tools/run.py"),
    (c.form, lambda nb: nb.metadata.kernelspec.update(name="other"), "not as tools/run.py"),
    (c.form, metadata(PLAIN, ExecuteTime={}), "not as tools/run.py"),
    (c.form, metadata(PLAIN, collapsed=False), "not as tools/run.py"),
    (c.form, lambda nb: (stream("a")(nb), stream("b")(nb)), "not as tools/run.py"),
    (c.executed, lambda nb: nb.cells[PLAIN].update(execution_count=None), "count None instead of 5"),
    (c.executed, lambda nb: nb.cells[PLAIN].update(execution_count=9), "count 9 instead of 5"),
    (c.executed, code(""), "empty"),
    (c.executed, error, "raised ValueError"),
    (c.executed, stream("UserWarning: old", "stderr"), "stderr"),
    (c.executed, stream("10%\r20%"), "progress bar"),
    (c.executed, lambda nb: nb.cells[PLAIN].outputs.append(new_output(
        "display_data", {"application/vnd.jupyter.widget-view+json": {}})), "progress bar or a widget"),
    (c.executed, stream("<object at 0x7f3a2b4c5d6e>"), "memory address"),
    (c.opening, replaced(TITLE, "# A lecture", "A lecture"), "# Title"),
    (c.opening, lambda nb: nb.cells.insert(0, nb.cells.pop(INSTALL)), "must be Markdown"),
    (c.opening, replaced(TITLE, "lecture.ipynb", "other.ipynb"), "badge"),
    (c.opening, replaced(TITLE, "/blob/main", "/blob/master"), "badge"),
    (c.opening, replaced(TITLE, "../../img", "../img"), "badge"),
    (c.opening, replaced(TITLE, "google.com/github/", "google.com/github/x"), "badge"),
    (c.opening, replaced(INSTALL, "-q", "-q -U"), "exactly"),
    (c.opening, replaced(INSTALL, "git+https://github.com/", "git+https://github.com/x"), "exactly"),
    (c.opening, without(INSTALL), "exactly"),
    (c.sections, text("# Another title"), "exactly one heading of level 1"),
    (c.sections, text("#### Deep"), "leave out no level"),
    (c.sections, without(REMEMBER), "sections must be"),
    (c.sections, lambda nb: nb.cells.insert(SECOND, nb.cells.pop(TRY)), "sections must be"),
    (c.sections, replaced(SECOND, "## Second", "### Second"), "sections must be"),
    (c.sections, replaced(QUESTION_CELL, "## Question", "```\n## Question\n```"), "sections must be"),
    (c.sections, replaced(QUESTION_CELL, "learn?", "learn."), "question mark"),
    (c.sections, replaced(QUESTION_CELL, "learn?", "learn?\n\nAnd why?"), "one paragraph"),
    (c.sections, replaced(SHORT, "≈0.87", "well"), "figure"),
    (c.sections, replaced(REMEMBER, "- It does.", "- It does.\n" * 5), "6 points"),
    (c.sections, replaced(SOURCES, "\n\n- [A paper](https://arxiv.org/abs/1412.6980), 2014", ""), "empty"),
    (c.sections, replaced(SOURCES, "[A paper](https://arxiv.org/abs/1412.6980)", "A paper"), "no link"),
    (c.budget, lambda nb: nb.cells.__delitem__(slice(PLAIN, PLAIN + 1)), "11 code cells"),
    (c.budget, lambda nb: nb.cells.extend(nb.cells[PLAIN] for _ in range(14)), "26 code cells"),
    (c.budget, code("a = 1\n" * 26), "26 lines"),
    (c.budget, code(f"a = '{'x' * 83}'"), "89 characters"),
    (c.budget, stream("x" * 1_000_000), "bytes"),
    (c.predict, replaced(FIRST, "**Predict.**", "Predict."), "Predict"),
    (c.quiz, without(QUIZ_CELL), "0 cells call"),
    (c.quiz, code("display_quiz([])"), "2 cells call"),
    (c.quiz, lambda nb: nb.cells.insert(PLAIN, nb.cells.pop(QUIZ_CELL)), "not in the section Quiz"),
    (c.quiz, replaced(QUIZ_CELL, "display_quiz(quiz)", "display_quiz('quiz.json')"), "a list of"),
    (c.quiz, replaced(QUIZ_CELL, "display_quiz(quiz)", "display_quiz(other)"), "literal list"),
    (c.quiz, replaced(QUIZ_CELL, "display_quiz(quiz)", "display_quiz([{}])"), "3 to 5"),
    (c.quiz, question(type="essay"), "does not know"),
    (c.quiz, question(question=" "), "no text"),
    (c.quiz, question(answers=QUESTION["answers"][:1]), "right and a wrong"),
    (c.quiz, question(answers=QUESTION["answers"][1:]), "0 right answers"),
    (c.quiz, question(answers=wrong(*QUESTION["answers"])), "2 right answers"),
    (c.quiz, question(answers=wrong({"answer": "Two", "correct": False})), "no feedback"),
    (c.quiz, question(answers=wrong({"answer": "Two", "correct": False, "feedback": " "})), "no feedback"),
    (c.quiz, question(answers=wrong({"answer": "", "correct": False, "feedback": "No."})), "answer without text"),
    (c.tags, metadata(PLAIN, tags=["hide_input"]), "hide_input"),
    (c.tags, metadata(PLAIN, tags=["raises-exception"]), "raises-exception"),
    (c.tags, metadata(PLAIN, tags=["nbval-skip"]), "nbval-skip"),
    (c.tags, metadata(PLAIN, tags=["nbval-ignore-output"]), "use ≈ instead"),
    (c.tags, metadata(QUIZ_CELL, tags=[]), "ids are random"),
    (c.tags, code("# NBVAL_IGNORE_OUTPUT\nvalue = 0"), "hides its output"),
    (c.tags, code("if True:\n    # NBVAL_SKIP\n    value = 0"), "hides its output"),
    (c.images, metadata(FIGURE, mystnb={}), "shows a picture"),
    (c.images, metadata(FIGURE, mystnb={"image": {"alt": "A line"}}), "shows a picture"),
    (c.images, metadata(FIGURE, mystnb={"image": {"alt": " " * 30}}), "shows a picture"),
    (c.images, metadata(FIGURE, mystnb={"image": {"alt": 20}}), "shows a picture"),
    (c.images, undo_image, "stores no picture"),
    (c.images, chart({"image/png": PNG}), "one chart and its still"),
    (c.images, lambda nb: (undo_image(nb), chart({})(nb)), "one chart and its still"),
    (c.images, text("![](../../img/colab-badge.svg)"), "without alt text"),
    (c.marks, stream("loss ≈nan"), "≈nan"),
    (c.marks, stream("loss ≈ 0.3"), "≈ 0.3"),
    (c.marks, stream("loss ≈.3"), "≈.3"),
    (c.marks, html("<b>≈</b>0.3"), "≈</b>"),
    (c.marks, stream("≈0.3 ± nan"), "± nan"),
    (c.marks, stream("≈0.3±0.1"), "±0.1"),
    (c.claims, replaced(CLAIM_CELL, "accuracy > 0.5", "True"), "literal for holds"),
    (c.claims, replaced(CLAIM_CELL, "accuracy > 0.5", "not 0 < 1"), "literal for holds"),
    (c.claims, replaced(CLAIM_CELL, "accuracy > 0.5", "bool(len('abc'))"), "literal for holds"),
    (c.claims, replaced(CLAIM_CELL, "measure()\n", "0.9\n"), "literal for holds"),
    (c.claims, replaced(CLAIM_CELL, "holds=accuracy > 0.5, ", ""), "literal for holds"),
    (c.claims, replaced(CLAIM_CELL, '"mlp-example"', "name"), "literal text"),
    (c.claims, replaced(CLAIM_CELL, '"mlp-example"', 'f"mlp-{name}"'), "literal text"),
    (c.claims, replaced(CLAIM_CELL, "mlp-example", "mlp-other"), "stored claims are"),
    (c.claims, record(None), "stored claims are"),
    (c.claims, record("{"), "not JSON"),
    (c.claims, record(json.dumps(RECORD | {"verdict": "sure"})), "verdict"),
    (c.claims, without(CLAIM_CELL), "no claim"),
    (c.claims, claiming("cnn-conv"), "belongs to chapter 4"),
    (c.links, text("[x](missing.md)"), "not there"),
    (c.links, text("![a picture](missing.png)"), "not there"),
    (c.links, text("[x](index.md#nothing)"), "no such heading"),
    (c.links, text("[x](#nothing)"), "no such heading"),
    (c.links, text("[x](lecture.ipynb#Second)"), "no such heading"),
    (c.links, text("[x](/chapters/02_mlp/index.md)"), "relative"),
    (c.links, text("[x](ftp://example.org)"), "use https"),
    (c.links, text("[x](../../../outside)"), "not there"),
    (c.local_paths, stream("/home/somebody/data.npz"), "local path"),
    (c.local_paths, stream("read '/tmp/ipykernel_1/2.py'"), "local path"),
    (c.local_paths, code("path = 'C:\\\\Users\\\\x'".replace("\\\\", "\\")), "local path"),
    (c.local_paths, text("file:///x"), "local path"),
    (c.local_paths, html("<a href='/root/x'>"), "local path"),
    (c.commonmark, text("```{note}\nRead.\n```"), "directive"),
    (c.commonmark, text("See {ref}`there`."), "role"),
    (c.commonmark, text(":::{note}\nRead.\n:::"), "not CommonMark"),
    (c.commonmark, text("(label)="), "not CommonMark"),
    (c.commonmark, text("[^1]: A footnote"), "not CommonMark"),
    (c.commonmark, text("\\begin{align}\na\n\\end{align}"), "outside dollars"),
    (c.commonmark, text('<img src="x.png">'), "raw HTML"),
    (c.commonmark, text("A <span>word</span>."), "raw HTML"),
    (c.commonmark, text("<details onclick='x()'>a</details>"), "raw HTML"),
    (c.commonmark, text("<!-- note -->"), "raw HTML"),
    (c.commonmark, lambda nb: nb.cells.append(nbformat.v4.new_raw_cell("x")), "raw cell"),
    (c.paragraphs, text("word " * 91), "91 words"),
    (c.paragraphs, text("- " + "word " * 91), "91 words"),
    (c.paragraphs, text("word\n" * 91), "91 words"),
    (c.paragraphs, text("<details>" + "word " * 91 + "</details>"), "91 words"),
    (c.offline, code("%pip install torch==2.0"), "magic"),
    (c.offline, code("!wget x"), "magic"),
    (c.offline, code("%%bash\nls"), "magic"),
    (c.offline, code("# first: pip install numpy"), "installs"),
    (c.offline, code("import urllib.request"), "imports urllib.request"),
    (c.offline, code("from requests import get"), "imports requests"),
    (c.offline, code("torch.hub.load('a', 'b')"), "torch.hub"),
    (c.offline, code("import os\nos.system('curl x')"), "os.system"),
    (c.offline, code("sklearn.datasets.fetch_openml('x')"), "fetch_openml"),
    (c.offline, code("pd.read_csv('https://example.org/x.csv')"), "read_csv"),
    (c.offline, html('<script src="https://example.org/x.js"></script>'), "loads from the network"),
    (c.offline, html("import('https://example.org/x.js')", "application/javascript"), "script that loads"),
    (c.semicolons, code("plt.plot([1]);"), "ends with ';'"),
    (c.semicolons, code("plt.plot([1]);  # hidden\nvalue = 0"), "ends with ';'"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("check", "mutate", "problem"),
    [pytest.param(*mutation, id=f"{mutation[0].__name__}-{number}") for number, mutation in enumerate(MUTATIONS)],
)
def test_check_notices(
    lecture: Path, check: Callable[[NotebookNode, Path], list[str]], mutate: Mutation, problem: str
) -> None:
    notebook = contract.load(lecture)
    mutate(notebook)
    save(notebook, lecture)
    problems = check(contract.load(lecture), lecture)
    assert any(problem in found for found in problems), problems


@pytest.mark.parametrize(
    ("mutate", "problem"),
    [
        (lambda path: path.rename(path.with_name("My lecture.ipynb")), "lower case"),
        (lambda path: (path.parent / "index.md").unlink() or path, "no index.md"),
        (lambda path: path.rename(path.with_name("other.ipynb")), "not in _toc.yml"),
    ],
)
def test_listed_notices(lecture: Path, mutate: Callable[[Path], Path], problem: str) -> None:
    path = mutate(lecture)
    assert any(problem in found for found in contract.listed(contract.load(path), path))


def test_form_notices_another_layout_of_the_file(lecture: Path) -> None:
    lecture.write_text(json.dumps(json.loads(lecture.read_text(encoding="utf-8"))), encoding="utf-8")
    assert "as nbformat writes it" in contract.form(contract.load(lecture), lecture)[0]


def test_every_check_is_shown_to_fail() -> None:
    assert {check for check, *_ in MUTATIONS} | {contract.listed} == set(contract.CHECKS)


@pytest.mark.parametrize(
    "mutate",
    [
        text(
            "[x](lecture.ipynb#second), [y](#a-part), [z](mailto:a@example.org) and [two](https://example.org/home/x)"
        ),
        text("```python\n# Another title\n<b>{ref}`x`</b>\n```"),
        text("A set $\\{a, b\\}$ and `code {x}`; a path like ~/data and https://example.org/tmp/x."),
        text("word " * 90),
        code("threshold = 0.5\nassert threshold < 1; value = 0"),
        code("text = 'a;'\nvalue = 0"),
        code("print('https://example.org')\nvalue = {'a': 1}.get('a')"),
        stream("≈-1.5e-05, ≈12,345 ± 1,234 and ≈3×, 2 ± 1"),
        question(type="many_choice", answers=wrong(*QUESTION["answers"])),
        question(
            type="numeric",
            answers=[{"type": "value", "value": 3, "correct": True}, {"type": "default", "feedback": "Count again."}],
        ),
        claiming("mlp-descent"),
        claiming("my-own-claim"),
    ],
)
def test_checks_accept_what_is_allowed(lecture: Path, mutate: Mutation) -> None:
    notebook = contract.load(lecture)
    mutate(notebook)
    save(notebook, lecture)
    problems = [problem for check in contract.CHECKS for problem in check(contract.load(lecture), lecture)]
    assert problems == []


def test_an_animation_may_be_ignored(lecture: Path) -> None:
    notebook = contract.load(lecture)
    code("HTML(animation.to_jshtml())")(notebook)
    metadata(PLAIN, tags=[contract.IGNORE])(notebook)
    assert contract.tags(notebook, lecture) == []


# The checks of an assignment


@pytest.fixture
def assignment_copy(tmp_path: Path) -> Path:
    """An assignment of the book, in a copy of what it needs."""
    name = "chapters/09_assignments/mlp.ipynb"
    for file in ("_config.yml", "_toc.yml", name):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, tmp_path / file)
    (tmp_path / name).with_name("index.md").touch()
    return tmp_path / name


TASK, ANSWER, CHECK = (f"q1-{part}" for part in ("task", "answer", "check"))


def edited(id: str, old: str, new: str) -> Mutation:
    """A mutation that replaces ``old`` in the cell with this id."""

    def mutate(notebook: NotebookNode) -> None:
        cell = next(cell for cell in notebook.cells if cell.id == id)
        assert old in cell.source
        cell.source = cell.source.replace(old, new)

    return mutate


def dropped(id: str) -> Mutation:
    """A mutation that removes the cell with this id."""
    return lambda notebook: notebook.update(cells=[cell for cell in notebook.cells if cell.id != id])


@pytest.mark.parametrize(
    ("check", "mutate", "problem"),
    [
        (c.blank, lambda nb: nb.update(nbformat_minor=4), "4.5"),
        (c.blank, lambda nb: nb.cells[2].update(id="title"), "unique"),
        (c.blank, lambda nb: nb.metadata.update(otter={}), "metadata"),
        (c.blank, lambda nb: nb.cells[-2].update(execution_count=1), "was run"),
        (c.blank, lambda nb: nb.cells[-2].outputs.append(new_output("stream", text="x")), "was run"),
        (c.blank, edited(ANSWER, "...", "...\n" * 30), "too large"),
        (c.questions, dropped(CHECK), "q1, q2"),
        (c.questions, edited(CHECK, "q1", "q2"), "q1, q2"),
        (c.questions, edited(CHECK, "q1", 'q1")\ngrader.check("q1'), "q1, q2"),
        (c.questions, edited(ANSWER, "...", "None"), "no blank"),
        (c.questions, dropped(ANSWER), "no blank"),
        (c.questions, edited(TASK, "## 1 ", "## "), "must stand the task"),
        (c.questions, edited(TASK, "Stronger hint", "Hint"), "Stronger hint"),
        (c.questions, edited("imports", 'Grader("mlp")', 'Grader("cnn")'), "must make Grader('mlp')"),
        (c.questions, edited("imports", 'grader = Grader("mlp")', ""), "must make Grader('mlp')"),
        (c.questions, edited("all", "check_all", "check"), "check_all"),
        (c.questions, edited("solutions", "## Solutions", "## Answers"), "## Solutions"),
        (c.questions, edited("solutions", "<details>", ""), "a fold for each"),
        (c.opening, edited("title", "mlp.ipynb", "cnn.ipynb"), "badge"),
        (c.opening, edited("install", "-q", "-q otter-grader"), "exactly"),
        (c.offline, edited("data", "data = ", "import requests\ndata = "), "imports requests"),
        (c.listed, lambda nb: None, "not in _toc.yml"),
    ],
)
def test_assignment_check_notices(
    assignment_copy: Path, check: Callable[[NotebookNode, Path], list[str]], mutate: Mutation, problem: str
) -> None:
    notebook = contract.load(assignment_copy)
    assert check(notebook, assignment_copy) == []
    mutate(notebook)
    if check is c.listed:
        (assignment_copy.parents[2] / "_toc.yml").write_text("", encoding="utf-8")
    problems = check(notebook, assignment_copy)
    assert any(problem in found for found in problems), problems


def test_across_notices_an_id_that_stands_twice(lecture: Path) -> None:
    twin = shutil.copy(lecture, lecture.with_name("twin.ipynb"))
    assert contract.across([lecture]) == []
    assert "mlp-example is stored twice" in contract.across([lecture, twin])[0]


def test_repository_size_counts_what_git_would_take(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / ".gitignore").write_text("ignored\n", encoding="utf-8")
    (tmp_path / "ignored").write_bytes(bytes(200))
    assert contract.repository_size(tmp_path, limit=100) == []
    (tmp_path / "large").write_bytes(bytes(200))
    assert "large (200)" in contract.repository_size(tmp_path, limit=100)[0]


def test_library_size_notices(tmp_path: Path) -> None:
    assert contract.library_size(tmp_path)
    for number in range(6):
        (tmp_path / f"module{number}.py").write_text("a = 1\n" * 200, encoding="utf-8")
    assert contract.library_size(tmp_path) == []
    (tmp_path / "module6.py").write_text("a = 1\n", encoding="utf-8")
    assert "1201 lines" in contract.library_size(tmp_path)[0]
    (tmp_path / "module6.py").write_text("a = 1\n" * 201, encoding="utf-8")
    assert "module6.py has 201 lines" in contract.library_size(tmp_path)[0]


def test_no_notebook_fails(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "tests/test_notebooks.py", "-k", "there_is"]
    command += ["--notebooks", tmp_path]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert "no notebook in" in answer.stdout
