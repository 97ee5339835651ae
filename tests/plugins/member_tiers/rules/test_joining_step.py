"""A closed page leads to the application for a tier that would open it, and to nothing else."""

import re
from typing import Any
from urllib.parse import quote

import pytest
from paying_kit import open_tier
from tiers_kit import SECRET, Customer, give, join, make_member, make_page

from core.content.services import save_page
from core.db import transaction
from core.testing.factories import make_customer, make_staff
from plugins.member_tiers.memberships.models import MAIN
from plugins.member_tiers.memberships.tiers import save_ladder
from plugins.member_tiers.paying import services
from plugins.member_tiers.rules.joining import Step, join_step
from plugins.member_tiers.rules.services import save_rule
from plugins.member_tiers.services import save_tier
from tests.journey_kit import set_site

JOIN = "/member-tiers/join/"
GOLD = {"field": "tier", "op": "eq", "value": "gold"}
SILVER_UP = {"field": "tier_or_higher", "op": "eq", "value": "silver"}
POINTS = {"field": "points", "op": "gte", "value": 50}


def gate(text: str) -> str:
    found = re.search(r'<section class="gate.*?</section>', text, re.DOTALL)
    assert found is not None
    return found[0]


def buttons(text: str) -> list[tuple[str, str]]:
    """Return class and address of the links of a gate box, in order."""
    return re.findall(r'<a class="([^"]+)" href="([^"]+)"', gate(text))


@pytest.mark.parametrize("theme", ["default", "shotengai"])
@pytest.mark.parametrize(
    ("language", "words"), [("ja", "「ゴールド」に申し込む"), ("en", "Apply for “Gold”")]
)
class TestBox:
    def test_it_offers_a_member_to_apply(
        self, theme: str, language: str, words: str, tiers: Any, client: Any, login: Any
    ) -> None:
        open_tier(tiers["gold"])
        set_site(theme=theme)
        make_page("lounge", rule=GOLD)
        account = make_member()
        join(Customer(account), tiers["silver"])
        login(client, account)
        text = client.get(f"/lounge?lang={language}").text
        assert words in gate(text)
        assert buttons(text) == [("button", f"{JOIN}gold")]
        assert SECRET not in text

    def test_it_sends_a_guest_to_the_log_in_first_and_back(
        self, theme: str, language: str, words: str, tiers: Any, client: Any
    ) -> None:
        open_tier(tiers["gold"])
        set_site(theme=theme)
        make_page("lounge", rule=GOLD)
        text = client.get(f"/lounge?lang={language}").text
        assert words in gate(text)
        (first, apply), (second, login_url) = buttons(text)
        assert (first, apply, second) == ("button", f"{JOIN}gold", "button button-secondary")
        assert login_url.startswith("/login?next=/lounge")
        sent = client.get(apply)
        assert sent.status_code == 302
        assert sent.headers["Location"].endswith(f"next={quote(apply, safe='/')}")


def test_nothing_is_offered_while_the_tier_is_not_open(tiers: Any, client: Any) -> None:
    make_page("lounge", rule=GOLD)
    text = client.get("/lounge").text
    assert JOIN not in text
    assert [style for style, _url in buttons(text)] == ["button"]


def test_the_owners_address_wins(tiers: Any, client: Any) -> None:
    open_tier(tiers["gold"])
    with transaction():
        save_rule({"key": "gold", "title": "金", "condition": GOLD, "offer_url": "/how-to-join"})
        save_page({"rule_name": "gold"}, page_id=make_page("lounge").id)
    text = client.get("/lounge").text
    assert buttons(text)[0] == ("button", "/how-to-join")
    assert JOIN not in text


def test_hidden_pages_and_strange_ones_say_the_same(tiers: Any, client: Any, login: Any) -> None:
    open_tier(tiers["gold"])
    with transaction():
        save_rule({"key": "gold", "title": "金", "condition": GOLD, "display": "not_found"})
        save_page({"rule_name": "gold"}, page_id=make_page("hidden").id)
        save_page({"display": "not_found"}, page_id=make_page("own", rule=GOLD).id)
    login(client, make_member())
    for slug in ("hidden", "own", "there-is-none"):
        answer = client.get(f"/{slug}")
        assert answer.status_code == 404
        assert JOIN not in answer.text and "ゴールド" not in answer.text


