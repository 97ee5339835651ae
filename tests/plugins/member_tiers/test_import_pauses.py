"""Past and running pauses in the file of memberships: out, in, checked, undone."""

import datetime as dt
from typing import Any

import pytest
from importing_kit import TODAY, File, english, exported, memberships
from memberships_kit import Calendar, do
from sqlalchemy import delete, select

from core.db import db, transaction, utcnow
from core.testing.factories import make_customer
from plugins.member_tiers.memberships.active_days import active_days
from plugins.member_tiers.models import Membership, MembershipPause, Seat, Tier

HEAD = "顧客番号,会員種別,入会日,有効期限,状態,休会期間\n"
PAST = "2026-05-01/2026-05-31;2026-08-10/2026-08-10"


@pytest.fixture
def calendar(monkeypatch: pytest.MonkeyPatch, tiers: dict[str, Tier]) -> Calendar:
    return Calendar(monkeypatch, TODAY)


@pytest.fixture
def hanako(calendar: Calendar) -> Any:
    return make_customer(family_name="山田", email="hanako@example.jp")


def line(customer: Any, pauses: str, state: str = "有効", last: str = "2027-03-31") -> str:
    return f"{HEAD}{customer.id},gold,2026-04-01,{last},{state},{pauses}\n"


def pauses() -> list[tuple[str, str | None]]:
    db.session.rollback()
    query = select(MembershipPause.from_on, MembershipPause.until_on).order_by(MembershipPause.from_on)
    return [(str(first), str(last) if last else None) for first, last in db.session.execute(query)]


def test_pauses_come_in_and_do_not_count_and_go_out_again(hanako: Any) -> None:
    assert File(line(hanako, PAST)).run() == (1, 0, 0, 0)
    assert pauses() == [("2026-05-01", "2026-05-31"), ("2026-08-10", "2026-08-10")]
    assert active_days(hanako.id) == (TODAY - dt.date(2026, 4, 1)).days + 1 - 32
    data = exported()
    assert PAST in data.decode("utf-8-sig")
    assert File(data).check() == (0, 0, 1, 0)
    before = pauses()
    with transaction():
        db.session.execute(delete(Membership))
    assert File(data).run() == (1, 0, 0, 0)
    assert pauses() == before
    assert active_days(hanako.id) == (TODAY - dt.date(2026, 4, 1)).days + 1 - 32


def test_what_verbs_left_goes_out_and_comes_back(hanako: Any, calendar: Calendar, tiers: Any) -> None:
    calendar.go_to("2026-04-01")
    made = do("give_membership", hanako.id, tiers["gold"].id, starts_on=dt.date(2026, 4, 1))
    for day, verb in (("2026-05-05", "pause"), ("2026-06-04", "resume"), ("2026-11-01", "pause")):
        calendar.go_to(day)
        do(verb, made.id)
    calendar.go_to(str(TODAY))
    data = exported()
    assert "2026-05-05/2026-06-03;2026-11-01/" in data.decode("utf-8-sig")
    before, clock = pauses(), active_days(hanako.id)
    with transaction():
        db.session.execute(delete(Membership))
    assert File(data).run() == (1, 0, 0, 0)
    assert (pauses(), active_days(hanako.id)) == (before, clock)


@pytest.mark.parametrize(
    ("cell", "state", "kept"),
    [
        (f"{PAST};2026-11-01/", "休会中", [("2026-11-01", None)]),
        (PAST, "休会中", [(str(TODAY), None)]),
        (" 2026-05-01 / 2026-05-31 ；2026-08-10/2026-08-10；", "有効", []),
    ],
)
def test_one_may_last_and_the_form_is_read_kindly(hanako: Any, cell: str, state: str, kept: Any) -> None:
    assert File(line(hanako, cell, state)).run() == (1, 0, 0, 0)
    assert pauses() == [("2026-05-01", "2026-05-31"), ("2026-08-10", "2026-08-10"), *kept]


