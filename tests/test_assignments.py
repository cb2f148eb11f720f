"""Assignments: the solution passes, the blank and wrong answers are told what is wrong, other right answers pass."""

import importlib
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from chosen import ROOT
from IPython.core.inputtransformer2 import TransformerManager
from nbclient import NotebookClient
from tools import assign, run
from torch import Tensor, nn

from dlmeasured.assignments import Grader, Verdict, problem, replaced
from dlmeasured.elsewhere import DeviceError, Elsewhere, MixedDevicesError, mark

NAMES = [path.stem for path in assign.sources()]


def table(name: str) -> ModuleType:
    """The table of answers to an assignment; an empty one where there is none yet."""
    if (ROOT / f"tests/assignments/{name}.py").is_file():
        return importlib.import_module(f"assignments.{name}")
    empty = ModuleType(name)
    empty.WRONG, empty.RIGHT = [], []
    return empty


TABLES = {name: table(name) for name in NAMES}
SOLUTIONS = {
    name: {
        question: solution
        for question, _, solution in assign.questions(nbformat.read(assign.CHAPTER / f"source/{name}.ipynb", 4))
    }
    for name in NAMES
}
QUESTIONS = [(name, question) for name in NAMES for question in SOLUTIONS[name]]
WRONG = [pytest.param(name, *row, id=f"{row[0]}-{i}") for name in NAMES for i, row in enumerate(TABLES[name].WRONG)]
RIGHT = [pytest.param(name, *row, id=f"{row[0]}-{i}") for name in NAMES for i, row in enumerate(TABLES[name].RIGHT)]


def notebook(name: str) -> nbformat.NotebookNode:
    """The student's notebook."""
    return nbformat.read(assign.CHAPTER / f"{name}.ipynb", as_version=4)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All assignments, made anew in a temporary folder."""
    out = tmp_path_factory.mktemp("assignments")
    for path in assign.sources():
        assign.assign(path, out)
    return out


@pytest.fixture(scope="module")
def opening() -> Callable[[str], dict]:
    """What the cells of a notebook before its first question define, for an assignment."""
    ready: dict[str, dict] = {}

    def names(name: str) -> dict:
        if name not in ready:
            ready[name] = {}
            for cell in notebook(name).cells:
                if cell.id.endswith("-answer"):
                    break
                if cell.cell_type == "code" and "%pip" not in cell.source:
                    exec(TransformerManager().transform_cell(cell.source), ready[name])
            plt.close("all")
        return dict(ready[name])

    return names


@pytest.fixture
def verdict(made: Path, opening: Callable[[str], dict]) -> Callable[..., str | None]:
    """What the tests of a question say to a cell, public ones or all; the other questions are left blank."""

    def ask(name: str, question: str, source: str, kind: str = "checks") -> str | None:
        names = opening(name)
        exec(compile(source, "<cell>", "exec"), names)
        return problem(made / kind / name / f"{question}.py", names)

    return ask


def changed(name: str, question: str, old: str, new: str) -> str:
    """The solution with a part of it replaced."""
    solution = SOLUTIONS[name][question]
    assert old in solution, f"the solution of {question} has no {old!r}"
    return solution.replace(old, new, 1)


def files(folder: Path) -> dict[str, bytes]:
    """The files below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# In step


def test_there_is_an_assignment() -> None:
    assert NAMES


@pytest.mark.parametrize("name", NAMES)
def test_there_is_a_table_of_answers(name: str) -> None:
    assert TABLES[name].WRONG, f"write tests/assignments/{name}.py: a table of wrong and right answers"
    assert TABLES[name].RIGHT, f"tests/assignments/{name}.py has no right answer that differs from the solution"


def test_without_a_table_the_tests_can_be_collected() -> None:
    assert (table("none").WRONG, table("none").RIGHT) == ([], [])


def test_made_anew_they_are_what_is_there(made: Path) -> None:
    for name in NAMES:
        there = (assign.CHAPTER / f"{name}.ipynb").read_text(encoding="utf-8")
        assert (made / f"{name}.ipynb").read_text(encoding="utf-8") == there, "run: make assign"
    assert {path.stem for path in assign.CHAPTER.glob("*.ipynb")} == set(NAMES), "run: make assign"
    kept = {path: text for path, text in files(assign.CHAPTER / "checks").items() if path.endswith(".py")}
    assert files(made / "checks") == kept, "run: make assign"


def test_made_twice_they_are_the_same(made: Path, tmp_path: Path) -> None:
    for path in assign.sources():
        assign.assign(path, tmp_path)
    first, second = (
        {name: text for name, text in files(out).items() if ".zip" not in name} for out in (made, tmp_path)
    )
    assert first == second


