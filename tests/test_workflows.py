"""The workflows of public CI: pinned, bounded, safe, and in step with the Makefile; the weekly Colab check can fail."""

import os
import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
GITHUB = ROOT / ".github"
WORKFLOWS = sorted(GITHUB.glob("workflows/*.yml"))
FILES = WORKFLOWS + sorted(GITHUB.glob("actions/*/action.yml"))


def zizmor(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [Path(sysconfig.get_path("scripts")) / "zizmor", "--offline", "--no-progress", folder]
    return subprocess.run(command, capture_output=True, text=True)


def test_zizmor_finds_nothing() -> None:
    result = zizmor(GITHUB)
    assert result.returncode == 0, result.stdout + result.stderr


def test_zizmor_would_find_script_injection(tmp_path: Path) -> None:
    shutil.copytree(GITHUB, tmp_path / ".github")
    path = tmp_path / ".github/workflows/checks.yml"
    path.write_text(path.read_text().replace("make check", "echo ${{ github.head_ref }}; make check"))
    result = zizmor(tmp_path / ".github")
    assert result.returncode != 0
    assert "template-injection" in result.stdout


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(GITHUB).as_posix())
def test_actions_are_pinned_to_a_commit_and_say_its_version(path: Path) -> None:
    for uses in re.findall(r"uses: (.+)", path.read_text()):
        if uses.startswith("./"):
            assert (ROOT / uses).exists(), f"{path.name} uses {uses}, which is not there."
        else:
            assert re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", uses), (
                f"{path.name} uses {uses!r}: pin it to a full commit, with the version in a comment."
            )


def test_each_action_has_one_version() -> None:
    pins: dict[str, set[str]] = {}
    for path in FILES:
        for action, pin in re.findall(r"uses: ([^@\s]+)@(.+)", path.read_text()):
            pins.setdefault(action, set()).add(pin)
    assert pins
    assert {action: found for action, found in pins.items() if len(found) > 1} == {}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_jobs_are_bounded_in_time_and_rights(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text())
    assert workflow["permissions"] == {}, f"{path.name}: grant rights to single jobs, none to the whole workflow."
    for name, job in workflow["jobs"].items():
        assert "permissions" in job, f"{path.name}, job {name}: say which rights it needs."
        assert "uses" in job or "timeout-minutes" in job, f"{path.name}, job {name}: set timeout-minutes."


def test_workflows_call_verbs_of_the_makefile() -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    called = {verb for path in WORKFLOWS for verb in re.findall(r"\bmake ([\w-]+)", path.read_text())}
    assert called
    assert called <= targets, f"The Makefile has no {', '.join(sorted(called - targets))}."


FAKE_PYTHON = """\
#!/bin/sh
# pip freeze lists the file `installed`; executing a notebook runs it as a shell script
case "$*" in
    "-m pip freeze") cat "$INSTALLED" ;;
    "-m jupyter nbconvert "*) sh notebook.ipynb ;;
    *) exit 99 ;;
esac
"""


def colab(folder: Path, **notebooks: str) -> subprocess.CompletedProcess[str]:
    """Run colab.sh over made-up notebooks, each a shell script, in a made-up image that brings two packages."""
    chapter = folder / "clone/chapters/01_first"
    chapter.mkdir(parents=True, exist_ok=True)
    for name, script in notebooks.items():
        (chapter / f"{name}.ipynb").write_text(script)
    (folder / "clone/.github").mkdir()
    shutil.copy(GITHUB / "colab.sh", folder / "clone/.github")
    installed, python = folder / "installed", folder / "bin/python3"
    installed.write_text("numpy==2.0.2\ntorch==2.8.0\n")
    python.parent.mkdir()
    python.write_text(FAKE_PYTHON)
    python.chmod(0o755)
    env = os.environ | {"PATH": f"{python.parent}:{os.environ['PATH']}", "INSTALLED": str(installed)}
    script = folder / "clone/.github/colab.sh"
    return subprocess.run(["bash", script], env=env, cwd=folder, capture_output=True, text=True)


def test_colab_may_add_packages(tmp_path: Path) -> None:
    result = colab(tmp_path, one='echo jupyterquiz==2.9 >> "$INSTALLED"', two="true")
    assert result.returncode == 0, result.stdout + result.stderr


def test_colab_may_not_change_what_the_image_brings(tmp_path: Path) -> None:
    result = colab(tmp_path, one=r'printf "numpy==2.0.2\ntorch==2.9.0\n" > "$INSTALLED"')
    assert result.returncode != 0
    assert "torch==2.8.0" in result.stdout
    assert "numpy" not in result.stdout


def test_colab_runs_an_assignment_with_its_solutions(tmp_path: Path) -> None:
    source = tmp_path / "clone/chapters/01_first/source/one.ipynb"
    source.parent.mkdir(parents=True)
    source.write_text('echo solved >> "$INSTALLED.log"')
    result = colab(tmp_path, one="exit 1")
    assert result.returncode == 0, result.stdout + result.stderr
    assert (tmp_path / "installed.log").read_text() == "solved\n"


def test_colab_names_the_notebook_that_fails_and_runs_the_others(tmp_path: Path) -> None:
    result = colab(tmp_path, one="exit 1", two='echo ran >> "$INSTALLED.log"')
    assert result.returncode != 0
    assert result.stdout.splitlines()[-1] == "chapters/01_first/one.ipynb"
    assert (tmp_path / "installed.log").read_text() == "ran\n"
