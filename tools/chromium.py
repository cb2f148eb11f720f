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
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if os.path.exists(path) else None


def install() -> None:
    """By apt as root, else Playwright's own download. Failure shows in that ``find`` still finds nothing."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run(
            "apt-get update -qq && apt-get install -y -qq chromium", shell=True, check=False, stdout=sys.stderr
        )
    else:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False, stdout=sys.stderr)


if __name__ == "__main__":
    if not find():
        install()
    browser = find()
    if not browser:
        sys.exit(
            "The site tests need Chromium: install it (Debian: apt-get install chromium) or name one in DLM_CHROMIUM."
        )
    print(browser)
