"""Named rules: which one is in force, what others see, days, schedules, and where rules are used."""

import datetime as dt
import re
from typing import Any

import pytest
from tiers_kit import SECRET, Customer, give, join, make_member, make_page

from core.content.access import ContentRef, Display
from core.content.gate import open_content, visible_in_lists
from core.content.menu_lines import MenuLine
from core.content.queries import get_page
from core.content.services import save_menu, save_page
from core.db import db, transaction, utcnow
from core.errors import Conflict, ValidationFailed
from core.plugin_host import lifecycle
from core.plugin_host.snapshot import use_current_snapshot
from core.security.sessions import SignedInAccount
from core.testing.factories import make_staff
from plugins.member_tiers.models import Membership
from plugins.member_tiers.rules import policies
from plugins.member_tiers.rules.services import delete_rule, save_default, save_rule
from plugins.member_tiers.services import pause, resume

GOLD = {"field": "tier", "op": "eq", "value": "gold"}
SILVER = {"field": "tier_or_higher", "op": "eq", "value": "silver"}
FREE = {"field": "tier_or_higher", "op": "eq", "value": "free"}


def rule(key: str, condition: Any = None, **values: Any) -> Any:
    with transaction():
        return save_rule({"key": key, "title": key.title(), "condition": condition, **values})


def page(slug: str, **values: Any) -> ContentRef:
    content = make_page(slug)
    with transaction():
        return save_page(values, page_id=content.id).ref if values else content


def as_member(account: Any) -> SignedInAccount:
    return SignedInAccount(account.id, "a@example.jp", "A", "member", account.customer_id, "ja", frozenset())


def opens(content: ContentRef, account: Any) -> bool:
    return open_content(content, as_member(account) if account is not None else None).granted


@pytest.fixture
def member(tiers: Any) -> Any:
    account = make_member(family_name="山田", prefecture="13")
    join(Customer(account), tiers["silver"])
    return account


def test_the_most_specific_rule_is_in_force(app, tiers, member) -> None:
    gold, silver, free = rule("gold", GOLD), rule("silver", SILVER), rule("free", FREE)
    with transaction():
        save_default("", gold.id)
        save_default("lounge-", silver.id)
    with app.test_request_context("/"):
        assert not opens(page("news"), member)
        assert opens(page("lounge-tea"), member)
        assert not opens(page("lounge-named", rule_name=gold.key), member)
        assert opens(page("lounge-own", rule_name=gold.key, rule=FREE), member)
        assert policies.policy_of(get_page(1).ref).source is policies.Source.SITE
    with transaction():
        save_default("", None)
    use_current_snapshot()
    with app.test_request_context("/"):
        assert not opens(get_page(1).ref, member)
        assert policies.policy_of(get_page(1).ref) is None
    assert free.version == 1


def test_a_name_that_no_rule_has_lets_nobody_in_and_nobody_learns_of_the_page(app, tiers, member) -> None:
    with app.test_request_context("/"):
        content = page("lost", rule_name="gone")
        assert not opens(content, member)
        assert not visible_in_lists(content, as_member(member))


def test_with_the_plugin_off_a_page_with_a_named_rule_is_as_if_it_did_not_exist(
    tiers, member, client, login
) -> None:
    rule("silver", SILVER, display="teaser")
    page("lounge", rule_name="silver")
    login(client, member)
    assert SECRET in client.get("/lounge").text
    with transaction():
        lifecycle.disable("member_tiers", by=None)
    assert client.get("/lounge").status_code == 404
    assert "lounge" not in client.get("/").text


@pytest.mark.parametrize(
    ("display", "guest", "stranger"),
    [("teaser", 403, 403), ("not_found", 404, 404), ("redirect", 302, 403)],
)
def test_each_display_answers_guests_and_members_in_its_way(
    display, guest, stranger, tiers, client, new_client, login
) -> None:
    rule("gold", GOLD, display=display, message="金の会員へ", offer_text="ゴールドに入会", offer_url="/join")
    page("lounge", rule_name="gold", title="ラウンジ")
    answer = client.get("/lounge")
    assert answer.status_code == guest
    other = new_client()
    login(other, make_member())
    closed = other.get("/lounge")
    assert closed.status_code == stranger
    shown = client.get("/").text + other.get("/").text
    assert ("ラウンジ" in shown) is (display != "not_found")
    for text in (answer.text, closed.text, shown):
        assert SECRET not in text
    if display != "not_found":
        assert "金の会員へ" in closed.text
        assert "ゴールドに入会" in closed.text
        assert 'href="/join"' in closed.text


def test_a_change_of_a_rule_is_obeyed_by_the_next_request(tiers, member, client, login) -> None:
    made = rule("lounge", SILVER)
    page("lounge", rule_name="lounge")
    login(client, member)
    assert SECRET in client.get("/lounge").text
    with transaction():
        save_rule({"condition": GOLD}, rule_id=made.id)
    assert SECRET not in client.get("/lounge").text


