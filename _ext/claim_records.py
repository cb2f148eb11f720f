"""The claims stored in notebooks, and the list of those that the book owes. Needs neither Sphinx nor torch."""

import json
from dataclasses import dataclass
from pathlib import Path

import yaml

MIME_TYPE = "application/vnd.dlmeasured.claim"
FIELDS = ("id", "statement", "measured", "verdict")
VERDICTS = ("confirmed", "refined", "refuted")


class RecordError(ValueError):
    """A stored claim that cannot be used."""


@dataclass(frozen=True)
class Chapter:
    """A chapter of the syllabus: its number, its title and the claims that it owes, each id with its statement."""

    number: int
    title: str
    claims: dict[str, str]


def records(path: str | Path) -> list[dict[str, str]]:
    """The claims stored in a notebook's outputs, in order, each with ``id``, ``statement``, ``measured``, ``verdict``.

    Raises
    ------
    RecordError : a record is not JSON, lacks a field, holds anything but text, or has an unknown verdict.
    """
    notebook = json.loads(Path(path).read_text(encoding="utf-8"))
    found = []
    for number, cell in enumerate(notebook["cells"]):
        for output in cell.get("outputs", []):
            if MIME_TYPE in output.get("data", {}):
                found.append(_record(output["data"][MIME_TYPE], f"{path}, cell {number}"))
    return found


def collect(paths: list[Path]) -> dict[str, tuple[Path, dict[str, str]]]:
    """The records of several notebooks by claim id, each with the notebook that holds it.

    Raises
    ------
    RecordError : a record is malformed, or two claims have one id.
    """
    found: dict[str, tuple[Path, dict[str, str]]] = {}
    for path in paths:
        for record in records(path):
            id = record["id"]
            if id in found:
                raise RecordError(f"claim {id} is stored twice, in {found[id][0]} and in {path}; rename one.")
            found[id] = (path, record)
    return found


def syllabus(path: str | Path) -> list[Chapter]:
    """The chapters listed in ``claims.yml`` with the claims that each owes.

    Raises
    ------
    RecordError : two claims have one id.
    """
    chapters = [
        Chapter(entry["chapter"], entry["title"], entry["claims"])
        for entry in yaml.load(Path(path).read_text(encoding="utf-8"), Loader=_UniqueKeys)
    ]
    seen: dict[str, int] = {}
    for chapter in chapters:
        for id in chapter.claims:
            if id in seen:
                raise RecordError(f"{path}: claim {id} stands in chapters {seen[id]} and {chapter.number}; keep one.")
            seen[id] = chapter.number
    return chapters


def _record(stored: object, where: str) -> dict[str, str]:
    """One record from the value under the claim's MIME type: JSON, which nbformat may store as a list of lines."""
    text = "".join(stored) if isinstance(stored, list) else stored
    try:
        record = json.loads(text)
    except (TypeError, ValueError) as error:
        raise RecordError(f"{where}: the claim's record is not JSON ({error}); rerun it.") from error
    texts = record.values() if isinstance(record, dict) and set(record) == set(FIELDS) else [None]
    if not all(isinstance(text, str) and text for text in texts):
        raise RecordError(f"{where}: the claim's record {record!r} must hold {', '.join(FIELDS)} as text; rerun it.")
    if record["verdict"] not in VERDICTS:
        raise RecordError(f"{where}: verdict {record['verdict']!r} must be one of {', '.join(VERDICTS)}; rerun it.")
    return record


class _UniqueKeys(yaml.SafeLoader):
    """YAML in which a key that stands twice is an error instead of the last one winning."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        keys = [self.construct_object(key) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise RecordError(f"{node.start_mark.name}: {key} stands twice; keep one.")
        return super().construct_mapping(node, deep)