def shown(notebook: str) -> list[str]:
    """What stands in a notebook of the tests of its source."""
    return [part for part in ("# HIDDEN", "hidden=True", "def test_", "@test_case") if part in notebook]


def test_hidden_tests_stay_hidden(made: Path) -> None:
    for name, question in QUESTIONS:
        public, hidden = ((made / kind / name / f"{question}.py").read_text() for kind in ("checks", "autograder"))
        assert "hidden=True" in hidden, f"{name} {question} has no hidden test"
        assert "hidden=True" not in public
        assert 1 == public.count("@test_case") < hidden.count("@test_case")
    for name in NAMES:
        assert not shown((assign.CHAPTER / f"{name}.ipynb").read_text(encoding="utf-8"))
        source = nbformat.read(assign.CHAPTER / f"source/{name}.ipynb", as_version=4)
        for cell in source.cells:
            if cell.source.startswith(("def test_", "# HIDDEN")):
                damaged = notebook(name)
                damaged.cells.append(cell)
                assert shown(nbformat.writes(damaged)), cell.id


def without_name(source: nbformat.NotebookNode) -> None:
    next(cell for cell in source.cells if cell.source.startswith("# BEGIN QUESTION")).source = "# BEGIN QUESTION"


def in_two_cells(source: nbformat.NotebookNode) -> None:
    begin = next(index for index, cell in enumerate(source.cells) if cell.source == "# BEGIN SOLUTION")
    source.cells.insert(begin + 1, nbformat.v4.new_code_cell("more = 1"))


def without_solutions(source: nbformat.NotebookNode) -> None:
    source.cells[-1].source = "## The end"


@pytest.mark.parametrize(
    ("mutate", "says"),
    [
        (without_name, "cell q1-begin has no line with the question's name"),
        (in_two_cells, "the solution of q1 has more than one cell"),
        (without_solutions, "the last cell must begin with '## Solutions'"),
    ],
)
def test_a_source_that_cannot_be_used_is_told_why(mutate: Callable, says: str, tmp_path: Path) -> None:
    source = nbformat.read(assign.CHAPTER / "source/mlp.ipynb", as_version=4)
    mutate(source)
    (tmp_path / "source").mkdir()
    nbformat.write(source, tmp_path / "source/mlp.ipynb")
    (tmp_path / "mlp.ipynb").touch()
    with pytest.raises(SystemExit, match=f"mlp.ipynb: {says}"):
        assign.main(tmp_path, tmp_path / "build")
    assert (tmp_path / "mlp.ipynb").read_text() == "", "nothing may be written before all is well"


