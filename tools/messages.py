"""List the texts that have no Japanese translation, and translations whose marks do not match.

An owner is core, one plugin or one theme. Its texts must be translated in its own
`translations/ja/*.po` or in core's, because another owner may not be installed.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
LANGUAGE = "ja"
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2"), ("**.xml", "jinja2")]
OPTIONS = {"**.html": {"silent": "false"}, "**.txt": {"silent": "false"}, "**.xml": {"silent": "false"}}
MARK = re.compile(r"%\((\w+)\)[sd]|%%")


@dataclass(frozen=True)
class Text:
    """One text to translate and where it was first met."""

    place: str
    message: str
    plural: str = ""


def main() -> int:
    """Print every problem; return 1 when there is one."""
    core = translations(ROOT / "core")
    problems: list[str] = []
    for owner in owners():
        own = translations(owner)
        problems += [
            f"{text.place}: no translation: {text.message!r}" for text in missing(owner, {**core, **own})
        ]
        problems += [problem for message in own.values() for problem in wrong_marks(owner, message)]
    for problem in problems:
        print(problem)  # noqa: T201
    print(f"{len(problems)} problems" if problems else "Every text has its translation.")  # noqa: T201
    return 1 if problems else 0


def owners() -> list[Path]:
    """Return core and the folders of every plugin and theme."""
    folders = [path for group in ("plugins", "themes") for path in sorted((ROOT / group).iterdir())]
    return [ROOT / "core", *(path for path in folders if path.is_dir() and path.name[0] not in "._")]


def texts(owner: Path) -> Iterator[Text]:
    """Find the texts in an owner's code and templates, each once."""
    seen = set()
    found = extract_from_dir(owner, METHODS, OPTIONS, KEYWORDS, directory_filter=_is_source)
    for file, line, message, _comments, _context in found:
        singular, plural = message[:2] if isinstance(message, tuple) else (message, "")
        if singular not in seen:
            seen.add(singular)
            yield Text(f"{(owner / file).relative_to(ROOT)}:{line}", singular, plural)


def _is_source(folder: str) -> bool:
    return Path(folder).name not in ("vendor", "__pycache__", "node_modules", "translations")


def translations(owner: Path) -> dict[str, Message]:
    """Read an owner's finished translations by their English text."""
    found: dict[str, Message] = {}
    for file in sorted((owner / "translations" / LANGUAGE).glob("*.po")):
        with file.open("rb") as source:
            for message in read_po(source, locale=LANGUAGE, ignore_obsolete=True, abort_invalid=True):
                if message.id and not message.fuzzy and all(_strings(message)):
                    found.setdefault(_singular(message), message)
    return found


def missing(owner: Path, known: dict[str, Message]) -> list[Text]:
    """Return the texts of an owner that `known` lacks."""
    return [text for text in texts(owner) if text.message not in known]


def wrong_marks(owner: Path, message: Message) -> list[str]:
    """Return a problem for each `%(name)s` that only the text or only the translation has."""
    ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
    wanted = {mark for text in ids for mark in MARK.findall(text) if mark}
    problems = []
    for string in _strings(message):
        marks = {mark for mark in MARK.findall(string) if mark}
        # A plural may leave its number out; nothing may name a value that the code does not give.
        if marks - wanted - {"num"} or wanted - marks - {"num"}:
            problems.append(f"{owner.relative_to(ROOT)}: marks differ: {_singular(message)!r} and {string!r}")
    return problems


def _singular(message: Message) -> str:
    return message.id[0] if isinstance(message.id, tuple | list) else message.id


def _strings(message: Message) -> tuple[str, ...]:
    strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return tuple(text or "" for text in strings)


if __name__ == "__main__":
    sys.exit(main())
