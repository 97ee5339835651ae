"""Restricted pages: who reads them, and that their text reaches nobody else."""

from collections.abc import Callable
from typing import Any

import pytest
from tiers_kit import SECRET, Customer, days, give, join, make_member, make_page

from core.content.access import ContentRef, Visibility
from core.db import transaction
from core.i18n import site_today
from core.plugin_host import lifecycle
from core.testing.factories import make_account, make_customer
from plugins.member_tiers import services
from plugins.member_tiers.queries import standing_of
from plugins.member_tiers.rules import access

GOLD = {"field": "tier_or_higher", "op": "eq", "value": "gold"}
SILVER = {"field": "tier_or_higher", "op": "eq", "value": "silver"}
HUNDRED = {"field": "points", "op": "gte", "value": 100}
TOKYO = {"field": "prefecture", "op": "in", "value": ["13"]}


def content(rule: Any, **options: Any) -> ContentRef:
    values = {"member_tiers": options} if options else {}
    return ContentRef("page", 1, "p", "P", Visibility.RESTRICTED, rule, values)


def may_read(rule: Any, customer: Any) -> bool:
    decision = access.decide(content(rule), customer.id if customer is not None else None)
    return decision is not None and decision.granted


@pytest.fixture
def site(tiers: Any) -> dict[str, ContentRef]:
    """The four kinds of restricted page."""
    return {
        "gold": make_page("gold", rule=GOLD),
        "points-100": make_page("points-100", rule=HUNDRED),
        "tokyo": make_page("tokyo", rule={"all": [TOKYO, SILVER]}),
        "unlock-50": make_page("unlock-50", price=50),
    }


WHO = {
    "free": "13",
    "silver": "13",
    "gold": "13",
    "gold_osaka": "27",
    "gold_nowhere": None,
    "expired": "13",
    "upcoming": "13",
    "cancelled": "13",
    "ended": "13",
    "rich": "27",
    "poor": "27",
}
STAYS = {
    "free": ("free", -10, None),
    "silver": ("silver", -10, None),
    "gold": ("gold", -10, 0),
    "gold_osaka": ("gold", -10, None),
    "gold_nowhere": ("gold", -10, None),
    "expired": ("gold", -10, -1),
    "upcoming": ("gold", 1, None),
}
READERS = {
    "gold": {"gold", "gold_osaka", "gold_nowhere"},
    "points-100": {"rich"},
    "tokyo": {"silver", "gold"},
    "unlock-50": set(),
}
EVERYBODY = [None, *WHO]


@pytest.fixture
def accounts(tiers: Any) -> dict[str, Any]:
    """Members of every kind."""
    made = {name: make_member(prefecture=code) for name, code in WHO.items()}
    for name, (tier, since, until) in STAYS.items():
        join(Customer(made[name]), tiers[tier], since, until)
    for name, verb in (("cancelled", services.take_back), ("ended", services.expire)):
        membership = join(Customer(made[name]), tiers["gold"])
        with transaction():
            verb(membership.id)
    give(Customer(made["rich"]), 100)
    give(Customer(made["poor"]), 99)
    return made


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("who", EVERYBODY)
def test_a_page_shows_its_text_to_those_who_meet_its_rule_and_to_nobody_else(
    who: str | None, accounts: dict[str, Any], client: Any, login: Callable[..., Any]
) -> None:
    if who is not None:
        login(client, accounts[who])
    for slug, readers in READERS.items():
        answer = client.get(f"/{slug}")
        assert (SECRET in answer.text) is (who in readers), slug
        assert answer.status_code == (200 if who in readers else 403)
        assert "no-store" in answer.headers["Cache-Control"]
        head = client.head(f"/{slug}")
        assert head.data == b""
        assert head.status_code == answer.status_code


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("who", [*EVERYBODY, "owner"])
def test_while_the_plugin_is_off_only_owners_read_restricted_pages(
    who: str | None, accounts: dict[str, Any], client: Any, login: Callable[..., Any]
) -> None:
    if who is not None:
        login(client, make_account("Owner") if who == "owner" else accounts[who])
    lifecycle.disable("member_tiers")
    for slug in READERS:
        for answer in (client.get(f"/{slug}"), client.get(f"/{slug}?preview=1"), client.head(f"/{slug}")):
            assert (SECRET in answer.text) is (who == "owner" and answer.request.method == "GET")
    lifecycle.enable("member_tiers")
    for slug, readers in READERS.items():
        assert (SECRET in client.get(f"/{slug}").text) is (who in {*readers, "owner"})


def test_staff_who_are_no_members_do_not_read_restricted_pages(
    site: Any, client: Any, login: Callable[..., Any]
) -> None:
    login(client, make_account("Staff"))
    assert all(SECRET not in client.get(f"/{slug}").text for slug in site)


def test_a_change_of_tier_is_obeyed_by_the_next_request(
    site: Any, tiers: Any, client: Any, login: Callable[..., Any]
) -> None:
    account = make_member()
    login(client, account)
    assert SECRET not in client.get("/gold").text
    membership = join(Customer(account), tiers["gold"])
    assert SECRET in client.get("/gold").text
    with transaction():
        services.expire(membership.id)
    assert SECRET not in client.get("/gold").text


def test_a_membership_counts_on_its_last_day_and_not_on_the_next(tiers: Any, monkeypatch: Any) -> None:
    customer = make_customer()
    join(customer, tiers["gold"], -3, 0)
    assert may_read(GOLD, customer)
    tomorrow = site_today() + days(1)
    monkeypatch.setattr("plugins.member_tiers.memberships.expressions.site_today", lambda: tomorrow)
    assert standing_of(customer.id).tier_key is None


