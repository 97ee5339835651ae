"""The tags: what they show to whom, and that they never render what they do not grant."""

from collections.abc import Callable
from typing import Any

import pytest
from markupsafe import Markup
from paying_kit import open_tier
from tiers_kit import Customer, give, join, make_member, make_page

from core.content.services import save_page
from core.db import transaction
from core.plugin_host.snapshot import current_snapshot
from core.testing.factories import make_customer
from core.theming.tags import TagContext
from plugins.member_tiers import services, tags
from plugins.member_tiers.ranks import services as ranks
from plugins.member_tiers.rules.services import save_rule

OWN = {t.name: t for t in tags.template_tags()}


def never() -> Markup:
    raise AssertionError("what is not granted must not be rendered")


def shown() -> Markup:
    return Markup("<b>shown</b>")


def draw(tag: str, /, member: int | None, **arguments: Any) -> Markup:
    return OWN[tag].render(TagContext(member=member), **arguments)


def members_only(member: int | None, tier: str | None = None, *, open_: bool) -> bool:
    output = draw("members_only", member, tier=tier, body=shown if open_ else never)
    return output == shown()


class TestMembersOnly:
    def test_guests_see_nothing_and_members_the_text(self, tiers: Any) -> None:
        assert not members_only(None, open_=False)
        assert members_only(make_customer().id, open_=True)

    @pytest.mark.parametrize(
        ("held", "asked", "granted"),
        [
            ("gold", "silver", True),
            ("silver", "silver", True),
            ("free", "silver", False),
            (None, "free", False),
            ("gold", "platinum", False),
            ("gold", "", False),
        ],
    )
    def test_a_tier_and_those_above_it_see_the_text(
        self, tiers: Any, held: str | None, asked: str, granted: bool
    ) -> None:
        customer = make_customer()
        if held:
            join(customer, tiers[held])
        assert members_only(customer.id, asked, open_=granted) is granted

    def test_an_expired_tier_does_not_count(self, tiers: Any) -> None:
        customer = make_customer()
        join(customer, tiers["gold"], -10, -1)
        members_only(customer.id, "free", open_=False)


def test_guests_only_is_for_guests(tiers: Any) -> None:
    assert draw("guests_only", None, body=shown) == shown()
    assert draw("guests_only", make_customer().id, body=never) == ""


class TestMemberIf:
    @pytest.mark.parametrize(
        ("field", "op", "value", "granted"),
        [
            ("points", "eq", "100", True),
            ("points", "ne", "100", False),
            ("points", "gte", "9", True),
            ("points", "lt", "9", False),
            ("points", "lte", "100", True),
            ("points", "gt", "100", False),
            ("points", "gte", "many", False),
            ("points", "gte", "9" * 5000, False),
            ("prefecture", "eq", "13", True),
            ("prefecture", "ne", "13", False),
            ("prefecture", "ne", "27", True),
            ("tier", "eq", "gold", True),
            ("tier_or_higher", "eq", "free", True),
            ("city", "ne", "Osaka", False),
            ("city", "eq", "", False),
            ("birthday", "lt", "2000-01-01", True),
            ("birthday", "lt", "yesterday", False),
            ("no_such_field", "eq", "1", False),
            ("no_such_field", "ne", "1", False),
            ("family_name", "lt", "x", False),
        ],
    )
    def test_the_test_decides_and_what_is_missing_or_wrong_hides(
        self, tiers: Any, field: str, op: str, value: str, granted: bool
    ) -> None:
        customer = make_customer(prefecture="13", birthday="1990-05-05")
        join(customer, tiers["gold"])
        give(customer, 100)
        body = shown if granted else never
        assert (draw("member_if", customer.id, field=field, op=op, value=value, body=body) != "") is granted

    def test_guests_never_fit(self, tiers: Any) -> None:
        draw("member_if", None, field="points", op="gte", value="0", body=never)


class TestMemberField:
    def test_facts_are_printed_and_escaped(self, tiers: Any) -> None:
        customer = make_customer(family_name="<script>", prefecture="13")
        join(customer, tiers["gold"])
        give(customer, 1250)
        assert draw("member_field", customer.id, name="family_name") == "&lt;script&gt;"
        assert draw("member_field", customer.id, name="prefecture") == "東京都"
        assert draw("member_field", customer.id, name="tier") == "ゴールド"
        assert draw("member_field", customer.id, name="points") == "1,250"

    @pytest.mark.parametrize("name", ["caution_note", "memo", "rank", "source", "is_member", "no_such_field"])
    def test_what_staff_know_about_the_member_is_not_printed(self, tiers: Any, name: str) -> None:
        customer = make_customer(caution_note="secret", memo="secret")
        assert draw("member_field", customer.id, name=name) == ""

    def test_guests_and_empty_facts_print_nothing(self, tiers: Any) -> None:
        assert draw("member_field", None, name="family_name") == ""
        assert draw("member_field", make_customer().id, name="prefecture") == ""


