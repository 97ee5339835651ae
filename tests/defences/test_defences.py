"""Each defence stops its attack; without it, the attack succeeds, so its test can fail."""

import re

import pytest

from core.config import ROOT
from tests.defences.switches import DEFENCES

LEAST = 140
ROW = re.compile(r"^\| ([a-z0-9-]+) \| (.+?) \| `([\w/.]+)`: `(\w+)` \| (.+) \|$", re.MULTILINE)

each_defence = pytest.mark.parametrize("defence", DEFENCES, ids=[d.name for d in DEFENCES])


def rows():
    """Return the rows of the page: name, what holds, file, name in the file, attack."""
    return ROW.findall((ROOT / "docs" / "defences.md").read_text())


@each_defence
def test_the_attack_fails_while_the_defence_stands(site, defence):
    assert not defence.attack(site)


@each_defence
def test_the_attack_succeeds_once_the_defence_is_off(site, defence):
    defence.off(site.patch)
    assert defence.attack(site)


def test_there_are_many_each_with_an_attack_of_its_own():
    assert len({d.name for d in DEFENCES}) == len(DEFENCES) >= LEAST
    assert len({d.attack for d in DEFENCES}) == len(DEFENCES)


def test_the_page_lists_exactly_these_and_what_is_tried():
    listed = [(name, holds, attack) for name, holds, _file, _word, attack in rows()]
    tried = [(d.name, d.protects, " ".join((d.attack.__doc__ or "").split())) for d in DEFENCES]
    assert listed == tried


def test_the_page_says_where_each_stands():
    for name, _holds, file, word, _attack in rows():
        source = (ROOT / file).read_text()
        assert re.search(rf"^\s*(?:class |def )?{word}\b|\b{word}\b", source, re.MULTILINE), (
            name,
            file,
            word,
        )


def test_the_program_knows_nothing_of_the_switches():
    for folder in ("core", "plugins"):
        for file in (ROOT / folder).rglob("*.py"):
            assert "defences" not in file.read_text(), file
