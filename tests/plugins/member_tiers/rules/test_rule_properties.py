"""For random rules and members every surface says the same as the SQL and as plain logic; unknown denies."""

import datetime as dt
from pathlib import Path
from random import Random
from typing import Any

import pytest
from flask import g
from sqlalchemy import select
from tiers_kit import SECRET, Customer, give, join, make_member, make_page

from core.conditions import compile_condition
from core.content.access import ContentRef, Visibility
from core.content.gate import open_content, open_for_reading
from core.content.menu_lines import MenuLine
from core.content.services import save_menu, save_page
from core.customers.models import Customer as CustomerRow
from core.customers.registry import customer_fields
from core.db import db, transaction
from core.plugin_host.snapshot import use_current_snapshot
from core.security.sessions import SignedInAccount
from core.testing.fixtures import Client, closing_connections, make_app
from core.theming.tag_calls import draw_tag, prepare_tags
from plugins.member_tiers.rules.services import save_rule
from plugins.member_tiers.rules.trace import trace
from plugins.member_tiers.services import take_back

PLACES, TIERS, AMOUNTS = ("13", "14", "27"), ("free", "silver", "gold"), (0, 50, 120)
DAYS = (dt.date(1960, 2, 29), dt.date(1990, 3, 31))


def values_of(rng: Random, field: str) -> Any:
    return rng.choice({"prefecture": PLACES, "tier": TIERS, "points": AMOUNTS, "birthday": DAYS}[field])


def random_rule(rng: Random, depth: int = 0) -> Any:
    kind = rng.random()
    if depth < 3 and kind < 0.45:
        parts = [random_rule(rng, depth + 1) for _part in range(rng.randrange(0, 4))]
        return {rng.choice(("all", "any")): parts}
    if depth < 3 and kind < 0.6:
        return {"not": random_rule(rng, depth + 1)}
    if kind < 0.65:
        return rng.choice(
            (
                {"field": "gone", "op": "eq", "value": "x"},
                {"field": "tier", "op": "shout", "value": "gold"},
                {"field": "points", "op": "gte", "value": "many"},
                {"any": "all"},
                "gold",
            )
        )
    field = rng.choice(("prefecture", "tier", "points", "birthday"))
    names = ["eq", "ne", "is_set", "is_empty"]
    names += {"points": ["gte", "lt"], "birthday": []}.get(field, ["in", "not_in"])
    op = rng.choice(names)
    if op in ("is_set", "is_empty"):
        return {"field": field, "op": op}
    if op in ("in", "not_in"):
        return {"field": field, "op": op, "value": [values_of(rng, field) for _one in range(2)]}
    value = values_of(rng, field)
    return {"field": field, "op": op, "value": value.isoformat() if isinstance(value, dt.date) else value}


def known(rule: Any, facts: dict[str, Any]) -> bool | None:
    """Say in plain three-valued logic how a rule comes out."""
    if not isinstance(rule, dict):
        return None
    for key, decisive in (("all", False), ("any", True)):
        if key in rule:
            if not isinstance(rule[key], list):
                return None
            states = [known(part, facts) for part in rule[key]]
            return decisive if decisive in states else None if None in states else not decisive
    if "not" in rule:
        state = known(rule["not"], facts)
        return None if state is None else not state
    if rule["field"] not in facts or rule["op"] == "shout" or rule.get("value") == "many":
        return None
    return outcome(facts[rule["field"]], rule["op"], rule.get("value"))


def outcome(fact: Any, op: str, value: Any) -> bool | None:
    if op in ("is_set", "is_empty"):
        return (fact is None) is (op == "is_empty")
    if fact is None:
        return None
    if isinstance(fact, dt.date):
        value = dt.date.fromisoformat(value)
    return {
        "eq": lambda: fact == value,
        "ne": lambda: fact != value,
        "in": lambda: fact in value,
        "not_in": lambda: fact not in value,
        "gte": lambda: fact >= value,
        "lt": lambda: fact < value,
    }[op]()


