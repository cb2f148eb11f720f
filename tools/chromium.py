"""Print the Chromium that the site tests drive; install it where there is none and where that is possible."""

import os
import shutil
import subprocess
import sys

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
PLAYWRIGHT = [sys.executable, "-m", "playwright"]


def find() -> str | None:
    """The browser named by ``DLM_CHROMIUM``, an installed one, or Playwright's own: the first that starts."""
    if named := os.environ.get("DLM_CHROMIUM"):
        return shutil.which(named) or sys.exit(f"DLM_CHROMIUM is {named}: no such program; name another or unset it.")
    for path in filter(None, map(shutil.which, NAMES)):
        if runs([path, "--version"]):
            return path
    if not playwright_starts():
        return None
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if os.path.exists(path) and runs([path, "--version"]) else None


def runs(command: list[str]) -> bool:
    """Whether ``command`` ends well; what it prints is thrown away."""
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def playwright_starts() -> bool:
    """Whether Playwright's driver runs here: on a bare Linux it lacks libatomic."""
    return runs([*PLAYWRIGHT, "--version"])


def install() -> None:
    """By apt as root, else by Playwright's own download. Failure shows in that ``find`` still finds nothing."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if root and shutil.which("apt-get"):
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update", "-qq"], ["install", "-y", "-qq", "chromium", "libatomic1"]):
            subprocess.run(["apt-get", *command], check=False, stdout=sys.stderr, env=environment)
    if not find():
        dependencies = ["--with-deps"] if root else []
        subprocess.run([*PLAYWRIGHT, "install", *dependencies, "chromium"], check=False, stdout=sys.stderr)


if __name__ == "__main__":
    if not (find() and playwright_starts()):
        install()
    if not playwright_starts():
        sys.exit("Playwright cannot start: install the library that it lacks (Debian: apt-get install libatomic1).")
    browser = find()
    if not browser:
        sys.exit(
            "The site tests need Chromium: install it (Debian: apt-get install chromium) or name it in DLM_CHROMIUM."
        )
    print(browser)
