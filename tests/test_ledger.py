"""The stored claims are read right, and the ledger page shows them; what is wrong in a record stops the build."""

import json
import re
import subprocess
import sys
from pathlib import Path

import claim_records
import pytest

ROOT = Path(__file__).resolve().parents[1]
RECORD = {"id": "two-halves", "statement": "Two halves are one.", "measured": "1.0", "verdict": "confirmed"}


def notebook(path: Path, *values: object) -> Path:
    """Write a notebook with one claim in each code cell, stored under the claim's MIME type as given."""
    cells = [
        {
            "cell_type": "code",
            "id": f"cell-{i}",
            "execution_count": 1,
            "metadata": {},
            "source": "",
            "outputs": [
                {
                    "output_type": "display_data",
                    "metadata": {},
                    "data": {claim_records.MIME_TYPE: value, "text/html": '<div id="claim-two-halves">box</div>'},
                }
            ],
        }
        for i, value in enumerate(values)
    ]
    title = {"cell_type": "markdown", "id": "title", "metadata": {}, "source": "# A lecture"}
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [title, *cells]}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_a_record_is_read_whether_stored_as_text_or_as_lines(tmp_path: Path) -> None:
    text = json.dumps(RECORD, indent=1)
    path = notebook(tmp_path / "a.ipynb", text, text.splitlines(keepends=True))
    assert claim_records.records(path) == [RECORD, RECORD]


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        ("{", "not JSON"),
        (RECORD, "not JSON"),
        ("[]", "must hold id, statement, measured, verdict"),
        (json.dumps({key: RECORD[key] for key in ("id", "statement", "verdict")}), "must hold"),
        (json.dumps({**RECORD, "measured": 1.0}), "must hold"),
        (json.dumps({**RECORD, "measured": ""}), "must hold"),
        (json.dumps({**RECORD, "verdict": "plausible"}), "'plausible' must be one of confirmed, refined, refuted"),
    ],
)
def test_a_malformed_record_is_named_with_its_cell(tmp_path: Path, stored: object, message: str) -> None:
    path = notebook(tmp_path / "a.ipynb", json.dumps(RECORD), stored)
    with pytest.raises(claim_records.RecordError, match=re.escape(message)) as error:
        claim_records.records(path)
    assert f"{path}, cell 2" in str(error.value)


def test_an_id_in_two_notebooks_is_an_error_that_names_both(tmp_path: Path) -> None:
    paths = [notebook(tmp_path / name, json.dumps(RECORD)) for name in ("a.ipynb", "b.ipynb")]
    with pytest.raises(claim_records.RecordError, match=r"two-halves.*a\.ipynb.*b\.ipynb"):
        claim_records.collect(paths)


@pytest.mark.parametrize(
    "text",
    [
        "- {chapter: 1, title: A, claims: {a-b: One., a-b: Two.}}",
        "- {chapter: 1, title: A, claims: {a-b: One.}}\n- {chapter: 2, title: B, claims: {a-b: One.}}",
    ],
)
def test_an_id_that_stands_twice_in_the_list_is_an_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "claims.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(claim_records.RecordError, match="a-b stands"):
        claim_records.syllabus(path)


