"""The tools behind the Makefile's verbs."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import nbformat
import notebook_contract as contract
import pytest
import test_notebooks
from chosen import ROOT
from tools import address, chromium, matrix, serve

# make


def make(*arguments: str) -> subprocess.CompletedProcess:
    """What make would do, or says."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("MAKE") and key not in ("NB", "URL")}
    return subprocess.run(["make", "-n", *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("verb", "remedy"), [("run", "make run NB=chapters/"), ("address", "make address URL=https://")]
)
def test_make_says_what_is_missing(verb: str, remedy: str) -> None:
    answer = make(verb)
    assert answer.returncode != 0
    assert remedy in answer.stderr


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["run", "NB=a.ipynb"], "tools/run.py a.ipynb"),
        (["address", "URL=https://x"], "tools/address.py https://x"),
        (["matrix", "NB=a.ipynb"], "--nbval-cell-timeout 300 --dist loadfile a.ipynb"),
        (["matrix"], "--dist loadfile chapters"),
        (["test", "NB=a.ipynb"], "tests/test_notebooks.py --notebooks=a.ipynb"),
        (["test", "NB=chapters/09_assignments"], "tests/test_assignments.py --notebooks=chapters/09_assignments"),
        (["assign"], "tools/assign.py"),
        (["html"], "jupyter-book build . --warningiserror"),
        (["book"], "tools/serve.py _build/html"),
    ],
)
def test_make_verbs(arguments: list[str], command: str) -> None:
    answer = make(*arguments)
    assert answer.returncode == 0, answer.stderr
    assert command in re.sub(r"\s+", " ", answer.stdout.replace("\\\n", ""))


def test_assignments_are_not_run() -> None:
    assert "--nbval" not in make("test", "NB=chapters/09_assignments/mlp.ipynb").stdout
    assert "--ignore=chapters/09_assignments" in make("matrix").stdout


def test_the_address_needs_no_environment() -> None:
    assert ".venv" not in make("address", "URL=https://x").stdout


# tools/serve.py


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with a page and a 404 page."""
    (tmp_path / "index.html").write_text("home", encoding="utf-8")
    (tmp_path / "404.html").write_text("nöthing here", encoding="utf-8")
    return tmp_path


@pytest.fixture
def port(site: Path) -> Iterator[int]:
    """The port at which ``site`` is served."""
    with serve.server(str(site), 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def answer(port: int, method: str, path: str) -> tuple[int, str, int]:
    """Status, body and announced length."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path)
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    return response.status, body, int(response.getheader("Content-Length", 0))


def test_serve_a_page(port: int) -> None:
    assert answer(port, "GET", "/index.html") == (200, "home", 4)


def test_serve_the_folders_own_404_page(port: int) -> None:
    assert answer(port, "GET", "/missing/page.html") == (404, "nöthing here", 13)
    assert answer(port, "HEAD", "/missing") == (404, "", 13)


def test_serve_404_without_a_page(port: int, site: Path) -> None:
    (site / "404.html").unlink()
    status, body, _ = answer(port, "GET", "/missing")
    assert status == 404
    assert "File not found" in body


def test_serve_other_errors_as_they_are(port: int) -> None:
    status, body, _ = answer(port, "POST", "/")
    assert status == 501
    assert "nöthing" not in body


