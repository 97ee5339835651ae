"""What is found out for many pages at once is what the gate says for each of them alone."""

import datetime as dt
from typing import Any

from tiers_kit import Customer, give, join, make_member, make_page

from core.content.gate import open_content, prepare_access
from core.content.services import save_page
from core.db import transaction, utcnow
from core.security.sessions import SignedInAccount
from plugins.member_tiers.points import unlocking
from plugins.member_tiers.rules.services import save_rule

GOLD = {"field": "tier", "op": "eq", "value": "gold"}
HOUR = dt.timedelta(hours=1)


def named(key: str, **values: Any) -> None:
    with transaction():
        save_rule({"key": key, "title": key, **values})


def pages() -> list[Any]:
    """Pages with every kind of rule; the owner's own and those of the book."""
    named("gold", condition=GOLD)
    named("everybody")
    named("late", condition=GOLD, opens_at=utcnow() + HOUR)
    named("over", condition=GOLD, closes_at=utcnow() - HOUR)
    named("old", condition=GOLD, drip_days=30)
    named("young", condition=GOLD, drip_days=5)
    rules = (
        GOLD,
        {"field": "tier", "op": "eq", "value": "silver"},
        {"field": "points", "op": "gte", "value": 10},
        {"field": "points", "op": "gte", "value": 1_000},
        {"field": "gone", "op": "eq", "value": 1},
        {"not": {"field": "gone", "op": "eq", "value": 1}},
        {"any": []},
        {"all": []},
        None,
    )
    made = [make_page(f"own{place}", rule=rule) for place, rule in enumerate(rules)]
    made += [make_page("sold", price=5), make_page("bought", price=5), make_page("dear", rule=GOLD, price=5)]
    for key in ("gold", "everybody", "late", "over", "old", "young", "missing"):
        content = make_page(f"named-{key}")
        with transaction():
            made.append(save_page({"rule_name": key}, page_id=content.id).ref)
    return made


def test_prepared_answers_are_those_of_the_gate(tiers: Any, app: Any, query_counter: Any) -> None:
    contents = pages()
    gold, other = make_member(), make_member()
    join(Customer(gold), tiers["gold"], since=-10)
    give(Customer(gold), 50)
    bought = next(content for content in contents if content.slug == "bought")
    with transaction():
        unlocking.unlock(bought, gold.customer_id, price=5)
    seen = []
    for member in (gold, other):
        account = SignedInAccount(member.id, "", "", "member", member.customer_id, "ja", frozenset())
        with app.test_request_context("/"):
            alone = [open_content(content, account).granted for content in contents]
        with app.test_request_context("/"):
            prepare_access(contents, account)
            with query_counter() as queries:
                together = [open_content(content, account).granted for content in contents]
        assert together == alone
        assert queries.count <= 6
        seen.append(together)
    assert True in seen[0]
    assert False in seen[0]
    assert seen[0] != seen[1]
