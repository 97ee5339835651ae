"""L33: memberships that went out as a file come back equal, into the same site and into an emptied one."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from importing_kit import TODAY, File, exported, memberships, said
from memberships_kit import Calendar, do
from sqlalchemy import delete, select

from core.db import db, transaction
from core.testing.factories import make_customer
from plugins.member_tiers.memberships.active_days import active_days
from plugins.member_tiers.models import Membership, MembershipPause, Tier

DAY = dt.timedelta(days=1)
NASTY = st.text(st.sampled_from("山ア-=+@'\"; ,、|\n\t0１é😀"), max_size=12).map(
    lambda text: " ".join(text.splitlines()).strip()
)
LIVES = (
    *("", "pause", "cancel", "expire", "take_back", "apply", "approve", "refuse", "trial"),
    *("gift", "past", "rested", "rests again"),
)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch, tiers: dict[str, Tier]) -> Any:
    with transaction():
        for key, grace in (("gold", 30), ("silver", 0)):
            tier = db.session.get_one(Tier, tiers[key].id)
            tier.grace_days, tier.trial_days, tier.fee = grace, 14, 1000
    return Calendar(monkeypatch, TODAY), tiers


def live(customer: Any, tier: Tier, life: str, note: str, since: int, length: int | None) -> None:
    """Give a customer a membership that had a life."""
    first = TODAY - since * DAY
    last = first + length * DAY if length is not None else None
    if life in ("apply", "approve", "refuse"):
        made = do("apply_for", customer.id, tier.id, note=note)
        if life != "apply":
            do(life, made.id)
    elif life == "trial":
        do("give_trial", customer.id, tier.id, note=note)
    elif life == "gift":
        do("give_complimentary", customer.id, tier.id, ends_on=TODAY + 9 * DAY, note=note)
    else:
        made = do("give_membership", customer.id, tier.id, starts_on=first, ends_on=last, note=note)
        if life in ("rested", "rests again"):
            rest(made, since)
        if life in ("pause", "rests again", "cancel", "expire", "take_back"):
            do("pause" if life == "rests again" else life, made.id)


_MORE = (MembershipPause.until_on, MembershipPause.resumes_on)


def pauses() -> list[tuple[Any, ...]]:
    query = select(Membership.customer_id, MembershipPause.from_on, *_MORE)
    query = query.join(Membership, Membership.id == MembershipPause.membership_id)
    return sorted(tuple(map(str, row)) for row in db.session.execute(query))


def rest(made: Membership, since: int) -> None:
    """Let it have had pauses, as `pause` and `resume` would have left them."""
    days = [TODAY - DAY * (since * part // 8) for part in (7, 6, 4, 3)]
    with transaction():
        for first, last in zip(days[::2], days[1::2], strict=True):
            if first < last < TODAY:
                db.session.add(MembershipPause(membership_id=made.id, from_on=first, until_on=last))


lives = st.tuples(
    st.sampled_from(("gold", "silver")),
    st.sampled_from(LIVES),
    NASTY,
    st.integers(0, 800),
    st.one_of(st.none(), st.integers(801, 1200)),
)


@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(given_lives=st.lists(lives, min_size=1, max_size=6))
def test_what_went_out_comes_back_equal(site: Any, given_lives: list[Any]) -> None:
    _calendar, tiers = site
    with transaction():
        db.session.execute(delete(Membership))
    people = []
    for tier, life, note, since, length in given_lives:
        people.append(make_customer(family_name="山田"))
        live(people[-1], tiers[tier], life, note, since, length)
    before, rested = said(), pauses()
    clocks = [active_days(person.id) for person in people]
    data = exported()
    again = File(data, match="number", clears=True)
    assert again.check() == (0, 0, len(before), 0), (again.problems(), again.row.report["examples"])
    assert File(data).check() == (0, 0, len(before), 0)
    with transaction():
        db.session.execute(delete(Membership))
    fresh = File(data)
    assert fresh.run() == (len(before), 0, 0, 0), fresh.problems()
    assert said() == before
    assert pauses() == rested
    assert [active_days(person.id) for person in people] == clocks


def test_days_of_grace_the_past_and_both_languages_come_back(site: Any) -> None:
    calendar, tiers = site
    calendar.go_to("2026-10-01")
    one = make_customer(email="hanako@example.jp")
    live(one, tiers["gold"], "", "=1+1", 340, 330)
    live(one, tiers["silver"], "", "-", 340, 330)
    calendar.go_to("2026-11-22")
    before = said()
    assert {row[4] for row in before} == {"grace", "expired"}
    data = exported("cp932")
    with transaction():
        db.session.execute(delete(Membership))
    assert File(data).run() == (2, 0, 0, 0)
    assert said() == before


def test_on_another_site_customers_are_found_by_their_address(site: Any) -> None:
    _calendar, tiers = site
    one = make_customer(email="hanako@example.jp")
    live(one, tiers["gold"], "", "", 10, None)
    data = exported().decode("utf-8-sig")
    with transaction():
        db.session.execute(delete(Membership))
    there = data.replace(f",{one.id},", ",4711,")
    file = File(there)
    assert file.check() == (0, 0, 0, 1)
    names = tuple("" if name == "customer_id" else name for name in _columns(file))
    assert File(there, columns=names).run() == (1, 0, 0, 0)
    assert memberships()[0].customer_id == one.id


def _columns(file: File) -> tuple[str, ...]:
    return tuple(file.row.settings["columns"])
