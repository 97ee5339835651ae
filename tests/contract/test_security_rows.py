"""docs/security.md names tests that exist, and leaves out none of the rows that apply."""

import re

from core.config import ROOT

CHAPTERS = {
    "V3.3": 5,
    "V3.4": 8,
    "V3.5": 8,
    "V6.1": 3,
    "V6.2": 12,
    "V6.3": 7,
    "V6.4": 5,
    "V6.5": 7,
    "V6.6": 2,
    "V6.7": 1,
    "V6.8": 4,
    "V7.1": 3,
    "V7.2": 4,
    "V7.3": 2,
    "V7.4": 5,
    "V7.5": 3,
    "V7.6": 2,
    "V8.1": 2,
    "V8.2": 3,
    "V8.3": 3,
    "V10.1": 2,
    "V10.2": 3,
    "V10.5": 5,
    "V11.1": 2,
    "V11.2": 4,
    "V11.3": 3,
    "V11.4": 4,
    "V11.5": 1,
    "V11.6": 1,
}


def rows():
    text = (ROOT / "docs" / "security.md").read_text()
    return re.findall(r"^\| (V[\d.]+) \| \d \| [^|]+ \| ([^|]+) \|$", text, re.MULTILINE)


def names_of_tests():
    found = set()
    for file in (ROOT / "tests").rglob("test_*.py"):
        found.update(re.findall(r"^\s*def (test_\w+)\(", file.read_text(), re.MULTILINE))
    return found


def test_every_row_that_applies_is_there_once():
    ids = [row for row, _shown in rows()]
    assert len(ids) == len(set(ids))
    counted = {chapter: sum(row.startswith(f"{chapter}.") for row in ids) for chapter in CHAPTERS}
    assert counted == CHAPTERS


def test_every_row_is_shown_by_tests_that_exist_or_gives_its_reason():
    known = names_of_tests()
    for row, shown in rows():
        if shown.startswith(("Reason: ", "Not yet: ")):
            continue
        named = re.findall(r"`(\w+)`", shown)
        assert named, row
        assert set(named) <= known, (row, set(named) - known)
