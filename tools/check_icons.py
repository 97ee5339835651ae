"""List the icons that templates and menu items name and that tools/icons.txt lacks."""

import re
import sys
from pathlib import Path

from vendor import ROOT, icon_names

NAMED = re.compile(r"""\bicon(?:=|\()\s*["']([a-z0-9-]+)["']|icons\.svg#([a-z0-9-]+)""")


def main() -> int:
    """Print each missing icon with where it is used; return 1 when there is one."""
    known = {f"{name.removeprefix('filled/')}-filled" if "/" in name else name for name in icon_names()}
    missing = 0
    for file in sources():
        text = file.read_text(encoding="utf-8")
        for found in NAMED.finditer(text):
            name = found[1] or found[2]
            if name not in known:
                line = text.count("\n", 0, found.start()) + 1
                print(f"{file.relative_to(ROOT)}:{line}: no icon {name!r} in tools/icons.txt")  # noqa: T201
                missing += 1
    return 1 if missing else 0


def sources() -> list[Path]:
    """Return the files that may name one: Python and the admin's templates (themes draw their own)."""
    folders = [ROOT / name for name in ("core", "plugins")]
    patterns = ("*.py", "templates/**/admin/**/*.html")
    return [file for folder in folders for pattern in patterns for file in sorted(folder.rglob(pattern))]


if __name__ == "__main__":
    sys.exit(main())
