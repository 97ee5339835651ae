import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.exports.guard import TRIGGERS, guard_cell, unguard_cell

LIVE = [
    "=1+1",
    '=HYPERLINK("http://evil.example","x")',
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\0=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(1)",
    "−1",
    " =1+1",
    "\u3000=1+1",
    "-1e5",
    "+81-3-1234-5678+cmd",
    "-",
    "+",
]
HARMLESS = [
    "",
    "山田 太郎",
    "+81-3-1234-5678",
    "+819012345678",
    "+81 (0)3 1234 5678",
    "03-1234-5678",
    "-5",
    "-1,234.5",
    "+12",
    "0",
    "a=b",
    "'s-Hertogenbosch",
    "taro@example.jp",
]
# What this suite itself takes for harmless among cells that begin like a formula.
PLAIN = re.compile(r"[+-][0-9][0-9,.]*|\+[0-9][0-9() -]*", re.ASCII)


@pytest.mark.parametrize("text", LIVE)
def test_what_could_run_is_defused_and_can_be_restored(text):
    assert guard_cell(text) == "'" + text
    assert unguard_cell(guard_cell(text)) == text


@pytest.mark.parametrize("text", HARMLESS)
def test_plain_text_numbers_and_telephone_numbers_stay_as_they_are(text):
    assert guard_cell(text) == text
    assert unguard_cell(text) == text


# Texts that like to begin with what matters here.
texts = st.one_of(
    st.text(),
    st.builds(
        lambda head, tail: head + tail,
        st.text(alphabet="'=+-@\t\r\n\0＝＋－＠− \u3000059", min_size=1, max_size=4),
        st.text(max_size=20),
    ),
)


@given(texts)
def test_no_guarded_text_begins_like_a_formula(text):
    guarded = guard_cell(text)
    assert guarded[:1] not in TRIGGERS or PLAIN.fullmatch(guarded)


@given(texts)
def test_guarding_can_always_be_undone(text):
    assert unguard_cell(guard_cell(text)) == text


@given(st.lists(st.lists(texts, min_size=2, max_size=4), min_size=1, max_size=5))
def test_a_file_gives_back_every_text_exactly(rows):
    file = io.StringIO(newline="")
    csv.writer(file).writerows([[guard_cell(cell) for cell in row] for row in rows])
    read = csv.reader(io.StringIO(file.getvalue(), newline=""))
    assert [[unguard_cell(cell) for cell in row] for row in read] == rows