def test_the_highest_of_several_memberships_counts(tiers: Any) -> None:
    customer = make_customer()
    join(customer, tiers["free"])
    join(customer, tiers["gold"], -5, 5)
    join(customer, tiers["silver"])
    assert standing_of(customer.id).tier_key == "gold"
    assert may_read({"field": "tier", "op": "eq", "value": "gold"}, customer)
    assert not may_read({"field": "tier", "op": "eq", "value": "silver"}, customer)
    assert may_read(SILVER, customer)


class TestUnknownNeverGrants:
    """S5 of the research: what is missing or unknown is no, `not` included."""

    @pytest.mark.parametrize(
        "rule",
        [
            {"field": "tier", "op": "ne", "value": "gold"},
            {"field": "tier", "op": "not_in", "value": ["gold"]},
            {"not": {"field": "tier", "op": "eq", "value": "gold"}},
            {"not": {"field": "tier_or_higher", "op": "eq", "value": "gold"}},
            {"field": "prefecture", "op": "ne", "value": "13"},
            {"not": {"field": "prefecture", "op": "in", "value": ["13"]}},
            {"field": "no_such_field", "op": "eq", "value": 1},
            {"not": {"field": "no_such_field", "op": "eq", "value": 1}},
            {"field": "tier", "op": "no_such_operator", "value": "gold"},
            {"field": "points", "op": "gte", "value": "many"},
            {"any": []},
            {"all": "gold"},
            {"what": "ever"},
            ["gold"],
            "gold",
            {"not": {"broken": True}},
        ],
    )
    def test_a_customer_of_whom_nothing_is_known_is_not_let_in(self, tiers: Any, rule: Any) -> None:
        assert not may_read(rule, make_customer())

    def test_a_member_who_does_not_exist_is_not_let_in(self, tiers: Any) -> None:
        decision = access.decide(content({"all": []}), 987654321)
        assert decision is not None
        assert not decision.granted

    @pytest.mark.parametrize("price", [0, -5, "50", 50.0, True, None, 10**12])
    def test_a_price_that_is_no_whole_number_of_points_sells_nothing(self, tiers: Any, price: Any) -> None:
        assert access.decide(content(None, unlock_price=price), make_customer().id) is None

    def test_options_of_another_shape_sell_nothing(self, tiers: Any) -> None:
        for options in ({"member_tiers": "50"}, {"member_tiers": [50]}, {"other": {"unlock_price": 50}}):
            found = ContentRef("page", 1, "p", "P", Visibility.RESTRICTED, None, options)
            assert access.unlock_price(found) is None

    def test_a_page_without_rule_and_price_has_no_opinion_and_stays_shut(
        self, tiers: Any, client: Any, login: Callable[..., Any]
    ) -> None:
        make_page("nothing")
        login(client, make_member())
        assert SECRET not in client.get("/nothing").text


class TestTheOffer:
    def test_guests_read_what_opens_the_page_and_where_to_log_in(self, tiers: Any, client: Any) -> None:
        make_page("either", rule=GOLD, price=50)
        text = client.get("/either").text
        assert "ゴールド以上の会員、または 50 ポイント" in text
        assert "/login" in text
        assert "/member-tiers/unlock" not in text

    def test_a_member_reads_what_they_have_and_what_would_be_left(
        self, tiers: Any, client: Any, login: Callable[..., Any]
    ) -> None:
        make_page("either", rule=GOLD, price=50)
        account = make_member()
        join(Customer(account), tiers["silver"])
        give(Customer(account), 80)
        login(client, account)
        text = client.get("/either").text
        assert "80 ポイント" in text
        assert "30 ポイント" in text
        assert "シルバー" in text
        assert "/member-tiers/unlock/page/" in text

    def test_a_member_with_too_few_points_reads_how_many_are_missing(
        self, tiers: Any, client: Any, login: Callable[..., Any]
    ) -> None:
        make_page("dear", price=50)
        account = make_member()
        give(Customer(account), 20)
        login(client, account)
        text = client.get("/dear").text
        assert "30 ポイント" in text
        assert "/member-tiers/unlock" not in text

    def test_the_offer_names_every_kind_of_rule_in_plain_words(self, tiers: Any) -> None:
        rule = {"any": [{"all": [SILVER, TOKYO]}, {"field": "tier", "op": "eq", "value": "free"}, HUNDRED]}
        decision = access.decide(content(rule), None)
        assert decision is not None
        assert decision.offer is not None
        assert str(decision.offer.text) == (
            "（シルバー以上の会員、かつ 東京都にお住まいの会員）、または 一般会員"
            "、または 100 ポイント以上お持ちの会員"
        )


def test_the_plugin_asks_the_database_once_for_a_member(tiers: Any, query_counter: Any) -> None:
    customer = make_customer(prefecture="13")
    join(customer, tiers["gold"])
    may_read(GOLD, customer)
    with query_counter() as queries:
        assert may_read({"all": [GOLD, TOKYO, {"not": HUNDRED}]}, customer)
    assert queries.count == 1


def test_a_gated_page_takes_at_most_five_queries(
    site: Any, tiers: Any, client: Any, login: Callable[..., Any], query_counter: Any
) -> None:
    account = make_member(prefecture="13")
    join(Customer(account), tiers["gold"])
    login(client, account)
    client.get("/gold")
    with query_counter() as queries:
        assert SECRET in client.get("/gold").text
    assert queries.count <= 5, queries.statements
