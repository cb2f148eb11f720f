"""The papers for people: README, CONTRIBUTING and CITATION.cff agree with the rest of the repository."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_links_lead_somewhere(name: str) -> None:
    targets = re.findall(r"\]\(([^)\s]+)\)", (ROOT / name).read_text())
    relative = [target for target in targets if not re.match(r"https?://|#", target)]
    assert relative
    missing = [target for target in relative if not (ROOT / target.split("#")[0]).exists()]
    assert not missing, f"{name} links to {', '.join(missing)}: no such file."


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_make_verbs_exist(name: str) -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:`|^ *|PIP=.* )make (\w+)", (ROOT / name).read_text(), re.MULTILINE))
    assert named
    assert named <= targets, f"{name} names {', '.join(sorted(named - targets))}: the Makefile has no such verb."


def test_citation_agrees_with_the_package() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert citation["version"] == project["version"]
    assert citation["repository-code"] == project["urls"]["Repository"]
    assert project["license"] in citation["license"]
