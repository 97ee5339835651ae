"""Caps in points: an award is cut to what is left of a period, says so, and nobody gets past it."""

import threading
from typing import Any

import pytest
from sqlalchemy import func, select
from tiers_kit import days, join, make_member

from core.db import db, transaction, utcnow
from core.errors import Conflict
from core.i18n import site_today
from core.testing.factories import make_account, make_customer, make_staff
from plugins.member_tiers.models import PointCut, PointEntry, PointHold, PointMultiplied, PointRule
from plugins.member_tiers.people import report
from plugins.member_tiers.points import chain, earning, posting, reconcile, rules
from plugins.member_tiers.points.caps import limits_of
from plugins.member_tiers.points.models_rules import Event
from plugins.member_tiers.points.queries import points_of

RULES = "/admin/member-tiers/points/rules"
AT_ONCE = 12

pytestmark = pytest.mark.usefixtures("tiers_on")


class Own:
    def __init__(self, account: Any) -> None:
        self.id = account.customer_id


def make_rule(amount: int = 300, **values: Any) -> PointRule:
    given = {"event": Event.HOOK, "about": "visit", "title_ja": "来店", "amount": amount, "holds": False}
    with transaction():
        return rules.save_rule({**given, **values})


def visit(customer_id: int, key: object) -> int:
    """Earn once and return how many points this gave."""
    before = points_of(customer_id)
    with transaction():
        earning.earn_by_hook("visit", customer_id, str(key))
    db.session.rollback()
    return points_of(customer_id) - before


def wholes() -> list[tuple[int, int]]:
    query = select(PointEntry.amount, PointCut.whole).join(PointCut, PointCut.entry_id == PointEntry.id)
    return [tuple(row) for row in db.session.execute(query.order_by(PointEntry.id))]


def test_what_would_be_more_is_cut_to_what_is_left_and_then_there_is_no_entry() -> None:
    make_rule(300, points_total=700)
    member = make_member()
    assert [visit(member.customer_id, key) for key in range(4)] == [300, 300, 100, 0]
    assert wholes() == [(100, 300)]
    assert db.session.scalar(select(func.count()).select_from(PointEntry)) == 3
    assert chain.verify().is_whole and reconcile.sums_of(member.customer_id).agree


@pytest.mark.parametrize(
    ("cap", "apart"), [("points_day", 1), ("points_week", 7), ("points_month", 31), ("points_total", None)]
)
def test_each_period_has_its_own_count(cap: str, apart: int | None, monkeypatch: Any) -> None:
    make_rule(300, **{cap: 400})
    member, today = make_member(), site_today()
    assert [visit(member.customer_id, key) for key in (1, 2, 3)] == [300, 100, 0]
    later = today + days(apart or 4000)
    monkeypatch.setattr(earning, "site_today", lambda: later)
    monkeypatch.setattr(posting, "utcnow", lambda: utcnow() + days(apart or 4000))
    assert visit(member.customer_id, "later") == (0 if apart is None else 300)


def test_the_narrowest_of_several_caps_holds_and_times_count_beside_points() -> None:
    make_rule(300, points_day=500, points_month=450, cap_total=3)
    make_rule(10, about="other", points_day=5)
    member = make_member()
    assert [visit(member.customer_id, key) for key in (1, 2, 3)] == [300, 150, 0]
    with transaction():
        earning.earn_by_hook("other", member.customer_id, "1")
    assert points_of(member.customer_id) == 455
    times = make_rule(1, about="times", cap_day=2, points_day=100)
    for key in range(4):
        with transaction():
            earning.earn_by_hook("times", member.customer_id, str(key))
    assert points_of(member.customer_id) == 457
    assert len(limits_of(times)) == 2


def test_others_have_caps_of_their_own_and_a_cut_event_is_not_made_up_for() -> None:
    make_rule(300, points_total=400)
    one, other = make_member(), make_member()
    assert [visit(one.customer_id, key) for key in (1, 2)] == [300, 100]
    assert visit(other.customer_id, 3) == 300
    assert visit(one.customer_id, 2) == 0
    with transaction():
        rule = db.session.scalars(select(PointRule)).one()
        rules.save_rule({"points_total": 10_000}, rule_id=rule.id)
    assert visit(one.customer_id, 2) == 0


