"""Every message that people see has a Japanese translation, with the same placeholders."""

import re

import pytest
from babel.messages.extract import extract_from_dir

from core.config import ROOT
from core.i18n import _read_file

METHODS = [
    ("**/testing/**", "ignore"),
    ("**.py", "python"),
    ("**/templates/**.html", "jinja2"),
    ("**/templates/**.txt", "jinja2"),
]
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
OPTIONS = {"**/templates/**.html": {"silent": "false"}, "**/templates/**.txt": {"silent": "false"}}
OWNERS = [
    ROOT / "core",
    *sorted(p.parent for p in (ROOT / "plugins").glob("*/plugin.toml")),
    *sorted(p.parent for p in (ROOT / "themes").glob("*/theme.toml")),
]
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def translations_of(owner):
    found = {}
    for file in sorted((owner / "translations" / "ja").glob("*.po")):
        for key, value in _read_file(file).items():
            found.setdefault(key, value)
    return found


def messages_of(owner):
    for file, line, message, _comments, _context in extract_from_dir(
        str(owner), METHODS, OPTIONS, keywords=KEYWORDS, strip_comment_tags=True
    ):
        yield f"{file}:{line}", message[0] if isinstance(message, tuple) else message


@pytest.mark.parametrize("owner", OWNERS, ids=lambda o: o.name)
def test_every_message_has_a_japanese_translation(owner):
    known = {**translations_of(ROOT / "core"), **translations_of(owner)}
    missing = sorted(
        {f"{message!r} ({place})" for place, message in messages_of(owner) if message not in known}
    )
    assert missing == []


@pytest.mark.parametrize("owner", OWNERS, ids=lambda o: o.name)
def test_translations_keep_the_placeholders(owner):
    wrong = []
    for message, translated in translations_of(owner).items():
        for text in [translated] if isinstance(translated, str) else translated:
            extra = set(PLACEHOLDER.findall(text)) - set(PLACEHOLDER.findall(message)) - {"num"}
            if extra:
                wrong.append((message, sorted(extra)))
    assert wrong == []
