"""Each of L1–L33 has its tests, and those are there."""

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.leaks.catalogue import CATALOGUE

TESTS = Path(__file__).parents[1]
IDS = [f"L{number}" for number in range(1, 34)]


def test_every_id_is_in_the_catalogue() -> None:
    assert list(CATALOGUE) == IDS


@cache
def names_in(file: str) -> frozenset[str]:
    path = TESTS / file
    if not path.is_file():
        return frozenset()
    functions = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef))
    return frozenset(function.name for function in functions if function.name.startswith("test_"))


@pytest.mark.parametrize("leak", IDS)
def test_each_has_tests_that_are_there(leak: str) -> None:
    title, references = CATALOGUE[leak]
    assert title
    assert references
    missing = [one for one in references if one.split("::")[1] not in names_in(one.split("::")[0])]
    assert missing == []


def test_a_reference_to_nothing_would_be_noticed() -> None:
    assert "test_that_nobody_wrote" not in names_in("leaks/test_catalogue.py")
    assert names_in("leaks/no_such_file.py") == frozenset()
