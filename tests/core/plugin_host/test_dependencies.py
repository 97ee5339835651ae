from pathlib import Path

from core.plugin_host.dependencies import dependents, fits, in_order, problem_of
from core.plugin_host.manifest import Manifest


def manifest(name, version="1.0", **needs):
    texts = {"en": name, "ja": name}
    return Manifest(
        name=name,
        title=texts,
        description=texts,
        version=version,
        folder=Path(),
        package=f"plugins.{name}",
        requires_plugins=needs,
    )


def test_a_plugin_comes_after_what_it_needs_and_ties_go_by_name():
    plugins = {m.name: m for m in (manifest("a", z=""), manifest("m"), manifest("z"), manifest("b"))}
    assert in_order(plugins) == (["b", "m", "z", "a"], set())


def test_plugins_in_a_circle_are_named_and_the_others_are_ordered():
    plugins = {m.name: m for m in (manifest("a", b=""), manifest("b", a=""), manifest("c"))}
    assert in_order(plugins) == (["c"], {"a", "b"})


def test_a_version_range_decides_what_fits():
    assert fits("1.5", ">=1,<2")
    assert not fits("2.0", ">=1,<2")
    assert fits("1.0b1", "")


def test_a_missing_or_too_old_requirement_is_told_in_words(app):
    needs = manifest("a", orders=">=2")
    assert "orders" in problem_of(needs, {"a": needs})
    assert "1.0" in problem_of(needs, {"a": needs, "orders": manifest("orders")})
    assert problem_of(needs, {"a": needs, "orders": manifest("orders", "2.1")}) is None


def test_dependents_are_those_that_need_a_plugin_directly():
    plugins = {m.name: m for m in (manifest("a", b=""), manifest("b", c=""), manifest("c"))}
    assert dependents("c", plugins, ["a", "b", "c"]) == ["b"]