def test_who_has_applied_sees_where_that_stands(tiers: Any, client: Any, login: Any) -> None:
    gold, account = open_tier(tiers["gold"]), make_member()
    with transaction():
        services.apply(account.customer_id, gold.id, method="bank")
    make_page("lounge", rule=GOLD)
    login(client, account)
    text = client.get("/lounge").text
    assert buttons(text) == [("button", "/member-tiers/memberships")]
    assert "お申し込みの状況を見る" in gate(text)


@pytest.mark.parametrize(("points", "styles"), [(60, ["unlock", "join"]), (10, ["join"])])
def test_points_come_first_while_they_suffice(
    points: int, styles: list[str], tiers: Any, client: Any, login: Any
) -> None:
    open_tier(tiers["gold"])
    account = make_member()
    give(Customer(account), points)
    make_page("lounge", rule=GOLD, price=50)
    login(client, account)
    found = buttons(client.get("/lounge").text)
    assert [("join" if JOIN in url else "unlock") for _style, url in found] == styles
    assert [style for style, _url in found] == ["button", "button button-secondary"][: len(styles)]


def test_staff_who_are_no_members_are_not_asked_to_apply(tiers: Any, client: Any, login: Any) -> None:
    open_tier(tiers["gold"])
    make_page("lounge", rule=GOLD)
    login(client, make_staff("content.edit"))
    assert JOIN not in client.get("/lounge").text


@pytest.mark.parametrize(
    ("condition", "key"),
    [
        (GOLD, "gold"),
        (SILVER_UP, "silver"),
        ({"field": "tier", "op": "in", "value": ["silver", "gold"]}, "silver"),
        ({"field": "tier_or_higher", "op": "in", "value": ["gold"]}, "gold"),
        ({"any": [POINTS, GOLD]}, "gold"),
        ({"all": [GOLD]}, "gold"),
        ({"all": [GOLD, POINTS]}, None),
        ({"not": GOLD}, None),
        ({"field": "tier", "op": "ne", "value": "gold"}, None),
        ({"field": "tier_or_higher", "op": "eq", "value": "platinum"}, None),
        ({"field": "prefecture", "op": "eq", "value": "gold"}, None),
        ({"any": []}, None),
        ("gold", None),
        (None, None),
        (POINTS, None),
    ],
)
def test_only_tiers_that_would_be_enough_are_named(app: Any, tiers: Any, condition: Any, key: Any) -> None:
    open_tier(tiers["gold"])
    open_tier(tiers["silver"])
    with app.test_request_context("/"):
        found = join_step(condition, None)
    assert (found.key if found is not None else None) == key


@pytest.mark.parametrize(
    ("held", "condition", "key"),
    [
        ("gold", {"field": "tier", "op": "eq", "value": "silver"}, None),
        ("silver", {"field": "tier", "op": "eq", "value": "silver"}, None),
        ("silver", SILVER_UP, None),
        ("free", SILVER_UP, "silver"),
        ("silver", GOLD, "gold"),
    ],
)
def test_members_are_led_upwards_only(app: Any, tiers: Any, held: str, condition: Any, key: Any) -> None:
    for tier in tiers.values():
        open_tier(tier)
    customer = make_customer()
    join(customer, tiers[held])
    with app.test_request_context("/"):
        found = join_step(condition, customer.id)
    assert (found.key if found is not None else None) == key


def test_tiers_of_another_ladder_are_tested_by_its_field(app: Any, tiers: Any) -> None:
    with transaction():
        ladder = save_ladder({"key": "circle", "title_ja": "サークル"})
        tea = save_tier({"key": "tea", "title_ja": "茶", "ladder_id": ladder.id})
    open_tier(tea)
    with app.test_request_context("/"):
        assert join_step({"field": "tier_circle", "op": "eq", "value": "tea"}, None) == Step("tea", "茶")
        assert join_step({"field": "tier", "op": "eq", "value": "tea"}, None) is None
        assert join_step({"field": "tier_or_higher", "op": "eq", "value": "tea"}, None) == Step("tea", "茶")
    assert tiers["gold"].ladder_id != ladder.id and MAIN != "circle"


def test_who_is_let_in_costs_no_query_more(tiers: Any, client: Any, login: Any, query_counter: Any) -> None:
    account = make_member()
    join(Customer(account), tiers["gold"])
    make_page("lounge", rule=GOLD)
    login(client, account)
    client.get("/lounge")
    with query_counter() as before:
        assert SECRET in client.get("/lounge").text
    open_tier(tiers["gold"])
    client.get("/lounge")
    with query_counter() as after:
        assert SECRET in client.get("/lounge").text
    assert after.count == before.count
    assert not [one for one in after.statements if "member_tiers_ladder.title_ja" in one]
