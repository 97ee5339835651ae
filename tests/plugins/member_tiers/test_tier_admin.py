"""The admin screens: tiers, memberships, points, who may read what."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from tiers_kit import SECRET, Customer, days, give, join, make_member, make_page

from core.content.queries import content_ref
from core.content.services import save_page
from core.db import db, transaction
from core.i18n import site_today
from core.plugin_host.queries import consequences
from core.testing.exports import take_out
from core.testing.factories import make_account, make_customer, make_staff
from plugins.member_tiers.models import Membership, PointEntry
from plugins.member_tiers.points.queries import points_of
from plugins.member_tiers.points.unlocking import unlock
from plugins.member_tiers.queries import current_membership, list_tiers
from plugins.member_tiers.rules.simple import SimpleRule, read_simple

ADMIN = "/admin/member-tiers"
TOKEN = "a-token-of-a-form-0001"


@pytest.fixture
def owner(tiers: Any, client: Any, login: Callable[..., Any]) -> Any:
    """A browser in which the owner is logged in."""
    login(client, make_account("Owner"))
    return client


class TestTiers:
    VALUES = {"title_ja": "プラチナ", "title_en": "Platinum", "key": "platinum", "colour": "red"}

    def test_a_tier_is_created_on_top_and_changed(self, owner: Any) -> None:
        assert owner.post(f"{ADMIN}/tiers/new", data=self.VALUES).status_code == 303
        tier = list_tiers()[0]
        assert (tier.key, tier.title, tier.colour) == ("platinum", "プラチナ", "red")
        changed = {"title_ja": "白金", "key": "other", "colour": "grey"}
        assert owner.post(f"{ADMIN}/tiers/{tier.id}", data=changed).status_code == 303
        assert (list_tiers()[0].key, list_tiers()[0].title) == ("platinum", "白金")
        assert "白金" in owner.get(f"{ADMIN}/tiers").text

    @pytest.mark.parametrize(
        "wrong",
        [
            {"key": "gold"},
            {"key": "Gold!"},
            {"key": "k" * 5000},
            {"title_ja": ""},
            {"title_ja": "x" * 61},
            {"title_ja": "a\0b"},
            {"colour": "rainbow"},
            {"description": "x" * 501},
        ],
    )
    def test_wrong_values_give_the_page_again_with_what_was_typed(
        self, owner: Any, wrong: dict[str, str]
    ) -> None:
        answer = owner.post(f"{ADMIN}/tiers/new", data={**self.VALUES, **wrong})
        assert answer.status_code in (400, 422)
        assert len(list_tiers()) == 3
        if answer.status_code == 422 and "title_en" not in wrong:
            assert "Platinum" in answer.text

    def test_rows_move_by_arrows_and_by_dragging(self, owner: Any, tiers: Any) -> None:
        owner.post(f"{ADMIN}/tiers/order", data={"up": tiers["free"].id})
        assert [tier.key for tier in list_tiers()] == ["gold", "free", "silver"]
        owner.post(f"{ADMIN}/tiers/order", data={"down": tiers["gold"].id})
        assert [tier.key for tier in list_tiers()] == ["free", "gold", "silver"]
        dragged = [tiers[key].id for key in ("silver", "gold", "free")]
        owner.post(f"{ADMIN}/tiers/order", data={"tier": dragged})
        assert [tier.key for tier in list_tiers()] == ["silver", "gold", "free"]

    @pytest.mark.parametrize("data", [{"tier": ["1"]}, {"tier": ["x", "9" * 5000]}, {"up": "9" * 5000}, {}])
    def test_an_order_that_makes_no_sense_changes_nothing(self, owner: Any, data: Any) -> None:
        assert owner.post(f"{ADMIN}/tiers/order", data=data).status_code in (303, 400)
        assert [tier.key for tier in list_tiers()] == ["gold", "silver", "free"]

    def test_only_a_tier_that_nobody_held_is_deleted(self, owner: Any, tiers: Any) -> None:
        join(make_customer(), tiers["gold"])
        for key in ("gold", "free"):
            assert owner.post(f"{ADMIN}/tiers/{tiers[key].id}/delete").status_code == 303
        assert [tier.key for tier in list_tiers()] == ["gold", "silver"]

    def test_unknown_tiers_are_not_found(self, owner: Any) -> None:
        for number in ("999", "9" * 19):
            assert owner.get(f"{ADMIN}/tiers/{number}").status_code == 404
            assert owner.post(f"{ADMIN}/tiers/{number}/delete").status_code == 404


class TestMemberships:
    def form(self, customer: str, tier: Any, **values: Any) -> dict[str, Any]:
        return {"customer": customer, "tier_id": tier.id, "starts_on": site_today().isoformat(), **values}

    @pytest.mark.parametrize("by", ["email", "number"])
    def test_a_membership_is_given_by_address_or_number(self, owner: Any, tiers: Any, by: str) -> None:
        customer = make_customer(email="hanako@example.jp")
        who = " Hanako@Example.jp " if by == "email" else str(customer.id)
        answer = owner.post(f"{ADMIN}/memberships/new", data=self.form(who, tiers["gold"], note="電話で"))
        assert answer.status_code == 303
        assert current_membership(customer.id).tier.key == "gold"
        assert "ゴールド" in owner.get(answer.headers["Location"]).text

    @pytest.mark.parametrize(
        "wrong",
        [
            {"customer": "nobody@example.jp"},
            {"customer": "999999"},
            {"customer": "9" * 300},
            {"customer": ""},
            {"starts_on": ""},
            {"starts_on": "2026-02-30"},
            {"starts_on": "99999-01-01"},
            {"ends_on": "2001-01-01"},
            {"tier_id": "99"},
            {"tier_id": "x"},
            {"tier_id": "9" * 5000},
            {"note": "n" * 501},
        ],
    )
    def test_wrong_values_give_the_page_again(self, owner: Any, tiers: Any, wrong: dict[str, str]) -> None:
        customer = make_customer()
        form = self.form(str(customer.id), tiers["gold"], note="ひとこと")
        answer = owner.post(f"{ADMIN}/memberships/new", data={**form, **wrong})
        assert answer.status_code == 422
        assert "note" in wrong or "ひとこと" in answer.text
        assert db.session.scalar(select(func.count()).select_from(Membership)) == 0

    def test_dates_change_and_the_same_tier_twice_is_refused(self, owner: Any, tiers: Any) -> None:
        customer = make_customer()
        held = join(customer, tiers["gold"], 0, 10)
        join(customer, tiers["gold"], 20, 30)
        today = site_today()
        url = f"{ADMIN}/memberships/{held.id}"
        clash = {"starts_on": today.isoformat(), "ends_on": (today + days(25)).isoformat()}
        assert owner.post(url, data=clash).status_code == 422
        good = {"starts_on": today.isoformat(), "ends_on": (today + days(5)).isoformat(), "note": "短縮"}
        assert owner.post(url, data=good).status_code == 303
        db.session.expire_all()
        assert (held.ends_on, held.note) == (today + days(5), "短縮")

    def test_another_tier_from_today(self, owner: Any, tiers: Any) -> None:
        customer = make_customer()
        held = join(customer, tiers["silver"])
        url = f"{ADMIN}/memberships/{held.id}/tier"
        assert owner.post(url, data={"tier-tier_id": tiers["silver"].id}).status_code == 422
        assert owner.post(url, data={"tier-tier_id": tiers["gold"].id}).status_code == 303
        assert current_membership(customer.id).tier.key == "gold"
        assert owner.post(url, data={"tier-tier_id": tiers["free"].id}).status_code == 422

    def test_ending_and_cancelling(self, owner: Any, tiers: Any) -> None:
        customer = make_customer()
        held = join(customer, tiers["gold"])
        url = f"{ADMIN}/memberships/{held.id}"
        for _again in range(2):
            assert owner.post(f"{url}/end").status_code == 303
        assert current_membership(customer.id) is None
        for _again in range(2):
            assert owner.post(f"{url}/cancel").status_code == 303
        assert owner.get(url).status_code == 200

    def test_unknown_memberships_are_not_found(self, owner: Any) -> None:
        assert owner.get(f"{ADMIN}/memberships/999").status_code == 404
        for verb in ("", "/tier", "/end", "/cancel"):
            assert owner.post(f"{ADMIN}/memberships/999{verb}").status_code == 404

    def test_the_views_tell_running_ending_and_past_ones_apart(self, owner: Any, tiers: Any) -> None:
        stays = {"長井": (-10, None), "近松": (-10, 20), "旧田": (-10, -1), "未来": (5, None)}
        for name, (since, until) in stays.items():
            join(make_customer(family_name=name), tiers["gold"], since, until)
        expected = {
            "running": {"長井", "近松"},
            "ending": {"近松"},
            "upcoming": {"未来"},
            "over": {"旧田"},
            "all": set(stays),
        }
        for view, names in expected.items():
            text = owner.get(f"{ADMIN}/memberships?view={view}").text
            assert {name for name in stays if name in text} == names, view

    def test_many_are_ended_at_once_after_a_question(self, owner: Any, tiers: Any) -> None:
        held = [join(make_customer(), tiers["gold"]) for _n in range(3)]
        data = {"do": "action", "action": "end", "ids": [one.id for one in held[:2]]}
        question = owner.post(f"{ADMIN}/memberships?view=running", data=data)
        assert "2 件" in question.text
        assert [one.status for one in held] == ["active"] * 3
        owner.post(f"{ADMIN}/memberships?view=running", data={**data, "confirmed": "2"})
        db.session.expire_all()
        assert [one.status for one in held] == ["expired", "expired", "active"]

    @pytest.mark.parametrize("path", ["memberships", "points", "access", "tiers"])
    def test_a_list_takes_at_most_ten_queries(
        self, owner: Any, tiers: Any, path: str, query_counter: Any
    ) -> None:
        for number in range(12):
            customer = make_customer()
            join(customer, tiers["gold"])
            give(customer, 10)
            make_page(f"p{number}", rule={"field": "points", "op": "gte", "value": number})
        owner.get(f"{ADMIN}/{path}")
        with query_counter() as queries:
            assert owner.get(f"{ADMIN}/{path}").status_code == 200
        assert queries.count <= 10, queries.statements


class TestPoints:
    def form(self, customer: Any, **values: Any) -> dict[str, Any]:
        shared = {"customer": str(customer.id), "direction": "give", "amount": "30", "reason": "gift"}
        return {**shared, "token": TOKEN, **values}

    def test_a_form_counts_once_however_often_it_is_sent(self, owner: Any) -> None:
        customer = make_customer()
        for _again in range(3):
            assert owner.post(f"{ADMIN}/points/new", data=self.form(customer)).status_code == 303
        assert points_of(customer.id) == 30
        assert db.session.scalar(select(func.count()).select_from(PointEntry)) == 1

    def test_the_same_form_with_another_amount_is_refused(self, owner: Any) -> None:
        customer = make_customer()
        owner.post(f"{ADMIN}/points/new", data=self.form(customer))
        assert owner.post(f"{ADMIN}/points/new", data=self.form(customer, amount="31")).status_code == 422
        assert points_of(customer.id) == 30

    def test_points_are_taken_and_never_more_than_there_are(self, owner: Any) -> None:
        customer = make_customer()
        give(customer, 50)
        taken = self.form(customer, direction="take", amount="20", note="重複分")
        assert owner.post(f"{ADMIN}/points/new", data=taken).status_code == 303
        more = self.form(customer, direction="take", amount="31", token="another-token-of-a-form")
        assert owner.post(f"{ADMIN}/points/new", data=more).status_code == 422
        assert points_of(customer.id) == 30

    @pytest.mark.parametrize(
        "wrong",
        [
            {"amount": ""},
            {"amount": "0"},
            {"amount": "-5"},
            {"amount": "1.5"},
            {"amount": "9" * 5000},
            {"amount": "9" * 18},
            {"amount": "x"},
            {"reason": "bribe"},
            {"direction": "steal"},
            {"expires_on": "2001-01-01"},
            {"expires_on": "soon"},
            {"customer": "nobody"},
            {"token": ""},
            {"token": "x" * 5000},
            {"token": "short"},
            {"note": "a\0b"},
        ],
    )
    def test_wrong_values_give_the_page_again_and_move_nothing(
        self, owner: Any, wrong: dict[str, str]
    ) -> None:
        customer = make_customer()
        answer = owner.post(f"{ADMIN}/points/new", data={**self.form(customer), **wrong})
        assert answer.status_code in (400, 422)
        assert points_of(customer.id) == 0

    def test_the_note_of_staff_is_not_shown_to_the_member(
        self, owner: Any, new_client: Any, login: Callable[..., Any]
    ) -> None:
        account = make_member()
        form = self.form(Customer(account), note="内緒の話")
        owner.post(f"{ADMIN}/points/new", data=form)
        browser = new_client()
        login(browser, account)
        text = browser.get("/account").text
        assert "30 ポイント" in text
        assert "内緒の話" not in text
        entry_id = db.session.scalar(select(PointEntry.id))
        assert "内緒の話" in owner.get(f"{ADMIN}/points/{entry_id}").text

    def test_spent_points_are_given_back_once_and_earned_ones_never(self, owner: Any) -> None:
        customer = make_customer()
        earned = give(customer, 50)
        with transaction():
            unlock(make_page("p", price=20), customer.id, price=20)
        spent = db.session.scalar(select(PointEntry.id).where(PointEntry.amount < 0))
        for _again in range(2):
            assert owner.post(f"{ADMIN}/points/{spent}/give-back").status_code == 303
        assert owner.post(f"{ADMIN}/points/{earned.id}/give-back").status_code == 303
        assert points_of(customer.id) == 50
        assert "返却" in owner.get(f"{ADMIN}/points").text
        for number in ("999", "9" * 19):
            assert owner.get(f"{ADMIN}/points/{number}").status_code == 404
            assert owner.post(f"{ADMIN}/points/{number}/give-back").status_code == 404

    def test_who_may_only_see_points_cannot_move_them(
        self, tiers: Any, client: Any, login: Callable[..., Any]
    ) -> None:
        customer = make_customer()
        login(client, make_staff("member_tiers.points.see"))
        assert client.get(f"{ADMIN}/points").status_code == 200
        assert f"{ADMIN}/points/new" not in client.get(f"{ADMIN}/points").text
        assert client.get(f"{ADMIN}/points/new").status_code in (403, 404)
        assert client.post(f"{ADMIN}/points/new", data=self.form(customer)).status_code in (403, 404)
        assert points_of(customer.id) == 0


GOLD = {"field": "tier_or_higher", "op": "eq", "value": "gold"}


class TestWhoMayReadWhat:
    def post(self, owner: Any, page: Any, **values: Any) -> Any:
        return owner.post(
            f"{ADMIN}/access/page/{page.id}", data={"mode": "simple", "join": "any", "tier": "", **values}
        )

    def test_the_list_says_rules_in_words_and_counts_members(self, owner: Any, tiers: Any) -> None:
        join(Customer(make_member()), tiers["gold"])
        join(make_customer(), tiers["gold"])
        make_page("gold", rule=GOLD, price=50)
        text = owner.get(f"{ADMIN}/access").text
        assert "ゴールド以上の会員" in text
        assert "50 ポイント" in text
        row = text.split("/gold")[1].split("</tr>")[0]
        assert ">1<" in row

    def test_a_rule_from_lists_is_stored_and_obeyed_by_the_next_request(
        self, owner: Any, tiers: Any, new_client: Any, login: Callable[..., Any]
    ) -> None:
        page = make_page("p", rule=GOLD)
        account = make_member(prefecture="13")
        browser = new_client()
        login(browser, account)
        assert SECRET not in browser.get("/p").text
        answer = self.post(
            owner, page, tier="gold+", prefectures=["13", "14"], points="500", unlock_price="80"
        )
        assert answer.status_code == 303
        stored = content_ref("page", page.id)
        assert stored is not None
        assert stored.rule == {
            "any": [
                GOLD,
                {"field": "points", "op": "gte", "value": 500},
                {"field": "prefecture", "op": "in", "value": ["13", "14"]},
            ]
        }
        assert stored.options["member_tiers"] == {"unlock_price": 80}
        assert SECRET in browser.get("/p").text
        self.post(owner, page, tier="gold+", prefectures=["13"], join="all")
        assert SECRET not in browser.get("/p").text
        stored = content_ref("page", page.id)
        assert stored is not None
        assert "member_tiers" not in stored.options

    def test_the_form_shows_what_is_stored(self, owner: Any) -> None:
        page = make_page("p", rule={"all": [GOLD, {"field": "points", "op": "gte", "value": 7}]}, price=80)
        text = owner.get(f"{ADMIN}/access/page/{page.id}").text
        assert 'value="gold+"' in text.split("selected")[1][:60] or "selected" in text
        assert 'value="7"' in text
        assert 'value="80"' in text

    def test_any_condition_can_be_written_as_json(self, owner: Any) -> None:
        page = make_page("p", rule=GOLD)
        rule = {"not": {"field": "stage", "op": "eq", "value": "former"}}
        assert self.post(owner, page, mode="advanced", condition=json.dumps(rule)).status_code == 303
        stored = content_ref("page", page.id)
        assert stored is not None
        assert stored.rule == rule
        assert "former" in owner.get(f"{ADMIN}/access/page/{page.id}").text

    @pytest.mark.parametrize(
        "wrong",
        [
            {"mode": "advanced", "condition": "{"},
            {"mode": "advanced", "condition": "[" * 15_000},
            {"mode": "advanced", "condition": '{"field": "no_such_field", "op": "eq", "value": 1}'},
            {"mode": "advanced", "condition": '{"field": "points", "op": "gte", "value": "many"}'},
            {"mode": "advanced", "condition": '{"field": "tier", "op": "eq", "value": "platinum"}'},
            {"mode": "advanced", "condition": '"gold"'},
            {"mode": "advanced", "condition": "x" * 30_000},
            {"mode": "advanced", "condition": ""},
            {"mode": "simple"},
            {"mode": "neither", "tier": "gold"},
            {"tier": "platinum"},
            {"prefectures": ["99"]},
            {"points": "-1"},
            {"tier": "gold", "unlock_price": "0"},
            {"tier": "gold", "unlock_price": "9" * 5000},
        ],
    )
    def test_a_rule_that_means_nothing_is_refused_and_the_old_one_stays(
        self, owner: Any, wrong: dict[str, Any]
    ) -> None:
        page = make_page("p", rule=GOLD)
        assert self.post(owner, page, **wrong).status_code == 422
        stored = content_ref("page", page.id)
        assert stored is not None
        assert stored.rule == GOLD

    def test_suspicious_rules_are_pointed_out(self, owner: Any, tiers: Any) -> None:
        make_page("nobody", rule={"field": "points", "op": "gte", "value": 5_000})
        make_page("unknown", rule={"field": "gone_with_its_plugin", "op": "eq", "value": 1})
        make_page("nothing")
        text = owner.get(f"{ADMIN}/access").text
        assert "いま、この条件を満たす会員はいません" in text
        assert "gone_with_its_plugin" in text
        assert "条件もポイントも決まっていません" in text

    def test_pages_that_are_not_restricted_have_no_rule_to_edit(self, owner: Any) -> None:
        with transaction():
            public = save_page({"slug": "open", "title": "open", "body": "x", "status": "published"})
        for path in (f"page/{public.id}", "page/999", "page/" + "9" * 19, "mail/1"):
            assert owner.get(f"{ADMIN}/access/{path}").status_code == 404
            assert owner.post(f"{ADMIN}/access/{path}", data={"mode": "simple"}).status_code == 404

    def test_staff_without_the_right_cannot_change_a_rule(
        self, tiers: Any, client: Any, login: Callable[..., Any]
    ) -> None:
        page = make_page("p", rule=GOLD)
        login(client, make_staff("member_tiers.tiers.edit", "member_tiers.points.edit"))
        assert self.post(client, page, tier="free").status_code in (403, 404)
        stored = content_ref("page", page.id)
        assert stored is not None
        assert stored.rule == GOLD


@pytest.mark.parametrize(
    "rule",
    [
        None,
        GOLD,
        {"field": "tier", "op": "eq", "value": "gold"},
        {"all": [GOLD, {"field": "points", "op": "gte", "value": 5}]},
        {"any": [GOLD, {"field": "prefecture", "op": "in", "value": ["13", "27"]}]},
    ],
)
def test_what_the_form_can_say_survives_a_round_trip(rule: Any) -> None:
    simple = read_simple(rule)
    assert simple is not None
    assert simple.to_condition() == rule


@pytest.mark.parametrize(
    "rule",
    [
        {"any": [GOLD, GOLD]},
        {"not": GOLD},
        {"any": [{"all": [GOLD]}]},
        {"field": "points", "op": "lt", "value": 5},
        {"field": "points", "op": "gte", "value": True},
        {"field": "prefecture", "op": "in", "value": [13]},
        {"any": []},
        "gold",
        ["gold"],
    ],
)
def test_what_the_form_cannot_say_is_shown_as_json(rule: Any) -> None:
    assert read_simple(rule) is None


def test_an_empty_form_is_no_rule() -> None:
    assert SimpleRule().to_condition() is None


class TestOnCoresScreens:
    def test_the_customer_page_shows_membership_and_points_to_those_who_may_see_them(
        self, tiers: Any, client: Any, new_client: Any, login: Callable[..., Any]
    ) -> None:
        customer = make_customer()
        join(customer, tiers["gold"])
        give(customer, 4321)
        login(client, make_account("Owner"))
        text = client.get(f"/admin/customers/{customer.id}").text
        assert "4,321" in text
        assert f"{ADMIN}/points/new?customer={customer.id}" in text
        curious = new_client()
        login(curious, make_staff("customers.see"))
        text = curious.get(f"/admin/customers/{customer.id}").text
        assert "4,321" not in text
        assert ADMIN not in text

    def test_the_dashboard_counts_members_and_points(self, owner: Any, tiers: Any) -> None:
        for _n in range(3):
            customer = make_customer()
            join(customer, tiers["gold"])
            give(customer, 1000)
        text = owner.get("/admin/").text
        assert "3 人" in text
        assert "3,000 ポイント" in text

    def test_disabling_says_how_many_pages_it_closes(self, owner: Any) -> None:
        make_page("a", rule=GOLD)
        make_page("b", price=50)
        make_page("c")
        assert any("2 ページ" in str(line) for line in consequences("member_tiers"))

    def test_my_page_shows_tier_dates_points_and_history(
        self, tiers: Any, client: Any, login: Callable[..., Any]
    ) -> None:
        account = make_member()
        join(Customer(account), tiers["silver"], -400, -40)
        join(Customer(account), tiers["gold"], -39, 12)
        give(Customer(account), 120, until=10)
        give(Customer(account), 30)
        with transaction():
            unlock(make_page("treasure", price=20), account.customer_id, price=20)
        login(client, account)
        text = client.get("/account").text
        for words in ("ゴールド", "シルバー", "あと 12 日", "100 ポイント", "30 ポイント", "まもなく失効"):
            assert words in text, words
        assert "ページ treasure" in text
        assert "−20" in text

    def test_my_page_of_a_member_without_anything_says_so(
        self, tiers: Any, client: Any, login: Callable[..., Any]
    ) -> None:
        login(client, make_member())
        text = client.get("/account").text
        assert "会員資格はまだありません" in text
        assert "ポイントはまだありません" in text

    def test_tier_and_points_are_columns_and_filters_of_the_customer_list(
        self, owner: Any, tiers: Any
    ) -> None:
        gold, free = make_customer(family_name="金子"), make_customer(family_name="無田")
        join(gold, tiers["gold"])
        join(free, tiers["free"])
        where = json.dumps({"field": "tier", "op": "eq", "value": "gold"})
        text = owner.get("/admin/customers/", query_string={"filter": where}).text
        assert "金子" in text
        assert "無田" not in text

    @pytest.mark.parametrize("path", ["memberships", "points"])
    def test_lists_go_out_as_csv_with_the_current_filter(self, owner: Any, tiers: Any, path: str) -> None:
        customer = make_customer(family_name="東雲")
        join(customer, tiers["gold"])
        give(customer, 77)
        answer = take_out(owner, f"{ADMIN}/{path}")
        assert answer.mimetype == "text/csv"
        text = answer.get_data().decode("utf-8-sig")
        assert "東雲" in text
        assert ("ゴールド" if path == "memberships" else "77") in text


class TestPriceInThePageEditor:
    """The unlock price is a number of the page editor; the JSON beside it is for the rest."""

    PRICE = "option-member_tiers-unlock_price"

    @pytest.fixture
    def page(self, owner: Any) -> Any:
        kept = {"other": {"a": 1}, "member_tiers": {"unlock_price": 50}}
        with transaction():
            return save_page({"title": "Tools", "visibility": "restricted", "options": kept})

    def sent(self, price: str, **values: str) -> dict[str, str]:
        page = {"title": "Tools", "slug": "tools", "status": "published", "visibility": "restricted"}
        rule = {"rule_mode": "rows", "rule_joint": "all", "options_json": '{"other": {"a": 1}}'}
        return {**page, **rule, self.PRICE: price, **values}

    def test_the_price_stands_in_its_field_only(self, owner: Any, page: Any) -> None:
        shown = owner.get(f"/admin/pages/{page.id}").text
        field = re.search(rf'<input[^>]*name="{self.PRICE}"[^>]*>', shown)
        assert field is not None
        assert 'value="50"' in field[0]
        assert "unlock_price&#34;" not in shown

    @pytest.mark.parametrize(("price", "options"), [("80", {"unlock_price": 80}), ("", None)])
    def test_a_price_is_set_and_taken_away(self, owner: Any, page: Any, price: str, options: Any) -> None:
        assert owner.post(f"/admin/pages/{page.id}", data=self.sent(price)).status_code == 303
        stored = content_ref("page", page.id)
        assert stored is not None
        assert stored.options.get("member_tiers") == options
        assert stored.options["other"] == {"a": 1}

    @pytest.mark.parametrize("price", ["0", "-5", "many", "9" * 5_000])
    def test_a_wrong_price_is_refused_at_its_field(self, owner: Any, page: Any, price: str) -> None:
        answer = owner.post(f"/admin/pages/{page.id}", data=self.sent(price))
        assert answer.status_code in (413, 422)
        stored = content_ref("page", page.id)
        assert stored is not None
        assert stored.options["member_tiers"] == {"unlock_price": 50}