@pytest.fixture
def people(tiers: Any) -> list[tuple[Any, dict[str, Any]]]:
    """Members with different facts; one has none, one let theirs expire."""
    made = []
    rng = Random(6)
    for number in range(7):
        place, day = (None, None) if number == 0 else (rng.choice(PLACES), rng.choice((None, *DAYS)))
        account = make_member(prefecture=place, birthday=day)
        customer = Customer(account)
        tier = None if number in (0, 1) else rng.choice(TIERS)
        if tier:
            join(customer, tiers[tier])
        if number == 1:
            join(customer, tiers["gold"], since=-20, until=-3)
        points = 0 if number < 2 else rng.choice(AMOUNTS)
        if points:
            give(customer, points)
        made.append((account, {"prefecture": place, "tier": tier, "points": points, "birthday": day}))
    return made


def signed_in(account: Any) -> SignedInAccount:
    return SignedInAccount(account.id, "a@example.jp", "A", "member", account.customer_id, "ja", frozenset())


@pytest.mark.parametrize("seed", range(6))
def test_every_surface_agrees_with_the_sql_and_with_plain_logic(seed, app, people) -> None:
    rng = Random(seed)
    rules = [random_rule(rng) for _rule in range(12)]
    fields = customer_fields()
    named = {}
    for number, rule in enumerate(rules):
        if isinstance(rule, dict):
            with transaction():
                # As rules get into the table whose plugin of a field is off now, or from an older version.
                made = save_rule({"key": f"rule-{number}", "title": "x"})
                made.condition = rule
            named[number] = f"rule-{number}"
    use_current_snapshot()
    for number, rule in enumerate(rules):
        listed = set(db.session.scalars(select(CustomerRow.id).where(compile_condition(rule, fields))))
        own = ContentRef("page", 9000 + number, "p", "P", Visibility.RESTRICTED, rule=rule)
        by_name = ContentRef("file", number, "f", "F", Visibility.RESTRICTED, rule_name=f"rule-{number}")
        for account, facts in people:
            expected = known(rule, facts) is True
            assert (account.customer_id in listed) is expected, rule
            with app.test_request_context("/"):
                g.account = signed_in(account)
                if rule:
                    assert open_content(own, g.account).granted is expected, rule
                    assert trace(own, account.customer_id).granted is expected, rule
                if number in named:
                    assert open_content(by_name, g.account).granted is expected, rule
                    assert (
                        open_for_reading(by_name, g.account, open_content(by_name, g.account)).granted
                        is expected
                    )
                    arguments = {"name": named[number]}
                    prepare_tags((("member_rule", tuple(arguments.items())),))
                    shown = draw_tag("member_rule", arguments, lambda: "open")
                    assert (shown == "open") is expected, rule
                g.pop("account")
        with app.test_request_context("/"):
            assert not open_content(own, None).granted
            assert not open_content(by_name, None).granted


@pytest.fixture
def elsewhere(app: Any, database_url: str, tmp_path: Path) -> Any:
    """Another process of the same site: an app of its own on the same database."""
    other = make_app(tmp_path, database_url)
    other.test_client_class = Client
    with closing_connections(other):
        yield other


def test_a_second_process_obeys_a_change_of_tier_points_and_rule_with_its_next_request(
    tiers, client, login, elsewhere
) -> None:
    account = make_member()
    membership = join(Customer(account), tiers["gold"])
    gold = {
        "any": [{"field": "tier", "op": "eq", "value": "gold"}, {"field": "points", "op": "gte", "value": 50}]
    }
    with transaction():
        made = save_rule({"key": "lounge", "title": "x", "condition": gold})
        rule_id, membership_id = made.id, membership.id
        save_menu("header", [MenuLine("奥の部屋", "/x", shown_to="rule", rule_name="lounge")])
    content = make_page("lounge")
    with transaction():
        save_page({"rule_name": "lounge"}, page_id=content.id)
    login(client, account)
    other = elsewhere.test_client()
    other._cookies.update(client._cookies)

    def both_open() -> tuple[bool, bool]:
        answers = [one.get("/lounge").text for one in (client, other)]
        assert [SECRET in text for text in answers] == ["奥の部屋" in text for text in answers]
        return SECRET in answers[0], SECRET in answers[1]

    assert both_open() == (True, True)
    with transaction():
        take_back(membership_id)
    assert both_open() == (False, False)
    give(Customer(account), 60)
    assert both_open() == (True, True)
    with transaction():
        save_rule({"condition": {"field": "points", "op": "gte", "value": 61}}, rule_id=rule_id)
    assert both_open() == (False, False)
    give(Customer(account), 1)
    assert both_open() == (True, True)
