"""Points that staff give by a rule: amount, last day, caps and holding follow it, whatever was typed."""

from typing import Any

import pytest
from sqlalchemy import select
from tiers_kit import days, join, make_member

from core.activity.models import AuditEntry
from core.db import db, transaction
from core.i18n import site_today
from core.testing.factories import make_customer, make_staff
from plugins.member_tiers.models import PointEntry, PointHold, PointLot, PointRule
from plugins.member_tiers.points import rules
from plugins.member_tiers.points.models import Funding
from plugins.member_tiers.points.models_rules import Event
from plugins.member_tiers.points.queries import points_of

NEW = "/admin/member-tiers/points/new"
TYPED = {"direction": "give", "reason": "gift", "funding": "free", "amount": ""}


def make_rule(amount: int = 50, event: Event = Event.MANUAL, **values: Any) -> PointRule:
    with transaction():
        made = {"event": event, "about": "x", "title_ja": "茶会への参加", "amount": amount, "holds": True}
        return rules.save_rule({**made, **values})


@pytest.fixture
def staff(client: Any, login: Any, tiers: Any) -> Any:
    login(client, make_staff("member_tiers.points.see", "member_tiers.points.edit", "customers.see"))
    return client


def send(staff: Any, customer: int, rule: Any, token: str = "a-token-of-a-form-0001", **typed: Any) -> Any:
    data = {**TYPED, "customer": str(customer), "rule": str(rule), "token": token, **typed}
    answer = staff.post(NEW, data=data)
    db.session.rollback()
    return answer


def test_amount_last_day_and_kind_follow_the_rule_whatever_was_typed(staff: Any) -> None:
    rule = make_rule(50, valid_days=30, is_limited=True)
    member = make_member()
    typed = {"amount": "9999", "funding": "paid", "expires_on": "2020-01-01", "note": "second table"}
    assert send(staff, member.customer_id, rule.id, **typed).status_code == 303
    lot, entry = db.session.scalars(select(PointLot)).one(), db.session.scalars(select(PointEntry)).one()
    assert (lot.granted, lot.expires_on) == (50, site_today() + days(29))
    assert (lot.funding, lot.is_limited) == (Funding.FREE, True)
    assert (entry.note, entry.reason_code, entry.source_id) == ("second table", "manual", rule.id)
    assert entry.account_id is not None
    assert "member_tiers.points_given_by_rule" in db.session.scalars(select(AuditEntry.action)).all()


@pytest.mark.parametrize("amount", ["", "abc", "-1"])
def test_what_a_rule_says_is_not_asked_for(amount: str, staff: Any) -> None:
    rule, member = make_rule(), make_member()
    assert send(staff, member.customer_id, rule.id, amount=amount).status_code == 303
    assert points_of(member.customer_id) == 50


def test_without_a_rule_the_amount_is_asked_for_as_before(staff: Any) -> None:
    make_rule()
    member = make_member()
    assert send(staff, member.customer_id, "").status_code == 422
    assert send(staff, member.customer_id, "", amount="7").status_code == 303
    assert points_of(member.customer_id) == 7


def test_one_form_counts_once_and_a_cap_is_told_in_words(staff: Any) -> None:
    rule, member = make_rule(cap_day=1), make_member()
    for _again in range(2):
        assert send(staff, member.customer_id, rule.id).status_code == 303
    assert points_of(member.customer_id) == 50
    refused = send(staff, member.customer_id, rule.id, "another-token-of-a-form")
    assert refused.status_code == 422
    assert "上限に達しています" in refused.text
    assert points_of(member.customer_id) == 50


def test_the_tier_multiplies_what_staff_give_by_a_rule(staff: Any, tiers: Any) -> None:
    rule, member = make_rule(factors={tiers["gold"].id: 150}), make_member()

    class Own:
        id = member.customer_id

    join(Own(), tiers["gold"])
    send(staff, member.customer_id, rule.id)
    assert points_of(member.customer_id) == 75


def test_points_are_held_until_the_address_is_confirmed_and_staff_are_told(staff: Any) -> None:
    rule, visitor = make_rule(), make_customer(email="visitor@example.jp")
    for _again in range(2):
        answer = send(staff, visitor.id, rule.id)
        assert answer.status_code == 303
    assert "保留しています" in staff.get(answer.headers["Location"]).text
    assert points_of(visitor.id) == 0
    assert db.session.scalars(select(PointHold.amount)).all() == [50]


def test_a_rule_takes_nothing(staff: Any) -> None:
    rule, member = make_rule(), make_member()
    assert send(staff, member.customer_id, rule.id, direction="take").status_code == 422
    assert db.session.scalars(select(PointEntry.id)).all() == []


def test_nobody_gives_points_to_themselves_by_a_rule(staff: Any, client: Any, login: Any) -> None:
    rule = make_rule()
    account = make_staff("member_tiers.points.edit", "customers.see", email="own@example.jp")
    own = make_customer(email="own@example.jp")
    client.post("/logout")
    login(client, account)
    assert send(client, own.id, rule.id).status_code == 422
    assert db.session.scalars(select(PointHold.id)).all() == []


@pytest.mark.parametrize("rule", ["other event", "off", "99999", "²", "-1", "abc", "9" * 5000])
def test_only_rules_for_staff_that_are_in_force_can_be_chosen(rule: str, staff: Any) -> None:
    if rule == "other event":
        rule = str(make_rule(event=Event.BIRTHDAY).id)
    elif rule == "off":
        rule = str(make_rule(is_active=False).id)
    member = make_member()
    make_rule()
    answer = send(staff, member.customer_id, rule, amount="5")
    assert answer.status_code == 422
    assert points_of(member.customer_id) == 0


def test_the_form_offers_the_rules_for_staff_and_no_others(staff: Any) -> None:
    assert 'name="rule"' not in staff.get(NEW).text
    make_rule()
    make_rule(event=Event.REGISTER, title_ja="会員登録")
    page = staff.get(NEW).text
    assert "茶会への参加: 50" in page
    assert "会員登録" not in page