def test_the_cap_counts_after_the_factor_of_the_tier(tiers: Any) -> None:
    make_rule(100, points_total=400, factors={tiers["gold"].id: 150})
    member, plain = make_member(), make_member()
    join(Own(member), tiers["gold"])
    assert [visit(member.customer_id, key) for key in range(4)] == [150, 150, 100, 0]
    assert [visit(plain.customer_id, f"p{key}") for key in range(5)] == [100, 100, 100, 100, 0]
    assert wholes() == [(100, 150)]
    multiplied = select(PointMultiplied.base, PointMultiplied.percent)
    assert db.session.execute(multiplied).all() == [(100, 150)] * 3


def test_held_points_are_cut_when_they_come_and_none_are_held_beyond_the_cap(tiers: Any) -> None:
    make_rule(300, points_total=500, holds=True, factors={tiers["gold"].id: 200})
    customer = make_customer(email="neu@example.jp")
    for key in range(4):
        visit(customer.id, key)
    assert db.session.scalars(select(PointHold.amount)).all() == [300, 300]
    join(customer, tiers["gold"])
    make_account("Member", customer=customer, email="neu@example.jp")
    assert points_of(customer.id) == 500
    assert wholes() == [(500, 600)]
    assert db.session.scalars(select(PointHold)).all() == []


def test_staff_who_give_by_a_rule_learn_that_nothing_is_left() -> None:
    rule = make_rule(300, event=Event.MANUAL, about="", points_day=300)
    member, staff = make_member(), make_staff("member_tiers.points.edit")
    with transaction():
        assert earning.give_by_rule(rule.id, member.customer_id, "a", by=staff.id).amount == 300
    with pytest.raises(Conflict), transaction():
        earning.give_by_rule(rule.id, member.customer_id, "b", by=staff.id)
    with transaction():
        assert earning.give_by_rule(rule.id, member.customer_id, "a", by=staff.id).amount == 300


def test_many_at_once_never_get_more_than_the_cap(app: Any) -> None:
    make_rule(70, points_day=500)
    customer_id = make_member().customer_id
    begin = threading.Barrier(AT_ONCE)
    faults: list[BaseException] = []

    def earn(number: int) -> None:
        with app.app_context():
            try:
                begin.wait()
                with transaction():
                    earning.earn_by_hook("visit", customer_id, str(number))
            except BaseException as fault:
                faults.append(fault)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=earn, args=(number,)) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    assert faults == []
    assert points_of(customer_id) == 500
    assert sorted(db.session.scalars(select(PointEntry.amount))) == [10] + [70] * 7
    assert chain.verify().is_whole and reconcile.sums_of(customer_id).agree


def test_form_list_entry_and_the_members_own_page_show_it(client: Any, login: Any) -> None:
    owner = make_account("Owner")
    login(client, owner)
    values = {"event": "hook", "about": "visit", "title_ja": "来店", "amount": "300", "is_active": "1"}
    refused = client.post(f"{RULES}/new", data={**values, "points_day": "0"})
    assert refused.status_code == 422
    saved = client.post(f"{RULES}/new", data={**values, "cap_day": "3", "points_day": "400"})
    assert saved.status_code == 303
    rule = db.session.scalars(select(PointRule)).one()
    assert (rule.cap_day, rule.points_day, rule.points_week) == (3, 400, None)
    page = client.get(RULES).text
    assert "1日3回" in page and "1日400 ポイントまで" in page
    assert 'value="400"' in client.get(f"{RULES}/{rule.id}").text
    member = make_member()
    visit(member.customer_id, 1)
    visit(member.customer_id, 2)
    entry = db.session.scalars(select(PointEntry).order_by(PointEntry.id.desc())).first()
    said = "300 ポイントのうち100だけ付与しました"
    assert said in client.get(f"/admin/member-tiers/points/{entry.id}").text
    assert [line.get("cut_from") for line in report(member.customer_id)["points"]] == [None, 300]
    login(client, member)
    assert said in client.get("/member-tiers/points").text