def test_what_was_made_of_a_source_that_has_gone_goes_too(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    shutil.copy(assign.CHAPTER / "source/mlp.ipynb", tmp_path / "source")
    (tmp_path / "checks/old").mkdir(parents=True)
    (tmp_path / "old.ipynb").touch()
    (tmp_path / "index.md").touch()
    assign.main(tmp_path, tmp_path / "build")
    assert {path.name for path in tmp_path.iterdir()} == {"build", "checks", "index.md", "mlp.ipynb", "source"}
    assert [path.name for path in (tmp_path / "checks").iterdir()] == ["mlp"]
    assert [path.name for path in (tmp_path / "build").iterdir()] == ["mlp-autograder.zip"]


def test_assignments_are_not_run() -> None:
    assert assign.CHAPTER.name == run.ASSIGNMENTS
    assert not [path for path in run.notebooks([str(ROOT / "chapters")]) if assign.CHAPTER in path.parents]
    with pytest.raises(SystemExit, match="has blanks to fill"):
        run.notebooks([str(assign.CHAPTER / "mlp.ipynb")])


# Answers


@pytest.mark.parametrize(("name", "question"), QUESTIONS)
def test_the_solution_passes(name: str, question: str, verdict: Callable) -> None:
    assert verdict(name, question, SOLUTIONS[name][question], "autograder") is None


@pytest.mark.parametrize(("name", "question"), QUESTIONS)
def test_the_blank_fails_with_a_friendly_message(name: str, question: str, verdict: Callable) -> None:
    blank = next(cell.source for cell in notebook(name).cells if cell.id == f"{question}-answer")
    assert "..." in blank
    for cell in (blank, ""):
        message = verdict(name, question, cell)
        assert message
        assert "stops with" not in message


@pytest.mark.parametrize(("name", "question", "old", "new", "says"), WRONG)
def test_a_wrong_answer_is_told_what_is_wrong(
    name: str, question: str, old: str, new: str, says: str, verdict: Callable
) -> None:
    message = verdict(name, question, changed(name, question, old, new))
    assert message
    assert re.search(says, message), message
    assert "stops with" in says or "stops with" not in message, message


@pytest.mark.parametrize(("name", "question", "old", "new"), RIGHT)
def test_another_right_answer_passes(name: str, question: str, old: str, new: str, verdict: Callable) -> None:
    assert verdict(name, question, changed(name, question, old, new), "autograder") is None


@pytest.mark.parametrize(("name", "question"), QUESTIONS)
def test_every_hidden_test_can_fail(name: str, question: str, made: Path, tmp_path: Path, opening: Callable) -> None:
    head, *tests = re.split(r"^(?=@test_case)", (made / f"autograder/{name}/{question}.py").read_text(), flags=re.M)
    wrong = [changed(name, *row[:3]) for row in TABLES[name].WRONG if row[0] == question]
    assert wrong, f"tests/assignments/{name}.py has no wrong answer to {question}"
    for test in tests:
        (tmp_path / "one.py").write_text(head + test)
        failed = 0
        for source in wrong:
            names = opening(name)
            exec(source, names)
            failed += problem(tmp_path / "one.py", names) is not None
        assert failed > len(wrong) / 2, f"{failed} of {len(wrong)} wrong answers fail: {test.splitlines()[1]}"


# In a kernel


def filled(name: str) -> nbformat.NotebookNode:
    """The student's notebook with the solutions filled in."""
    found = notebook(name)
    for cell in found.cells:
        if cell.id.endswith("-answer"):
            cell.source = SOLUTIONS[name][cell.id.removesuffix("-answer")]
    return found


def execute(found: nbformat.NotebookNode, path: Path) -> dict[str, str]:
    """Write a notebook, run it where it lies, and return what each cell printed or showed as text."""
    nbformat.write(found, path)
    NotebookClient(found, timeout=120, resources={"metadata": {"path": path.parent}}).execute()
    return {
        cell.id: "".join(output.get("text", "") or output.get("data", {}).get("text/plain", "") for output in outputs)
        for cell in found.cells
        if (outputs := cell.get("outputs"))
    }


def check_texts(name: str, texts: dict[str, str]) -> None:
    """Every check passes."""
    for question in SOLUTIONS[name]:
        assert texts[f"{question}-check"] == f"✓ {question}: passed"
    count = len(SOLUTIONS[name])
    assert texts["all"].startswith(f"✓ {count} of {count} questions passed")


@pytest.mark.parametrize("name", NAMES)
def test_from_an_empty_folder_it_works_to_the_end(name: str, tmp_path: Path) -> None:
    texts = execute(filled(name), tmp_path / f"{name}.ipynb")
    check_texts(name, texts)
    for cell, (figure, least) in getattr(TABLES[name], "REACHES", {}).items():
        assert float(re.findall(figure, texts[cell])[-1]) > least
    assert [path.name for path in tmp_path.iterdir()] == [f"{name}.ipynb"]


OFFLINE = """
import socket
def refuse(*_, **__):
    raise OSError("the network is off")
socket.getaddrinfo = socket.create_connection = socket.socket.connect = refuse
"""


@pytest.mark.parametrize("name", NAMES)
def test_a_copy_in_colab_works(name: str, wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after the first cell in Colab: the installed package alone, no otter-grader, no clone, no network."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    for file, text in {
        "google/colab/__init__.py": "",
        "otter.py": "raise ImportError('not in Colab')",
        "sitecustomize.py": OFFLINE,
    }.items():
        (tmp_path / "site" / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "site" / file).write_text(text)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    found = filled(name)
    probe = """
import google.colab, urllib.request
print(dlmeasured.__file__)
for attempt in (lambda: urllib.request.urlopen("https://example.org"), lambda: __import__("otter")):
    try:
        attempt()
    except (OSError, ImportError) as problem:
        print(problem)"""
    found.cells.append(nbformat.v4.new_code_cell(probe, id="probe"))
    (tmp_path / "content").mkdir()
    texts = execute(found, tmp_path / "content" / f"Copy of {name}.ipynb")
    check_texts(name, texts)
    assert str(tmp_path / "site") in texts["probe"]
    assert "the network is off" in texts["probe"]
    assert "not in Colab" in texts["probe"]


# otter-grader itself


@pytest.mark.parametrize("name", NAMES)
def test_otter_itself_agrees(name: str, opening: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import otter

    monkeypatch.chdir(tmp_path)  # it keeps a log there
    grader = otter.Notebook(tests_dir=str(assign.CHAPTER / "checks" / name))
    for question, solution in SOLUTIONS[name].items():
        names = opening(name)
        exec(solution, names)
        assert grader.check(question, names).passed_all, question
    for question, old, new, says in TABLES[name].WRONG:
        if "stops with" in says:  # our own words
            continue
        names = opening(name)
        exec(changed(name, question, old, new), names)
        result = grader.check(question, names)
        assert not result.passed_all
        assert re.search(says, repr(result)), repr(result)


@pytest.mark.parametrize("name", NAMES)
def test_the_autograder_for_teachers_grades(name: str, made: Path, tmp_path: Path) -> None:
    found = filled(name)
    for cell in found.cells:
        if cell.id == "q1-answer":
            cell.source = next(cell.source for cell in notebook(name).cells if cell.id == "q1-answer")
    nbformat.write(found, tmp_path / "submission.ipynb")
    command = [Path(sys.executable).with_name("otter"), "run", "--no-logo", "-a"]
    command += [made / f"autograder/{name}-autograder.zip", "-o", tmp_path, tmp_path / "submission.ipynb"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    tests = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))["tests"]
    scores = {test["name"].split(" ")[0]: test.get("score") for test in tests}
    assert scores["q1"] == 0
    assert all(scores[question] == 1 for question in SOLUTIONS[name] if question != "q1")


# What the checks are made of


def grade(tmp_path: Path, test: str, **names: object) -> str | None:
    """What a test file with one test says."""
    path = tmp_path / "q1.py"
    path.write_text(f"from otter.test_files import test_case\nname = 'q1'\n@test_case(points=None)\n{test}")
    return problem(path, names)


def test_a_test_gets_the_names_that_it_asks_for(tmp_path: Path) -> None:
    test = "def test(env, there, missing):\n    assert (env['there'], there, missing) == (1, 1, None), 'no'"
    assert grade(tmp_path, test, there=1) is None
    assert grade(tmp_path, test, there=2) == "no"
    assert grade(tmp_path, "def test_it(there):\n    assert there == 1", there=2) == "`test_it` fails."


def test_an_error_in_the_students_code_is_placed(tmp_path: Path) -> None:
    names: dict = {}
    exec("def answer():\n    assert False, 'own'\n", names)
    message = grade(tmp_path, "def test(answer):\n    answer()", **names)
    assert message == (
        "The check stops with `AssertionError: own`: is the line with `def` or `class` still as it was given?"
    )
    path = tmp_path / "q1.py"
    assert problem(path, names) == "Your code stops with `AssertionError: own` in `answer`."
    (tmp_path / "cell.py").write_text("def answer():\n    return 1 / 0\n")
    exec(compile((tmp_path / "cell.py").read_text(), str(tmp_path / "cell.py"), "exec"), names)
    assert problem(path, names).endswith("ZeroDivisionError: division by zero` in `answer`, at `return 1 / 0`.")
    exec("def answer():\n    raise ValueError('`a` or `b`')\n", names)
    assert problem(path, names) == "Your code stops with `ValueError: 'a' or 'b'` in `answer`."


def test_a_check_leaves_the_random_numbers_alone(tmp_path: Path) -> None:
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    grade(tmp_path, "def test():\n    import torch\n    torch.rand(5)")
    assert torch.equal(torch.rand(1), expected)


def test_verdicts_in_text_and_html() -> None:
    one = Verdict({"q1": "`a < b` & more"})
    assert repr(one) == "✗ q1: not yet\n`a < b` & more"
    assert "<code>a &lt; b</code> &amp; more" in one._repr_html_()
    assert not one.passed
    assert not Verdict({"q1": ""}).passed
    both = Verdict({"q1": None, "q2": "No."})
    assert repr(both) == "✗ 1 of 2 questions passed\nq1: passed\nq2: No."
    assert Verdict({"q1": None}).passed
    assert repr(Verdict({"q1": None})) == "✓ q1: passed"


def test_what_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match=r"'none' is no assignment .*'mlp'"):
        Grader("none")
    with pytest.raises(ValueError, match="'q9' is no question here; those are q1, q2"):
        Grader("mlp").check("q9")


