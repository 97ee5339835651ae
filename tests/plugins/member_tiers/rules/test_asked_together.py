"""What the gate and the parts of a page ask about a member goes along in one query, and says the same."""

import datetime as dt
from typing import Any

import pytest
from tiers_kit import SECRET, Customer, give, join, make_member, make_page

from core.content.services import save_page
from core.db import transaction, utcnow
from plugins.member_tiers.points import unlocking
from plugins.member_tiers.rules.services import save_rule

PARTS = f"""
{SECRET}

[members_only tier="gold"]金だけ[/members_only]

[member_rule name="tokyo"]東京[/member_rule]
"""
SILVER = {"field": "tier_or_higher", "op": "eq", "value": "silver"}
HOUR = dt.timedelta(hours=1)


def shown(text: str) -> set[str]:
    return {part for part in ("金だけ", "東京") if part in text}


@pytest.fixture
def page(tiers: Any) -> Any:
    """A closed page with gated parts."""
    with transaction():
        save_rule(
            {"key": "tokyo", "title": "東京", "condition": {"field": "prefecture", "op": "eq", "value": "13"}}
        )
    return make_page("together", rule=SILVER, price=30, body=PARTS)


@pytest.fixture
def reader(tiers: Any, new_client: Any, login: Any, page: Any) -> Any:
    """Makes members of a tier with a browser of theirs; somebody has read the page, its text is at hand."""

    def made(tier: str | None, **values: Any) -> tuple[Any, Any]:
        account = make_member(**values)
        if tier is not None:
            join(Customer(account), tiers[tier])
        browser = new_client()
        login(browser, account)
        return browser, account

    browser, _account = made("gold", prefecture="27")
    assert SECRET in browser.get("/together").text
    return made


def test_the_gate_and_the_parts_ask_about_a_member_in_one_query(reader: Any, query_counter: Any) -> None:
    browser, _account = reader("gold", prefecture="13")
    browser.get("/together")
    with query_counter() as queries:
        text = browser.get("/together").text
    assert SECRET in text
    assert shown(text) == {"金だけ", "東京"}
    about_them = [one for one in queries.statements if "FROM core_customer" in one]
    assert len(about_them) == 1, queries.statements


@pytest.mark.parametrize(
    ("tier", "prefecture", "opens", "parts"),
    [
        ("gold", "13", True, {"金だけ", "東京"}),
        ("silver", "13", True, {"東京"}),
        ("silver", "27", True, set()),
        ("free", "13", False, set()),
        (None, "13", False, set()),
    ],
)
def test_each_member_gets_the_page_and_the_parts_that_are_theirs(
    reader: Any, tier: str | None, prefecture: str, opens: bool, parts: set[str]
) -> None:
    browser, _account = reader(tier, prefecture=prefecture)
    text = browser.get("/together").text
    assert (SECRET in text) is opens
    assert shown(text) == parts


def test_what_was_paid_for_opens_with_the_next_look(reader: Any, page: Any) -> None:
    browser, account = reader("free", prefecture="27")
    assert SECRET not in browser.get("/together").text
    give(Customer(account), 50)
    with transaction():
        unlocking.unlock(page, account.customer_id, price=30)
    assert SECRET in browser.get("/together").text


@pytest.mark.parametrize("moment", ["opens_at", "closes_at"])
def test_a_page_out_of_its_hours_stays_shut_whatever_its_parts_say(
    reader: Any, page: Any, moment: str
) -> None:
    browser, _account = reader("gold", prefecture="13")
    shut = utcnow() + HOUR if moment == "opens_at" else utcnow() - HOUR
    options = {"member_tiers": {moment: shut.isoformat()}}
    with transaction():
        save_page({"options": options}, page_id=page.id)
    assert SECRET not in browser.get("/together").text


def test_a_changed_rule_counts_from_the_next_look_on(reader: Any, page: Any) -> None:
    browser, _account = reader("silver", prefecture="13")
    assert SECRET in browser.get("/together").text
    with transaction():
        save_page({"rule": {"field": "tier", "op": "eq", "value": "gold"}}, page_id=page.id)
    assert SECRET not in browser.get("/together").text


def test_a_closed_part_of_an_open_page_is_not_opened_by_the_page(reader: Any, tiers: Any) -> None:
    browser, account = reader("free", prefecture="27")
    with transaction():
        save_page({"slug": "open", "title": "公開", "body": PARTS, "status": "published"})
    for _look in range(2):
        text = browser.get("/open").text
        assert SECRET in text
        assert "金だけ" not in text
    join(Customer(account), tiers["gold"])
    assert "金だけ" in browser.get("/open").text