def test_serve_takes_a_free_port_when_its_own_is_taken(site: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, serve.server(str(site), taken.getsockname()[1]) as server:
        assert server.server_port != taken.getsockname()[1]
    with serve.server(str(site), 0) as first, serve.server(str(site), first.server_port) as second:
        assert first.server_port != second.server_port


def test_serve_only_on_this_machine(site: Path) -> None:
    with serve.server(str(site), 0) as server:
        assert server.server_address[0] == "127.0.0.1"


# tools/chromium.py


@pytest.fixture
def browsers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with nothing on it, and no browser of Playwright's."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "none"))
    monkeypatch.delenv("DLM_CHROMIUM", raising=False)
    monkeypatch.setattr(chromium, "NAMES", [name for name in chromium.NAMES if not name.startswith("/")])
    return tmp_path


def executable(path: Path) -> str:
    """A file that can be run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_chromium_is_found_in_order(browsers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert chromium.find() is None
    names = ["google-chrome-stable", "google-chrome", "chromium-browser", "chromium"]
    for name in names:
        path = executable(browsers / name)
        assert chromium.find() == path
    named = executable(browsers / "mine")
    monkeypatch.setenv("DLM_CHROMIUM", named)
    assert chromium.find() == named


def test_chromium_that_cannot_be_installed_ends_with_a_remedy(browsers: Path) -> None:
    # what would install one is replaced by nothing: no apt-get on the PATH, and a Playwright that does nothing
    fake = browsers / "playwright"
    fake.mkdir()
    (fake / "__init__.py").touch()
    (fake / "__main__.py").touch()
    (fake / "sync_api.py").write_text(
        "from contextlib import nullcontext\nfrom types import SimpleNamespace as S\n"
        "def sync_playwright():\n    return nullcontext(S(chromium=S(executable_path='/nonexistent')))\n",
        encoding="utf-8",
    )
    env = os.environ | {"PYTHONPATH": str(browsers)}
    command = [sys.executable, str(ROOT / "tools/chromium.py")]
    answer = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert answer.stderr.strip().endswith("or name it in DLM_CHROMIUM.")
    assert answer.stdout == ""


def test_playwright_that_cannot_start_ends_with_a_remedy(browsers: Path) -> None:
    fake = browsers / "playwright"
    fake.mkdir()
    (fake / "__init__.py").touch()
    (fake / "__main__.py").write_text("raise SystemExit(127)\n", encoding="utf-8")
    executable(browsers / "chromium")
    env = os.environ | {"PYTHONPATH": str(browsers)}
    command = [sys.executable, str(ROOT / "tools/chromium.py")]
    answer = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert answer.stderr.strip().endswith("(Debian: apt-get install libatomic1).")


# tools/matrix.py


def test_matrix_sets_what_it_says() -> None:
    threads, capability = 1, matrix.probe(1, "this CPU")[0]
    one = matrix.environment(threads, "default")
    assert (one["OMP_NUM_THREADS"], one["ATEN_CPU_CAPABILITY"]) == ("1", "default")
    assert not matrix.NAMES & set(matrix.environment(2, "this CPU"))
    if capability.startswith("AVX"):
        oldest = matrix.probe(1, "default")
        assert oldest[0] == "DEFAULT"
        assert oldest[1] != matrix.probe(1, "this CPU")[1]


def test_matrix_drops_what_the_shell_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MKL_CBWR", "AVX2")
    assert "MKL_CBWR" not in matrix.environment(1, "this CPU")


def test_matrix_reports_each_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.setattr(matrix, "probe", lambda threads, cpu: ("AVX512", cpu, "b", "c"))
    with pytest.raises(SystemExit) as end:
        matrix.main(["sh", "-c", 'echo why; test "$OMP_NUM_THREADS" = 1'])
    assert end.value.code
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines if " passed " in line] == ["1"] * 3
    assert [line.split()[0] for line in lines if " failed " in line] == ["2"] * 3
    assert lines.count("why") == 3
    with pytest.raises(SystemExit) as end:
        matrix.main(["true"])
    assert not end.value.code


def test_matrix_refuses_settings_without_effect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix, "probe", lambda threads, cpu: ("AVX512", "a", "b", "c"))
    with pytest.raises(SystemExit, match="no effect"):
        matrix.main(["true"])


def test_matrix_notices_threads_and_kernels_that_are_not_as_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix, "environment", lambda threads, cpu: os.environ | {"OMP_NUM_THREADS": "1"})
    with pytest.raises(SystemExit, match="1 threads instead of 2"):
        matrix.probe(2, "this CPU")
    with pytest.raises(SystemExit, match="does not obey"):
        matrix.probe(1, "avx1")


# tools/address.py

OWNER, NAME = "Some-One", "measured.notes"  # apart, so that this file does not name the new address
NEW = f"https://github.com/{OWNER}/{NAME}"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the repository under git, with a lecture."""
    root = tmp_path / "checkout"
    for path in address.files(ROOT):
        if path.stat().st_size < 1_000_000:
            (root / path.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, root / path.relative_to(ROOT))
    subprocess.run(["git", "init", "-q", root], check=True)
    test_notebooks.save(test_notebooks.build(), root / test_notebooks.PATH)
    (root / "binary.bin").write_bytes(b"\0" + b"/".join(part.encode() for part in address.present(ROOT)))
    return root


def change(root: Path, url: str) -> subprocess.CompletedProcess:
    """Run the tool in a checkout, with a Python that has no packages."""
    command = [sys.executable, "-I", "-S", str(root / "tools/address.py"), url]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_address_is_written_everywhere(checkout: Path) -> None:
    old_owner, old_name = address.present(checkout)
    notebook = checkout / test_notebooks.PATH
    assert contract.opening(contract.load(notebook), notebook) == []
    before = {path: path.read_bytes() for path in address.files(checkout)}
    answer = change(checkout, NEW)
    assert answer.returncode == 0, answer.stderr
    assert address.present(checkout) == (OWNER, NAME)
    changed = {path for path in before if path.read_bytes() != before[path]}
    assert {str(path.relative_to(checkout)) for path in changed} == set(answer.stdout.split())
    assert {"_config.yml", "pyproject.toml", test_notebooks.PATH} <= set(answer.stdout.split())
    for path in address.files(checkout):
        content = path.read_bytes()
        if b"\0" not in content:
            assert f"{old_owner}/{old_name}".encode() not in content, path
            assert f"{old_owner}.github.io/{old_name}".encode() not in content, path
    assert f"https://{OWNER}.github.io/{NAME}/".encode() in (checkout / "_config.yml").read_bytes()
    for path in checkout.rglob("*.ipynb"):
        nbformat.validate(json.loads(path.read_text(encoding="utf-8")))
    assert contract.opening(contract.load(notebook), notebook) == []
    assert contract.form(contract.load(notebook), notebook) == []

    assert change(checkout, NEW).stdout == ""
    assert change(checkout, f"https://github.com/{old_owner}/{old_name}").returncode == 0
    assert {path: path.read_bytes() for path in address.files(checkout)} == before


def test_address_leaves_binary_files_and_longer_names(checkout: Path) -> None:
    present = "/".join(address.present(checkout))
    page = checkout / "page.md"
    page.write_text(
        f"{present}-extra x{present} {present}.js {present}.git {present}. {present}s\r\n", encoding="utf-8"
    )
    binary = (checkout / "binary.bin").read_bytes()
    change(checkout, "https://github.com/a/b")
    assert (checkout / "binary.bin").read_bytes() == binary
    expected = f"{present}-extra x{present} {present}.js a/b.git a/b. {present}s\r\n"
    assert page.read_bytes().decode() == expected


@pytest.mark.parametrize("url", [NEW, NEW + "/", NEW + ".git"])
def test_address_forms_that_people_paste(checkout: Path, url: str) -> None:
    change(checkout, url)
    assert address.present(checkout) == (OWNER, NAME)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "a/b",
        "http://github.com/a/b",
        "https://gitlab.com/a/b",
        "https://github.com/a",
        "https://github.com/a/b/tree/main",
        "https://github.com/-a/b",
        "https://github.com/a/..",
        "https://github.com/a/b c",
        "https://github.com/a/b?c",
        "https://github.com/ä/b",
        "https://github.com/a/b\n",
        "git@github.com:a/b.git",
    ],
)
def test_a_bad_address_is_named_and_changes_nothing(checkout: Path, url: str) -> None:
    before = {path: path.read_bytes() for path in address.files(checkout)}
    answer = change(checkout, url)
    assert answer.returncode == 1
    assert repr(url) in answer.stderr
    assert "https://github.com/owner/name" in answer.stderr
    assert {path: path.read_bytes() for path in address.files(checkout)} == before


def test_an_address_that_pages_serves_at_the_root_is_refused(checkout: Path) -> None:
    before = address.present(checkout)
    with pytest.raises(SystemExit, match="published at the root of its host"):
        address.rewrite(checkout, "https://github.com/some-one/Some-One.github.io")
    assert address.present(checkout) == before


def test_address_needs_git_and_an_address_to_replace(tmp_path: Path) -> None:
    (tmp_path / "_config.yml").write_text("title: x\nother:\n  url: https://github.com/a/b\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="has no repository: url"):
        address.rewrite(tmp_path, "https://github.com/c/d")
    (tmp_path / "_config.yml").write_text(
        "repository:\n  branch: main\n  url: https://github.com/a/b\n", encoding="utf-8"
    )
    with pytest.raises(SystemExit, match="not a git checkout"):
        address.rewrite(tmp_path, "https://github.com/c/d")