def test_a_schedule_opens_and_closes_at_its_moments(app, tiers, member, monkeypatch) -> None:
    now = utcnow()
    rule("soon", FREE, opens_at=now + dt.timedelta(minutes=5), closes_at=now + dt.timedelta(minutes=9))
    content = page("soon", rule_name="soon")
    for minutes, is_open in ((0, False), (4.9, False), (5, True), (8.9, True), (9, False)):
        moment = now + dt.timedelta(minutes=minutes)
        monkeypatch.setattr("plugins.member_tiers.rules.access.utcnow", lambda at=moment: at)
        with app.test_request_context("/"):
            assert opens(content, member) is is_open


def test_a_pages_own_days_and_schedule_stand_in_for_those_of_its_rule(app, tiers, member) -> None:
    rule("silver", SILVER, drip_days=500)
    with app.test_request_context("/"):
        assert not opens(page("late", rule_name="silver"), member)
        own = {"member_tiers": {"drip_days": 0}}
        assert opens(page("now", rule_name="silver", options=own), member)
        own = {"member_tiers": {"drip_days": 0, "closes_at": "2020-01-01T00:00:00+00:00"}}
        assert not opens(page("over", rule_name="silver", options=own), member)
        own = {"member_tiers": {"drip_days": 0, "closes_at": "soon"}}
        assert not opens(page("odd", rule_name="silver", options=own), member)


def test_the_clock_of_days_pauses_with_the_membership(app, tiers) -> None:
    account = make_member()
    membership = join(Customer(account), tiers["silver"], since=-9)
    rule("tenth-day", None, drip_days=10)
    rule("eleventh-day", None, drip_days=11)
    tenth, eleventh = page("a", rule_name="tenth-day"), page("b", rule_name="eleventh-day")
    with app.test_request_context("/"):
        assert opens(tenth, account)
        assert not opens(eleventh, account)
    with transaction():
        pause(membership.id)
    with app.test_request_context("/"):
        # Today does not count while the membership is paused.
        assert not opens(tenth, account)
    with transaction():
        resume(membership.id)
    assert db.session.get(Membership, membership.id) is not None


def test_menu_lines_use_named_rules(tiers, member, client, new_client, login) -> None:
    rule("silver", SILVER)
    with transaction():
        save_menu("header", [MenuLine("ラウンジへ", "/x", shown_to="rule", rule_name="silver")])
    assert "ラウンジへ" not in client.get("/").text
    login(client, member)
    assert "ラウンジへ" in client.get("/").text
    other = new_client()
    login(other, make_member())
    assert "ラウンジへ" not in other.get("/").text