REFUSED = [
    ("昨日", "有効", "Write pauses like"),
    ("2026-05-01", "有効", "Write pauses like"),
    ("2026-02-30/2026-03-05", "有効", "Write pauses like"),
    ("2026-05-31/2026-05-01", "有効", "must not be before its first day"),
    ("2026-08-10/2026-08-11;2026-05-01/2026-05-31", "有効", "follow each other"),
    ("2026-05-01/2026-05-31;2026-05-31/2026-06-01", "有効", "follow each other"),
    ("2026-05-01/;2026-08-10/2026-08-11", "有効", "follow each other"),
    ("2026-03-31/2026-05-31", "有効", "within the days of the membership"),
    ("2026-10-01/2026-10-02", "期限切れ", "within the days of the membership"),
    ("2026-11-01/2026-11-22", "有効", "must be over"),
    ("2026-12-01/2026-12-02", "有効", "must have begun"),
    ("2026-11-01/", "有効", "A pause without a last day lasts"),
]


@pytest.mark.parametrize(("cell", "state", "reason"), REFUSED)
def test_what_cannot_be_is_refused_with_its_reason(hanako: Any, cell: str, state: str, reason: str) -> None:
    last = "2026-09-30" if state == "期限切れ" else "2027-03-31"
    file = File(line(hanako, cell, state, last), by=english())
    assert file.run() == (0, 0, 0, 1)
    assert reason in file.problems()[2]
    assert memberships() == []


def test_two_days_for_the_pause_that_lasts_are_refused(hanako: Any) -> None:
    head = HEAD.replace("\n", ",休会日\n")
    file = File(head + f"{hanako.id},gold,2026-04-01,,休会中,2026-11-01/,2026-11-02\n", by=english())
    assert file.run() == (0, 0, 0, 1)
    assert "name two days" in file.problems()[2]


@pytest.mark.parametrize(
    ("cell", "state", "after"),
    [
        ("2026-05-01/2026-06-15", "有効", [("2026-05-01", "2026-06-15")]),
        (f"{PAST};2026-11-01/", "休会中", None),
        ("2026-08-10/2026-08-10;2026-11-01/2026-11-02", "有効", None),
    ],
)
def test_a_file_changes_pauses_and_its_undoing_brings_them_back(
    hanako: Any, cell: str, state: str, after: Any
) -> None:
    File(line(hanako, PAST)).run()
    before, clock = pauses(), active_days(hanako.id)
    file = File(line(hanako, cell, state))
    assert file.run() == (0, 1, 0, 0), file.problems()
    assert pauses() != before and (after is None or pauses() == after)
    assert file.undo() == (1, 0)
    assert (pauses(), active_days(hanako.id)) == (before, clock)


def test_without_the_column_or_with_an_empty_cell_pauses_stay(hanako: Any) -> None:
    File(line(hanako, PAST)).run()
    before = pauses()
    assert File(line(hanako, "")).run() == (0, 0, 1, 0)
    plain = line(hanako, "", last="2027-09-30").replace(",休会期間", "").replace("有効,\n", "有効\n")
    assert File(plain).run() == (0, 1, 0, 0)
    assert pauses() == before
    assert File(line(hanako, "", last="2027-09-30"), clears=True).run() == (0, 1, 0, 0)
    assert pauses() == []


def test_seats_rest_on_the_same_days(hanako: Any) -> None:
    File(line(hanako, "")).run()
    (owner,) = memberships()
    guest = make_customer()
    with transaction():
        given = do("give_membership", guest.id, owner.tier_id, starts_on=owner.starts_on, source="seat")
        db.session.add(Seat(membership_id=owner.id, given_id=given.id, invited_at=utcnow()))
    file = File(line(hanako, PAST))
    assert file.run() == (0, 1, 0, 0)
    assert pauses() == sorted(2 * [("2026-05-01", "2026-05-31"), ("2026-08-10", "2026-08-10")])
    assert file.undo() == (1, 0)
    assert pauses() == []
