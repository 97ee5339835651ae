"""Addresses are built as Werkzeug builds them; a rule makes ready for it only when one is asked for."""

import pytest
from werkzeug.routing import Map, Rule

from core.url_rules import UrlRule

RULES = [
    ("/", {}, {}),
    ("/a/<int:self>/b", {}, {"self": 7}),
    ("/a/<int:number>", {}, {"number": 7, "page": 2, "q": "番 &"}),
    ("/名/<path:rest>", {}, {"rest": "c/日本 d"}),
    ("/first", {"defaults": {"page": 1}}, {"page": 1}),
    ("/all/<int:page>", {"defaults": {"page": 1}}, {"page": 1, "sort": "name"}),
]


def address(kind, rule, options, values, unknown):
    adapter = Map([kind(rule, endpoint="here", **options)]).bind("www.example.jp")
    return [adapter.build("here", values, append_unknown=unknown) for _time in range(2)]


@pytest.mark.parametrize("unknown", [True, False], ids=["with_query", "path_only"])
@pytest.mark.parametrize(("rule", "options", "values"), RULES)
def test_an_address_is_the_same_at_the_first_time_and_later(rule, options, values, unknown):
    first, later = address(UrlRule, rule, options, values, unknown)
    assert [first, later] == address(Rule, rule, options, values, unknown)


def test_a_rule_compiles_no_builder_before_an_address_is_built(app, monkeypatch):
    compiled = []
    usual = Rule._compile_builder
    monkeypatch.setattr(
        Rule, "_compile_builder", lambda rule, *given: compiled.append(rule.rule) or usual(rule, *given)
    )
    assert {type(rule) for rule in app.url_map.iter_rules()} == {UrlRule}
    adapter = Map([UrlRule("/x", endpoint="x"), UrlRule("/y/<int:n>", endpoint="y")]).bind("www.example.jp")
    assert compiled == []
    adapter.build("y", {"n": 1})
    adapter.build("y", {"n": 2})
    assert compiled == ["/y/<int:n>"]
