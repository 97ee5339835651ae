"""The formula guard: spreadsheets run cells that begin like a formula; exported ones must not.

A leading apostrophe defuses such a cell. Plain numbers and phone numbers stay as they are,
because nothing can be run in them. The change can be undone exactly with `unguard_cell`.
"""

import re

# The full-width forms come from Japanese keyboards; U+2212 turns into one of them in CP932.
TRIGGERS = frozenset("=+-@\t\r\n\0＝＋－＠−")
# Programs may look past these for the first character of a cell.
_SKIPPED = "' \u3000\xa0"
SUSPECTS = TRIGGERS | frozenset(_SKIPPED)

_PLAIN = re.compile(
    r"[+-](?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?"  # -5, -1,234.5
    r"|\+\d{1,3}[\d() -]{4,20}",  # +81-3-1234-5678
    re.ASCII,
)


def guard_cell(text: str) -> str:
    """Return `text` so that no spreadsheet takes it for a formula."""
    if text and text[0] in SUSPECTS and is_live(text):
        return "'" + text
    return text


def unguard_cell(text: str) -> str:
    """Return what `guard_cell` was given."""
    if text.startswith("'") and _begins_like_formula(text):
        return text[1:]
    return text


def is_live(text: str) -> bool:
    """Tell whether a spreadsheet might run `text`, or take it for something guarded."""
    return _begins_like_formula(text) and _PLAIN.fullmatch(text) is None


def _begins_like_formula(text: str) -> bool:
    return text.lstrip(_SKIPPED)[:1] in TRIGGERS