def test_the_list_holds_every_claim_of_the_syllabus() -> None:
    chapters = claim_records.syllabus(ROOT / "chapters/10_appendix/claims.yml")
    counts = {chapter.number: len(chapter.claims) for chapter in chapters}
    assert counts == {0: 6, 1: 12, 2: 14, 3: 38, 4: 25, 5: 15, 6: 18, 7: 16, 8: 19}
    for chapter in chapters:
        for id, statement in chapter.claims.items():
            assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", id)
            assert statement.endswith(".")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A book of one lecture, its ledger, and a page that shows its claim."""
    source = tmp_path / "book"
    chapter, appendix = source / "chapters/01_first", source / "chapters/10_appendix"
    chapter.mkdir(parents=True)
    appendix.mkdir()
    notebook(chapter / "lecture.ipynb", json.dumps(RECORD))
    (appendix / "claims.yml").write_text(
        "- {chapter: 1, title: First, claims: {two-halves: As planned., not-yet: Nobody knows.}}\n"
        "- {chapter: 2, title: Second, claims: {later-on: Nor this.}}\n",
        encoding="utf-8",
    )
    (appendix / "ledger.md").write_text("# Ledger\n\n```{ledger}\n```\n", encoding="utf-8")
    pages = "chapters/01_first/lecture\nchapters/10_appendix/ledger\n"
    (source / "index.md").write_text(
        f"# Start\n\n```{{claim}} two-halves\n```\n\n```{{toctree}}\n{pages}```\n", encoding="utf-8"
    )
    (source / "_toc.yml").touch()
    (source / "conf.py").write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT / '_ext')!r})\n"
        "extensions = ['myst_nb', 'dlm_ledger']\nnb_execution_mode = 'off'\nhtml_theme = 'basic'\n"
        "suppress_warnings = ['mystnb.unknown_mime_type']\n",
        encoding="utf-8",
    )
    return source


def built(source: Path) -> Path:
    """Where the pages go: outside the source, since myst-nb writes beside them."""
    return source.parent / "build/html"


def build(source: Path) -> subprocess.CompletedProcess[str]:
    """Build as the Makefile does, with warnings as errors."""
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", str(source), str(built(source))]
    return subprocess.run(command, capture_output=True, text=True)


def text(source: Path, page: str) -> str:
    """A built page without its tags."""
    html = (built(source) / page).read_text(encoding="utf-8")
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_ledger_shows_what_is_measured_and_what_is_open(book: Path) -> None:
    result = build(book)
    assert result.returncode == 0, result.stderr
    ledger = text(book, "chapters/10_appendix/ledger.html")
    assert "1 of 3 measured : 1 confirmed, 0 refined, 0 refuted." in ledger
    assert "confirmed Two halves are one. 1.0 two-halves" in ledger
    assert "As planned." not in ledger
    assert "Still open: 1 Nobody knows. not-yet" in ledger
    assert "Still open: 1 Nor this. later-on" in ledger
    html = (built(book) / "chapters/10_appendix/ledger.html").read_text(encoding="utf-8")
    assert 'href="../01_first/lecture.html#claim-two-halves"' in html
    assert "Two halves are one. 1.0 confirmed" in text(book, "index.html")
    assert "box" in text(book, "chapters/01_first/lecture.html")


def test_the_ledger_follows_notebooks_that_change_or_are_added(book: Path) -> None:
    assert build(book).returncode == 0
    extra = {**RECORD, "id": "of-our-own", "verdict": "refuted"}
    lecture = book / "chapters/01_first/lecture.ipynb"
    notebook(lecture, json.dumps({**RECORD, "measured": "0.99", "verdict": "refined"}), json.dumps(extra))
    elsewhere = book / "chapters/09_other"
    elsewhere.mkdir()
    notebook(elsewhere / "lecture.ipynb", json.dumps({**RECORD, "id": "far-away"}))
    with (book / "index.md").open("a", encoding="utf-8") as index:
        index.write("\n```{toctree}\nchapters/09_other/lecture\n```\n")
    assert build(book).returncode == 0
    ledger = text(book, "chapters/10_appendix/ledger.html")
    assert "9 · Beyond the syllabus" in ledger
    assert "confirmed Two halves are one. 1.0 far-away" in ledger
    assert "1 of 3 measured : 0 confirmed, 1 refined, 0 refuted. 2 more that lectures added." in ledger
    assert "refined Two halves are one. 0.99 two-halves" in ledger
    assert "refuted Two halves are one. 1.0 of-our-own" in ledger
    assert "0.99 refined" in text(book, "index.html")


def test_the_ledger_keeps_the_order_of_the_book(book: Path) -> None:
    names = ["zebra", "lecture", "ape"]
    for name in names:
        notebook(book / f"chapters/01_first/{name}.ipynb", json.dumps({**RECORD, "id": f"own-{name}"}))
    (book / "_toc.yml").write_text("".join(f"- file: chapters/01_first/{name}\n" for name in names), encoding="utf-8")
    (book / "index.md").write_text("# Start\n\n```{toctree}\n:glob:\nchapters/*/*\n```\n", encoding="utf-8")
    assert build(book).returncode == 0
    ledger = text(book, "chapters/10_appendix/ledger.html")
    assert re.findall("own-[a-z]+", ledger) == [f"own-{name}" for name in names]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((json.dumps({**RECORD, "id": "three-halves"}),), "claim 'two-halves' is stored in no notebook of the book"),
        (("{",), "the claim's record is not JSON"),
        ((json.dumps(RECORD), json.dumps(RECORD)), "claim two-halves is stored twice"),
    ],
)
def test_what_is_wrong_stops_the_build_with_a_clear_message(book: Path, values: tuple[str, ...], message: str) -> None:
    notebook(book / "chapters/01_first/lecture.ipynb", *values)
    result = build(book)
    assert result.returncode != 0
    assert re.search(rf"index\.md:3: ERROR: .*{message}", result.stderr)
