"""Print the Chromium that the site tests drive; install it where there is none and where that is possible."""

import os
import shutil
import subprocess
import sys


def find() -> str | None:
    """The browser named by ``DLM_CHROMIUM``, one on the PATH, or Playwright's own."""
    if named := os.environ.get("DLM_CHROMIUM"):
        return shutil.which(named) or sys.exit(f"DLM_CHROMIUM is {named}: no such program; name another or unset it.")
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    if found := next(filter(None, map(shutil.which, names)), None):
        return found
    if not playwright_starts():
        return None
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if os.path.exists(path) else None


def playwright_starts() -> bool:
    """Whether Playwright's driver runs here: on a bare Linux it lacks libatomic."""
    return subprocess.run([sys.executable, "-m", "playwright", "--version"], capture_output=True).returncode == 0


def install() -> None:
    """By apt as root, else Playwright's own download. Failure shows in that ``find`` still finds nothing."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        command = "apt-get update -qq && apt-get install -y -qq chromium libatomic1"
    else:
        command = f"{sys.executable} -m playwright install chromium"
    subprocess.run(command, shell=True, check=False, stdout=sys.stderr)


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
