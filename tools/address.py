"""Write the repository's address wherever the book names it: tools/address.py https://github.com/owner/name

The present address is read from ``_config.yml``. Needs Python and git only.
"""

import re
import subprocess
import sys
from pathlib import Path

CONFIG = "_config.yml"
PRESENT = re.compile(r"^repository:\n(?: .*\n)*? +url: *https://github\.com/([\w-]+)/([\w.-]+)", re.MULTILINE)
NEW = re.compile(r"https://github\.com/([A-Za-z0-9][A-Za-z0-9-]{0,38})/(?!\.+$)([\w.-]{1,100}?)(?:\.git)?/?", re.ASCII)


def files(root: Path) -> list[Path]:
    """The files that are in git or are about to be: those that it does not ignore."""
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        names = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):
        sys.exit(f"{root} is not a git checkout, so its files are not known: run this in a clone made by git.")
    paths = [root / name for name in sorted(set(names)) if name]
    return [path for path in paths if path.is_file() and not path.is_symlink()]


def present(root: Path) -> tuple[str, str]:
    """Owner and name of the repository, from ``_config.yml``."""
    found = PRESENT.search((root / CONFIG).read_text(encoding="utf-8"))
    if not found:
        sys.exit(f"{root / CONFIG} has no repository: url: https://github.com/owner/name; write it there.")
    return found.groups()


def mentions(owner: str, name: str) -> re.Pattern[bytes]:
    """Matches ``owner/name`` and ``owner.github.io/name``, but not a longer name that begins or ends alike."""
    text = rf"(?<![\w.-]){re.escape(owner)}(\.github\.io)?/{re.escape(name)}(?![\w-]|\.(?!git\b)\w)"
    return re.compile(text.encode())


def rewrite(root: Path, url: str) -> list[Path]:
    """Replace the present address by ``url`` in every text file of the repository; return the files that changed."""
    new = NEW.fullmatch(url)
    if not new:
        sys.exit(f"{url!r} is not the address of a repository: write it as https://github.com/owner/name.")
    if new[2].lower().endswith(".github.io"):
        sys.exit(f"{url!r} is published at the root of its host, for which the book is not made: name it otherwise.")
    owner, name = (part.encode() for part in new.groups())
    pattern = mentions(*present(root))
    changed = []
    # _config.yml last: a run that was interrupted can then be repeated
    for path in sorted(files(root), key=lambda path: path == root / CONFIG):
        old = path.read_bytes()
        text = old if b"\0" in old else pattern.sub(lambda match: owner + (match[1] or b"") + b"/" + name, old)
        if text != old:
            path.write_bytes(text)
            changed.append(path)
    return changed


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Say one address: tools/address.py https://github.com/owner/name")
    here = Path(__file__).resolve().parents[1]
    for file in rewrite(here, sys.argv[1]):
        print(file.relative_to(here))