def test_a_rule_in_use_is_not_deleted(tiers) -> None:
    made = rule("silver", SILVER)
    content = page("lounge", rule_name="silver")
    with pytest.raises(Conflict), transaction():
        delete_rule(made.id)
    with transaction():
        save_page({"rule_name": ""}, page_id=content.id)
    with transaction():
        save_default("x", made.id)
    with pytest.raises(Conflict), transaction():
        delete_rule(made.id)
    with transaction():
        save_default("x", None)
        delete_rule(made.id)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"key": "A b", "title": "x"}, "key"),
        ({"key": "silver", "title": "x"}, "key"),
        ({"key": "x", "title": " "}, "title"),
        ({"key": "x", "title": "x", "display": "shout"}, "display"),
        ({"key": "x", "title": "x", "drip_days": -1}, "drip_days"),
        ({"key": "x", "title": "x", "offer_url": "javascript:alert(1)"}, "offer_url"),
        ({"key": "x", "title": "x", "condition": {"field": "gone", "op": "eq", "value": 1}}, "condition"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(values, field, tiers) -> None:
    rule("silver", SILVER)
    with pytest.raises(ValidationFailed) as refused, transaction():
        save_rule(values)
    assert set(refused.value.errors) == {field}


def test_two_people_who_edit_a_rule_at_once_are_told(tiers) -> None:
    made = rule("silver", SILVER)
    with transaction():
        save_rule({"title": "Theirs"}, rule_id=made.id, expected_version=1)
    with pytest.raises(Conflict), transaction():
        save_rule({"title": "Mine"}, rule_id=made.id, expected_version=1)


def test_points_open_what_is_for_sale_beside_the_rule_but_not_before_it_opens(
    app, tiers, client, login
) -> None:
    account = make_member()
    give(Customer(account), 100)
    opens_at = (utcnow() + dt.timedelta(days=1)).isoformat()
    options = {"member_tiers": {"unlock_price": 50, "opens_at": opens_at}}
    content = page("later", rule=GOLD, options=options)
    login(client, account)
    assert client.get(f"/member-tiers/unlock/page/{content.id}").status_code == 404
    with transaction():
        save_page({"options": {"member_tiers": {"unlock_price": 50}}}, page_id=content.id)
    assert client.get(f"/member-tiers/unlock/page/{content.id}").status_code == 200


class TestScreens:
    @pytest.fixture
    def staff(self, tiers, new_client, login) -> Any:
        made = new_client()
        login(made, make_staff("member_tiers.access.edit", "customers.see"))
        return made

    def test_a_rule_is_made_changed_and_deleted(self, staff) -> None:
        sent = {
            "title": "東京のゴールド",
            "key": "tokyo-gold",
            "rule_mode": "rows",
            "rule_joint": "all",
            "rule-0-field": "tier",
            "rule-0-op": "eq",
            "rule-0-value": "gold",
            "rule-1-field": "prefecture",
            "rule-1-op": "in",
            "rule-1-value": "東京都",
            "rule-1-group": "1",
            "rule-group-1-joint": "none",
            "display": "not_found",
            "drip_days": "30",
            "opens_at": "2026-12-01T09:00",
            "is_metered": "y",
        }
        answer = staff.post("/admin/member-tiers/rules/new", data=sent)
        assert answer.status_code == 303
        address = answer.headers["Location"]
        policy = policies.named_policy("tokyo-gold")
        assert policy is not None
        assert policy.condition == {
            "all": [GOLD, {"not": {"any": [{"field": "prefecture", "op": "in", "value": ["13"]}]}}]
        }
        assert policy.display is Display.NOT_FOUND
        assert policy.opens_at == dt.datetime(2026, 12, 1, 0, 0, tzinfo=dt.UTC)
        shown = staff.get(address).text
        assert re.search(r'name="opens_at"[^>]*value="2026-12-01 09:00', shown)
        assert '<option value="none" selected>' in shown
        assert "東京のゴールド" in staff.get("/admin/member-tiers/rules").text
        wrong = staff.post(address, data={**sent, "title": "", "drip_days": "x"})
        assert wrong.status_code == 422
        assert staff.post(address, data={**sent, "version": "9"}).status_code == 409
        assert staff.post(address + "/delete").status_code == 303
        assert staff.get(address).status_code == 404

    def test_the_lists_say_how_long_a_rule_waits_and_lead_to_the_pages_that_use_it(
        self, staff, new_client, login
    ) -> None:
        waiting = rule("later", drip_days=30)
        content = page("gold-letters", rule_name="later")
        editor = new_client()
        login(editor, make_staff("content.edit", "member_tiers.access.edit"))
        for address in ("/admin/member-tiers/rules", "/admin/member-tiers/access"):
            assert "すべての会員、会員になって30日後から" in staff.get(address).text
        address = f"/admin/member-tiers/rules/{waiting.id}"
        shown = staff.get(address).text
        assert "読める人：すべての会員、会員になって30日後から" in shown
        (link,) = re.findall(r'<li><a href="([^"]+)">' + content.title, shown)
        assert editor.get(link).status_code == 200

    def test_a_page_takes_a_named_rule_in_both_editors(self, staff, new_client, login) -> None:
        rule("silver", SILVER)
        content = page("lounge")
        address = f"/admin/member-tiers/access/page/{content.id}"
        assert staff.post(address, data={"mode": "named", "rule_name": ""}).status_code == 422
        assert staff.post(address, data={"mode": "named", "rule_name": "silver"}).status_code == 303
        assert get_page(content.id).rule_name == "silver"
        assert "Silver" in staff.get("/admin/member-tiers/access").text
        editor = new_client()
        login(editor, make_staff("content.edit"))
        shown = editor.get(f"/admin/pages/{content.id}").text
        assert '<option selected value="silver">' in shown
        staff.post(address, data={"mode": "simple", "tier": "gold", "join": "any"})
        assert (get_page(content.id).rule_name, get_page(content.id).rule) == ("", GOLD)

    def test_defaults_and_allowances_are_set_and_wrong_ones_refused(self, staff) -> None:
        made = rule("silver", SILVER)
        base = "/admin/member-tiers/rules"
        assert staff.post(base + "/default", data={"prefix": "a b", "rule": made.id}).status_code == 422
        assert staff.post(base + "/default", data={"prefix": "x", "rule": "99"}).status_code == 422
        assert staff.post(base + "/default", data={"prefix": "/x-", "rule": made.id}).status_code == 303
        assert policies.rule_book().defaults == (("x-", "silver"),)
        assert staff.post(base + "/reading", data={"reads-guest": "x"}).status_code == 422
        assert staff.post(base + "/reading", data={"reads-guest": "3", "reads-gold": "9"}).status_code == 303
        assert 'name="reads-gold" value="9"' in staff.get(base).text

    def test_rules_are_for_those_with_the_right_only(self, tiers, client, new_client, login) -> None:
        made = rule("silver", SILVER)
        base = "/admin/member-tiers/rules"
        paths = [base, base + "/new", f"{base}/{made.id}", "/admin/member-tiers/access/trace"]
        posts = [base + "/new", f"{base}/{made.id}", f"{base}/{made.id}/delete", base + "/default"]
        for path in paths:
            assert client.get(path).status_code == 302
        for account in (make_member(), make_staff("content.edit", "customers.see")):
            other = new_client()
            login(other, account)
            assert {other.get(path).status_code for path in paths} == {403}
            assert {other.post(path).status_code for path in [*posts, base + "/reading"]} == {403}
        assert policies.named_policy("silver") is not None