def test_points_and_badge_are_the_viewers_own(tiers: Any) -> None:
    customer, other = make_customer(), make_customer()
    join(customer, tiers["gold"])
    give(customer, 1250)
    give(other, 9)
    assert draw("points_balance", customer.id) == "1,250 ポイント"
    assert "ゴールド" in draw("tier_badge", customer.id)
    assert draw("tier_badge", other.id) == ""
    assert "+1,250" in draw("points_history", customer.id, limit=10)
    assert "+9" in draw("points_history", other.id, limit=10)
    assert "+1,250" not in draw("points_history", other.id, limit=10)
    assert (
        draw("points_balance", None)
        == draw("tier_badge", None)
        == draw("points_history", None, limit=10)
        == ""
    )


class TestUnlockButton:
    def test_it_shows_price_and_balance_to_members_who_may_not_read_the_page_yet(
        self, tiers: Any, client: Any, login: Callable[..., Any]
    ) -> None:
        target = make_page("treasure", price=50)
        account = make_member()
        give(Customer(account), 70)
        with transaction():
            save_page(
                {
                    "slug": "shop",
                    "title": "店",
                    "body": '[unlock_button page="treasure"]',
                    "status": "published",
                }
            )
        assert "member-tiers/unlock" not in client.get("/shop").text
        login(client, account)
        text = client.get("/shop").text
        assert f"/member-tiers/unlock/page/{target.id}" in text
        assert "50 ポイント" in text
        assert "20 ポイント" in text

    def test_it_is_nothing_for_unknown_open_or_draft_pages(self, tiers: Any) -> None:
        customer = make_customer()
        give(customer, 100)
        rich = {"field": "points", "op": "gte", "value": 1}
        make_page("open", rule=rich, price=50)
        draft = make_page("draft", price=50)
        with transaction():
            save_page({"status": "draft"}, page_id=draft.id)
        for slug in ("open", "draft", "nowhere", "x" * 5000):
            assert draw("unlock_button", customer.id, page=slug) == ""


PAGE = """はじめ
{text}
おわり"""


@pytest.mark.parametrize("name", sorted(OWN))
def test_the_example_of_every_tag_renders_in_a_page(
    name: str, tiers: Any, client: Any, login: Callable[..., Any]
) -> None:
    make_page("unlock-50", price=50)
    open_tier(tiers["gold"])
    account = make_member(family_name="山田")
    join(Customer(account), tiers["gold"])
    give(Customer(account), 120)
    with transaction():
        gold = {"field": "tier", "op": "eq", "value": "gold"}
        save_rule({"key": "tokyo-regulars", "title": "常連", "condition": gold})
        platinum = services.save_tier({"key": "platinum", "title_ja": "プラチナ"})
        ranks.save_rule(platinum.id, {"field": "rank_points", "op": "gte", "value": 500})
        ranks.save_plan(platinum.ladder_id, {"is_active": True})
        body = PAGE.format(text=OWN[name].example)
        save_page({"slug": "example", "title": "例", "body": body, "status": "published"})
    for_guests = {"guests_only": "Become a member today.", "teaser": "Regulars in Tokyo read on here."}
    for_members = {
        "members_only": "Welcome to the lounge.",
        "member_if": "You may join the draw.",
        "member_rule": "See you at the shop.",
        "member_field": "山田",
        "points_balance": "120 ポイント",
        "points_history": "+120",
        "tier_badge": "ゴールド",
        "next_rank": "「プラチナ」まで",
        "unlock_button": "50 ポイント",
        "my_memberships": "ゴールド",
        "plan_table": "ご利用中",
    }
    guest = client.get("/example").text
    login(client, account)
    member = client.get("/example").text
    assert "[" + name not in guest + member
    for text in (guest, member):
        assert "はじめ" in text
        assert "おわり" in text
    expected_in, expected_out = (guest, member) if name in for_guests else (member, guest)
    words = {**for_guests, **for_members}[name]
    assert words in drawn_part(expected_in)
    assert words not in drawn_part(expected_out)


def drawn_part(text: str) -> str:
    return text.rsplit("はじめ", 1)[1].split("おわり", 1)[0]


def test_every_tag_belongs_to_the_plugin_in_the_snapshot(tiers_on: Any) -> None:
    snapshot = current_snapshot()
    assert {name for name in snapshot.tags if snapshot.owner_of_tag(name) == "member_tiers"} == set(OWN)


def test_ten_gated_parts_take_few_queries(
    tiers: Any, client: Any, login: Callable[..., Any], query_counter: Any
) -> None:
    account = make_member()
    join(Customer(account), tiers["gold"])
    login(client, account)
    parts = "\n\n".join(f'[members_only tier="silver"]part {n}[/members_only]' for n in range(10))
    with transaction():
        save_page({"slug": "parts", "title": "十", "body": parts, "status": "published"})
    client.get("/parts")
    with query_counter() as queries:
        assert "part 9" in client.get("/parts").text
    assert queries.count <= 6, queries.statements
