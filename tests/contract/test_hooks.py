"""Every hook is documented, has a kind, and is tried by a test that is named after it."""

import inspect
import re

import pytest

from core import hookspecs
from core.config import ROOT

SPECS = {
    name: spec
    for name, spec in inspect.getmembers(hookspecs, inspect.isfunction)
    if hasattr(spec, "kaiin_spec")
}


def test_every_hook_has_a_kind_and_every_kind_a_hook():
    assert set(hookspecs.KINDS) == set(SPECS)


@pytest.mark.parametrize("name", SPECS)
def test_every_hook_stands_in_the_reference_with_its_arguments(name):
    reference = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
    signature = f"`{name}({', '.join(inspect.signature(SPECS[name]).parameters)})`"
    assert signature in reference


@pytest.mark.parametrize("name", SPECS)
def test_every_hook_has_a_docstring_and_typed_arguments(name):
    assert SPECS[name].__doc__
    assert all(p.annotation is not p.empty for p in inspect.signature(SPECS[name]).parameters.values())


@pytest.mark.parametrize("name", SPECS)
def test_every_hook_has_a_real_user_in_the_repository(name):
    users = [ROOT / "core", ROOT / "plugins", ROOT / "tests" / "sample_plugins"]
    files = [f for folder in users for f in folder.rglob("hooks.py")]
    assert any(re.search(rf"^def {name}\(", f.read_text(encoding="utf-8"), re.M) for f in files)
