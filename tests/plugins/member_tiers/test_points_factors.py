"""Earning rules multiplied by tier: the highest factor of the tiers held that day, rounded down."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from tiers_kit import join, make_member

from core.db import db, transaction
from core.errors import ValidationFailed
from core.testing.factories import make_account, make_customer, make_staff
from plugins.member_tiers import services
from plugins.member_tiers.models import PointEntry, PointFactor, PointMultiplied, PointRule
from plugins.member_tiers.points import earning, factors, rules
from plugins.member_tiers.points.ledger import MAX_AMOUNT
from plugins.member_tiers.points.models_rules import Event
from plugins.member_tiers.points.queries import held_of, points_of

RULES = "/admin/member-tiers/points/rules"


class Own:
    def __init__(self, account: Any) -> None:
        self.id = account.customer_id


def make_rule(tiers: Any, amount: int = 5, event: Event = Event.HOOK, **values: Any) -> PointRule:
    made = {tiers["gold"].id: 150, tiers["silver"].id: 125}
    given_values = {"event": event, "about": "visit", "title_ja": "来店", "amount": amount, "factors": made}
    with transaction():
        return rules.save_rule({**given_values, **values})


def visit(customer_id: int, key: str = "1") -> int:
    with transaction():
        earning.earn_by_hook("visit", customer_id, key)
    db.session.rollback()
    return points_of(customer_id)


@pytest.mark.parametrize(("amount", "gold", "silver"), [(5, 7, 6), (100, 150, 125), (1, 1, 1), (3, 4, 3)])
def test_the_factor_of_the_tier_counts_and_is_rounded_down(
    amount: int, gold: int, silver: int, tiers: Any
) -> None:
    make_rule(tiers, amount)
    for tier, expected in (("gold", gold), ("silver", silver), ("free", amount)):
        member = make_member()
        join(Own(member), tiers[tier])
        assert visit(member.customer_id, tier) == expected
    assert visit(make_member().customer_id, "nobody") == amount


def test_of_several_tiers_the_highest_factor_counts_and_they_never_multiply(tiers: Any) -> None:
    make_rule(tiers, 100)
    member = make_member()
    for tier in ("silver", "gold", "free"):
        join(Own(member), tiers[tier])
    assert visit(member.customer_id) == 150


@pytest.mark.parametrize(("since", "until"), [(-30, -1), (1, None)])
def test_a_membership_that_does_not_count_today_multiplies_nothing(
    since: int, until: int | None, tiers: Any
) -> None:
    make_rule(tiers, 100)
    member = make_member()
    join(Own(member), tiers["gold"], since, until)
    assert visit(member.customer_id) == 100


def test_caps_count_times_whatever_a_factor_makes_of_the_points(tiers: Any) -> None:
    make_rule(tiers, 100, cap_day=2)
    member = make_member()
    join(Own(member), tiers["gold"])
    assert [visit(member.customer_id, key) for key in "abcc"] == [150, 300, 300, 300]


def test_held_points_are_multiplied_by_the_tier_of_the_day_on_which_they_come(tiers: Any) -> None:
    rule = make_rule(tiers, 100, holds=True)
    visitor = make_customer(email="visitor@example.jp")
    with transaction():
        earning.apply_rule(rule, visitor.id, "1")
    assert held_of(visitor.id) == 100
    join(visitor, tiers["gold"])
    make_account("Member", customer=visitor, email="visitor@example.jp")
    db.session.rollback()
    assert (points_of(visitor.id), held_of(visitor.id)) == (150, 0)


def test_a_row_of_a_file_never_gives_more_than_one_movement_can_hold(tiers: Any) -> None:
    rule = make_rule(tiers, 1, Event.IMPORT, about="")
    member = make_member()
    join(Own(member), tiers["gold"])
    with transaction():
        earning.apply_rule(rule, member.customer_id, "row:1", amount=MAX_AMOUNT)
    assert points_of(member.customer_id) == MAX_AMOUNT


def test_the_entry_remembers_how_its_amount_came_about_also_when_rule_and_tier_change(tiers: Any) -> None:
    rule = make_rule(tiers, 5)
    member = make_member()
    held = join(Own(member), tiers["gold"])
    visit(member.customer_id)
    entry = db.session.scalars(select(PointEntry)).one()
    with transaction():
        rules.save_rule({"factors": {}}, rule_id=rule.id)
    found = factors.multiplied_of([entry.id])[entry.id]
    assert (found.base, found.percent, found.tier.id) == (5, 150, tiers["gold"].id)
    assert factors.multiplied_text(found) == "5 × 1.5（ゴールド）"
    assert held.tier_id == tiers["gold"].id


def test_an_entry_without_a_factor_has_nothing_beside_it(tiers: Any) -> None:
    make_rule(tiers, 5)
    visit(make_member().customer_id)
    assert db.session.scalars(select(PointMultiplied)).all() == []


def test_a_tier_that_is_deleted_takes_its_factor_along(tiers: Any) -> None:
    make_rule(tiers)
    with transaction():
        services.delete_tier(tiers["gold"].id)
    assert db.session.scalars(select(PointFactor.tier_id)).all() == [tiers["silver"].id]


@pytest.mark.parametrize("percent", [0, -150, 99, 10_001, True, 1.5, "150"])
def test_a_factor_that_makes_no_sense_is_refused(percent: Any, tiers: Any) -> None:
    with pytest.raises(ValidationFailed):
        make_rule(tiers, factors={tiers["gold"].id: percent})
    db.session.rollback()
    assert db.session.scalar(select(PointRule.id)) is None


def test_a_factor_that_makes_more_points_than_can_be_given_is_refused(tiers: Any) -> None:
    with pytest.raises(ValidationFailed):
        make_rule(tiers, MAX_AMOUNT)
    db.session.rollback()
    rule = make_rule(tiers, 1)
    with pytest.raises(ValidationFailed), transaction():
        rules.save_rule({"amount": MAX_AMOUNT}, rule_id=rule.id)


@given(st.integers(1, MAX_AMOUNT), st.integers(100, 10_000))
def test_multiplying_never_takes_points_and_never_rounds_up(amount: int, percent: int) -> None:
    points = factors.multiply(amount, percent)
    assert points >= min(amount, MAX_AMOUNT)
    assert points == MAX_AMOUNT or points * 100 <= amount * percent < (points + 1) * 100


@pytest.mark.parametrize(("text", "percent"), [("", 100), ("2", 200), (" 1.5 ", 150), ("１．２５", 125)])
def test_factors_are_read_as_people_write_them(text: str, percent: int) -> None:
    assert factors.parse_factor(text) == percent
    assert factors.parse_factor(factors.factor_text(percent)) == percent


class TestScreen:
    @pytest.fixture
    def staff(self, client: Any, login: Any, tiers: Any) -> Any:
        login(client, make_staff("member_tiers.points.see", "member_tiers.points.edit"))
        return client

    def form(self, tiers: Any, gold: str) -> dict[str, str]:
        values = {"event": "register", "title_ja": "会員登録", "amount": "100", "is_active": "y"}
        return {**values, factors.field_name(tiers["gold"].id): gold}

    def test_a_factor_is_entered_shown_and_taken_away(self, staff: Any, tiers: Any) -> None:
        assert staff.post(f"{RULES}/new", data=self.form(tiers, "1.5")).status_code == 303
        assert db.session.scalars(select(PointFactor.percent)).all() == [150]
        assert "ゴールド × 1.5" in staff.get(RULES).text
        rule = db.session.scalars(select(PointRule)).one()
        assert 'value="1.5"' in staff.get(f"{RULES}/{rule.id}").text
        assert staff.post(f"{RULES}/{rule.id}", data=self.form(tiers, "")).status_code == 303
        db.session.rollback()
        assert db.session.scalars(select(PointFactor.percent)).all() == []

    @pytest.mark.parametrize(
        "typed", ["0", "-1", "0.5", "101", "1e5", "abc", "1.555", "9" * 5000, "NaN", "١", "1,5"]
    )
    def test_a_bad_factor_is_refused_with_words_and_kept(self, typed: str, staff: Any, tiers: Any) -> None:
        answer = staff.post(f"{RULES}/new", data=self.form(tiers, typed))
        assert answer.status_code == 422
        name = factors.field_name(tiers["gold"].id)
        assert f'id="{name}-error' in answer.text or f"#{name}" in answer.text
        assert db.session.scalar(select(PointRule.id)) is None

    def test_a_factor_that_makes_too_much_stands_at_its_field(self, staff: Any, tiers: Any) -> None:
        answer = staff.post(f"{RULES}/new", data={**self.form(tiers, "2"), "amount": str(MAX_AMOUNT)})
        assert answer.status_code == 422
        assert "1,000,000,000" in answer.text
        db.session.rollback()
        assert db.session.scalar(select(PointRule.id)) is None

    def test_staff_and_the_member_read_how_the_points_came_about(
        self, staff: Any, client: Any, login: Any, tiers: Any, query_counter: Any
    ) -> None:
        make_rule(tiers, 5, title_en="Visit")
        member = make_member()
        join(Own(member), tiers["gold"])
        visit(member.customer_id)
        entry = db.session.scalars(select(PointEntry)).one()
        assert "5 × 1.5（ゴールド）" in staff.get(f"/admin/member-tiers/points/{entry.id}").text
        client.post("/logout")
        login(client, member)
        page = client.get("/member-tiers/points").text
        assert "5 × 1.5（ゴールド）" in page
        assert "ゴールド × 1.5" in page
        with query_counter() as counted:
            client.get("/member-tiers/points")
        assert counted.count <= 14