def test_names_are_put_back() -> None:
    names = {"a": 1}
    with replaced(names, a=2, b=3):
        assert names == {"a": 2, "b": 3}
    assert names == {"a": 1}


AWAY = Elsewhere.DEVICE


def trained(optimizer: type[torch.optim.Optimizer], where: torch.device) -> list[Tensor]:
    """The parameters after two steps on a device."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 5), nn.BatchNorm1d(5), nn.ReLU(), nn.Linear(5, 3)).to(where)
    x, y = torch.randn(4, 6).to(where), torch.tensor([0, 1, 2, 1], device=where)
    steps = optimizer(model.parameters(), lr=0.1)
    for _ in range(2):
        steps.zero_grad()
        F.cross_entropy(model(x), y).backward()
        steps.step()
    assert all(parameter.device == where for parameter in model.parameters())
    return list(model.parameters())


@pytest.mark.parametrize("optimizer", [torch.optim.SGD, torch.optim.Adam])
def test_elsewhere_computes_as_here(optimizer: type[torch.optim.Optimizer]) -> None:
    here = trained(optimizer, torch.device("cpu"))
    with Elsewhere():
        there = trained(optimizer, AWAY)
    assert all(torch.equal(one, two) for one, two in zip(here, there, strict=True))


@pytest.mark.parametrize(
    ("send", "device", "dtype"),
    [
        (lambda x: x.to(AWAY), AWAY, torch.float32),
        (lambda x: x.to(device=AWAY, dtype=torch.float64), AWAY, torch.float64),
        (lambda x: x.to(AWAY, torch.float64, non_blocking=True), AWAY, torch.float64),
        (lambda x: x.to(torch.float64), torch.device("cpu"), torch.float64),
        (lambda x: x.to(AWAY).cpu(), torch.device("cpu"), torch.float32),
        (lambda x: x.to(AWAY).to("cpu"), torch.device("cpu"), torch.float32),
        (lambda x: x.to(AWAY).double().relu()[:1], AWAY, torch.float64),
        (lambda x: x.to(x.to(AWAY)), AWAY, torch.float32),
        (lambda x: x.to(AWAY).to(x), torch.device("cpu"), torch.float32),
        (lambda x: x.to(AWAY) + torch.tensor(1.0), AWAY, torch.float32),
        (lambda x: x.to(AWAY)[torch.tensor([0])], AWAY, torch.float32),
        (lambda x: torch.ones(2, device=AWAY), AWAY, torch.float32),
        (lambda x: x.long().type_as(x.to(AWAY)), AWAY, torch.float32),
        (lambda x: x.to(AWAY).type_as(x), torch.device("cpu"), torch.float32),
        (lambda x: x[x.to(AWAY).sum().long() * 0], torch.device("cpu"), torch.float32),
        (lambda x: torch.empty(4, 6).copy_(x.to(AWAY)), torch.device("cpu"), torch.float32),
        (lambda x: nn.Linear(2, 2).to(AWAY).cpu().weight, torch.device("cpu"), torch.float32),
    ],
)
def test_elsewhere_keeps_count(send: Callable[[Tensor], Tensor], device: torch.device, dtype: torch.dtype) -> None:
    x = torch.randn(4, 6)
    with Elsewhere():
        found = send(x)
        assert (found.device, found.dtype) == (device, dtype)
        assert x.device == torch.device("cpu")


@pytest.mark.parametrize(
    "meet",
    [
        lambda layer, x, y: layer(x),
        lambda layer, x, y: F.cross_entropy(layer(x.to(AWAY)), y),
        lambda layer, x, y: x.to(AWAY) + x,
        lambda layer, x, y: layer(x.to(AWAY)).argmax(dim=1) == y,
        lambda layer, x, y: torch.stack([x, x.to(AWAY)]),
        lambda layer, x, y: x[y.to(AWAY)],
    ],
)
def test_elsewhere_notices_what_was_not_sent(meet: Callable) -> None:
    layer, x, y = nn.Linear(6, 3), torch.randn(4, 6), torch.tensor([0, 1, 2, 1])
    with Elsewhere(), pytest.raises(MixedDevicesError, match=r"different devices met in|indexed by one on another"):
        meet(mark(layer), x, y)


@pytest.mark.parametrize("name", [lambda x: x.cuda(), lambda x: x.to("cuda:0"), lambda x: x.to(torch.device("mps"))])
def test_elsewhere_notices_a_device_that_is_named_outright(name: Callable[[Tensor], Tensor]) -> None:
    with Elsewhere(), pytest.raises(DeviceError, match="named outright"):
        name(torch.ones(2))


@pytest.mark.parametrize("read", [lambda x: x.numpy(), np.asarray])
def test_elsewhere_notices_that_numpy_reads_it(read: Callable[[Tensor], object]) -> None:
    with Elsewhere(), pytest.raises(DeviceError, match="NumPy cannot read"):
        read(torch.ones(2).to(AWAY))


def test_elsewhere_notices_a_name_in_quotes() -> None:
    with Elsewhere(), pytest.raises(DeviceError, match="stands in quotes"):
        torch.ones(2).to("device")
