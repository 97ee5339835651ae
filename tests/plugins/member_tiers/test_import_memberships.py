"""Memberships come in from files: whom rows are about, what they may do, what the undoing leaves."""

import datetime as dt
from typing import Any

import pytest
from importing_kit import TODAY, File, english, memberships, said, verbs
from memberships_kit import Calendar, do

from core.db import db, transaction
from core.testing.factories import make_customer
from plugins.member_tiers.models import MembershipPause, Tier

HEAD = "顧客番号,メール,会員種別,入会日,有効期限,状態,種類,メモ\n"


@pytest.fixture
def calendar(monkeypatch: pytest.MonkeyPatch, tiers: Any) -> Calendar:
    return Calendar(monkeypatch, TODAY)


@pytest.fixture
def hanako(calendar: Any) -> Any:
    return make_customer(family_name="山田", given_name="花子", email="hanako@example.jp")


def test_new_memberships_come_in_by_number_or_address_and_are_in_the_history(hanako: Any, tiers: Any) -> None:
    other = make_customer(email="taro@example.jp")
    file = File(
        HEAD
        + f"{hanako.id},,ゴールド,令和8年4月1日,R9.3.31,有効,,創立から\n"
        + ",TARO@example.jp,silver,2026/04/01,,,,\n"
        + ",taro@example.jp,Free,2025年1月1日,2025-12-31,,,\n"
    )
    assert file.run() == (3, 0, 0, 0)
    gold, silver, free = memberships()
    assert (gold.customer_id, gold.tier_id) == (hanako.id, tiers["gold"].id)
    assert (gold.starts_on, gold.ends_on) == (dt.date(2026, 4, 1), dt.date(2027, 3, 31))
    assert (gold.status, gold.source, gold.note) == ("active", "import", "創立から")
    assert (silver.customer_id, silver.ends_on, silver.status) == (other.id, None, "active")
    assert (free.status, free.granted_until) == ("expired", dt.date(2025, 12, 31))
    assert verbs(gold) == [("imported", None, "active")]
    assert verbs(free) == [("imported", None, "expired")]


def test_the_same_file_again_changes_nothing(hanako: Any) -> None:
    text = (
        HEAD
        + f"{hanako.id},,gold,2026-04-01,2027-03-31,有効,通常,a\n{hanako.id},,free,2020-04-01,2021-03-31,,,\n"
    )
    assert File(text).run() == (2, 0, 0, 0)
    before = said()
    assert File(text).run() == (0, 0, 2, 0)
    assert said() == before
    assert len(verbs(memberships()[0])) == 1


REFUSED = [
    ("999999,,gold,2026-04-01,,,,", "There is no customer with this number."),
    (",nobody@example.jp,gold,2026-04-01,,,,", "There is no customer with this e-mail address."),
    (",,gold,2026-04-01,,,,", "The row names no customer: write a customer number or an e-mail address."),
    ("{id},,platinum,2026-04-01,,,,", "There is no choice “platinum”."),
    ("{id},,,2026-04-01,,,,", "Enter Tier."),
    ("{id},,gold,,,,,", "Enter First day."),
    ("{id},,gold,昨日,,,,", "Enter a date like 2026-04-01."),
    ("{id},,gold,2026-04-01,2026-03-31,,,", "The last day must not be before the first day."),
    ("{id},,gold,2026-04-01,,,complimentary,", "A complimentary membership needs a last day."),
    (
        "{id},,gold,2026-04-01,,invoiced,,",
        "A file brings no invoices. Write “Approved”, then write the invoice here.",
    ),
    (
        "{id},,gold,2025-04-01,2026-03-31,active,,",
        "The last day has passed. Write “Expired”, or leave the state empty.",
    ),
    (
        "{id},,gold,2025-04-01,2026-03-31,grace,,",
        "By its last day and the tier's days of grace, this membership is not in grace.",
    ),
    (
        "{id},,gold,2026-04-01,,cancelled,,",
        "What is cancelled counts until its last day: enter one that has not passed.",
    ),
    (
        "{id},,gold,2026-04-01,2027-03-31,expired,,",
        "What has expired needs a last day that does not lie ahead.",
    ),
    ("{id},,gold,2026-12-01,,paused,,", "A pause begins on or after the first day and not after today."),
    ("{id},,gold,2026-04-01,,生きている,,", "There is no choice “生きている”."),
]


@pytest.mark.parametrize(("line", "reason"), REFUSED)
def test_a_row_that_cannot_be_meant_is_refused_with_its_reason(hanako: Any, line: str, reason: str) -> None:
    file = File(HEAD + line.format(id=hanako.id) + "\n", by=english())
    assert file.run() == (0, 0, 0, 1)
    assert file.problems() == {2: reason}
    assert memberships() == []


STATES = [
    ("applied", "2026-12-01", "applied"),
    ("approved", "2026-12-01", "approved"),
    ("有効", "", "active"),
    ("休会中", "", "paused"),
    ("cancelled", "2027-03-31", "cancelled"),
    ("期限切れ", "2026-10-31", "expired"),
    ("refused", "", "refused"),
    ("", "2026-11-21", "expired"),
    ("", "2026-11-22", "active"),
]


@pytest.mark.parametrize(("state", "last", "expected"), STATES)
def test_a_file_brings_these_states(hanako: Any, state: str, last: str, expected: str) -> None:
    file = File(HEAD + f"{hanako.id},,gold,2026-04-01,{last},{state},,\n")
    assert file.run() == (1, 0, 0, 0)
    (mine,) = memberships()
    assert mine.status_on(TODAY) == expected
    assert mine.is_running(TODAY) is (expected in ("active", "cancelled"))
    assert File(HEAD + f"{hanako.id},,gold,2026-04-01,{last},{state},,\n").run() == (0, 0, 1, 0)


def test_days_of_grace_are_the_tiers(hanako: Any, tiers: dict[str, Tier]) -> None:
    with transaction():
        db.session.get_one(Tier, tiers["gold"].id).grace_days = 30
    file = File(HEAD + f"{hanako.id},,gold,2025-11-01,2026-10-31,,,\n")
    assert file.run() == (1, 0, 0, 0)
    assert memberships()[0].status == "grace"
    assert memberships()[0].granted_until == dt.date(2026, 11, 30)


def test_number_and_address_of_two_customers_are_refused(hanako: Any) -> None:
    other = make_customer(email="taro@example.jp")
    file = File(HEAD + f"{other.id},hanako@example.jp,gold,2026-04-01,,,,\n", by=english())
    assert file.run() == (0, 0, 0, 1)
    assert "two customers" in file.problems()[2]


def test_a_further_address_finds_its_customer(hanako: Any) -> None:
    from core.customers.contact_points.models import PointKind
    from core.customers.contact_points.services import add_point

    with transaction():
        add_point(hanako.id, PointKind.EMAIL, {"value": "work@example.jp"})
    assert File(HEAD + ",work@example.jp,gold,2026-04-01,,,,\n").run() == (1, 0, 0, 0)
    assert memberships()[0].customer_id == hanako.id


def test_stays_on_one_tier_must_not_lie_over_each_other_also_within_the_file(hanako: Any) -> None:
    text = HEAD + "".join(
        f"{hanako.id},,{tier},{first},{last},,,\n"
        for tier, first, last in (
            ("gold", "2026-04-01", "2027-03-31"),
            ("gold", "2027-03-31", "2028-03-31"),
            ("gold", "2027-04-01", "2028-03-31"),
            ("silver", "2026-04-01", ""),
        )
    )
    file = File(text)
    assert file.run() == (3, 0, 0, 1)
    assert list(file.problems()) == [3]


MOVES = [
    # what is there, state and last day of the file, what comes of it
    ("active", "休会中", "2027-03-31", "paused"),
    ("active", "cancelled", "2027-01-31", "cancelled"),
    ("active", "expired", "2026-11-20", "expired"),
    ("paused", "有効", "2027-03-31", "active"),
    ("paused", "expired", "2026-11-20", "expired"),
    ("cancelled", "有効", "2027-03-31", "active"),
    ("expired", "有効", "2027-03-31", "active"),
    ("active", "", "2028-03-31", "active"),
]


@pytest.mark.parametrize(("before", "state", "last", "after"), MOVES)
def test_a_file_moves_a_membership_and_the_undoing_moves_it_back(
    hanako: Any, calendar: Calendar, before: str, state: str, last: str, after: str
) -> None:
    days = "2026-10-31" if before == "expired" else "2027-03-31"
    File(HEAD + f"{hanako.id},,gold,2026-04-01,{days},{before},,\n").run()
    old, (mine,) = said(), memberships()
    file = File(HEAD + f"{hanako.id},,gold,2026-04-01,{last},{state},,\n")
    assert file.run() == (0, 1, 0, 0), file.problems()
    (mine,) = memberships()
    assert (mine.status_on(TODAY), str(mine.ends_on)) == (after, last)
    assert verbs(mine)[-1] == ("imported", before, after)
    pauses = db.session.query(MembershipPause).filter(MembershipPause.until_on.is_(None)).count()
    assert pauses == (after == "paused" or (before, after) == ("paused", "expired"))
    assert file.undo() == (1, 0)
    assert said() == old
    assert verbs(memberships()[0])[-1] == ("import_undone", after, before)


NOT_MOVES = [
    ("applied", "approved"),
    ("applied", "有効"),
    ("approved", "有効"),
    ("paused", "cancelled"),
    ("expired", "cancelled"),
    ("cancelled", "休会中"),
]


@pytest.mark.parametrize(("before", "state"), NOT_MOVES)
def test_other_moves_are_left_to_the_memberships_page(hanako: Any, before: str, state: str) -> None:
    last = "2026-11-01" if before == "expired" else "2027-03-31"
    File(HEAD + f"{hanako.id},,gold,2026-04-01,{last},{before},,\n").run()
    old = said()
    file = File(HEAD + f"{hanako.id},,gold,2026-04-01,2027-03-31,{state},,\n")
    assert file.run() == (0, 0, 0, 1)
    assert said() == old
    assert file.problems()


def test_an_undone_import_leaves_rows_that_never_counted_and_the_file_can_come_again(hanako: Any) -> None:
    text = HEAD + f"{hanako.id},,gold,2026-04-01,,,,\n{hanako.id},,free,2020-01-01,2021-12-31,,,\n"
    file = File(text)
    file.run()
    assert file.undo() == (2, 0)
    for one in memberships():
        assert one.status == "expired"
        assert one.granted_until == one.starts_on - dt.timedelta(days=1)
        assert verbs(one)[-1][0] == "import_undone"
    assert File(text).run() == (2, 0, 0, 0)
    assert [one.is_running(TODAY) for one in memberships()] == [False, False, True, False]


def test_what_staff_changed_since_is_kept_and_listed(hanako: Any) -> None:
    from core.imports.subjects import tools_of

    other = make_customer()
    file = File(HEAD + f"{hanako.id},,gold,2026-04-01,,,,\n{other.id},,gold,2026-04-01,,,,\n", by=english())
    file.run()
    first, _second = memberships()
    do("pause", first.id)
    do("resume", first.id)
    assert file.undo(by=english()) == (1, 1)
    assert [one.status for one in memberships()] == ["active", "expired"]
    (kept,) = tools_of(file.row).list_kept(file.id)
    assert kept.kept == {"reason": "said", "text": "Somebody changed this membership since."}


def test_a_changed_field_keeps_the_old_value_of_staff(hanako: Any) -> None:
    File(HEAD + f"{hanako.id},,gold,2026-04-01,,,,alt\n").run()
    file = File(HEAD + f"{hanako.id},,gold,2026-04-01,,,,neu\n")
    assert file.run() == (0, 1, 0, 0)
    (mine,) = memberships()
    do("reschedule_membership", mine.id, starts_on=mine.starts_on, ends_on=None, note="von Hand")
    assert file.undo() == (0, 1)
    assert memberships()[0].note == "von Hand"


def test_an_invoice_keeps_what_a_file_brought(hanako: Any) -> None:
    from plugins.member_tiers.models import Invoice

    file = File(HEAD + f"{hanako.id},,gold,2026-04-01,,approved,,\n")
    file.run()
    with transaction():
        db.session.add(Invoice(customer_id=hanako.id, membership_id=memberships()[0].id, **_invoice()))
    assert file.undo() == (0, 1)
    assert memberships()[0].status == "approved"


def _invoice() -> dict[str, Any]:
    return {"title_ja": "年会費", "method": "bank", "fee": 1000, "issued_on": TODAY, "due_on": TODAY}


def test_by_number_days_and_notes_change_and_unknown_numbers_are_refused(hanako: Any) -> None:
    File(HEAD + f"{hanako.id},,gold,2026-04-01,,,,\n").run()
    (mine,) = memberships()
    head = "会員資格番号,顧客番号,会員種別,入会日,有効期限\n"
    other = make_customer()
    file = File(
        head
        + f"{mine.id},,gold,2026-05-01,2027-04-30\n"
        + f"{mine.id + 77},,gold,2026-05-01,\n"
        + f"{mine.id},{other.id},gold,2026-05-01,\n"
        + f"{mine.id},,silver,2026-05-01,\n",
        match="number",
    )
    assert file.run() == (0, 1, 0, 3)
    assert (memberships()[0].starts_on, memberships()[0].ends_on) == (
        dt.date(2026, 5, 1),
        dt.date(2027, 4, 30),
    )
    assert list(file.problems()) == [3, 4, 5]


def test_a_seat_follows_its_membership_and_no_file(hanako: Any, tiers: Any) -> None:
    with transaction():
        do_seat = do("give_membership", hanako.id, tiers["gold"].id, starts_on=TODAY, source="seat")
    file = File(HEAD + f"{hanako.id},,gold,2026-11-22,2027-01-01,,,\n")
    assert file.run() == (0, 0, 0, 1)
    assert do_seat.id == memberships()[0].id


def test_the_check_asks_the_database_for_many_rows_at_once(calendar: Any, query_counter: Any) -> None:
    people = [make_customer(email=f"m{number}@example.jp") for number in range(40)]

    def asked(count: int) -> int:
        lines = [f",m{number}@example.jp,gold,2026-04-01,,,,\n" for number in range(count)]
        file = File(HEAD + "".join(lines))
        with query_counter() as counter:
            assert file.check()[0] == count
        return int(counter.count)

    few, many = asked(2), asked(40)
    assert many == few, len(people)


@pytest.mark.parametrize("file_number", [0, 1], ids=["new ones", "changes"])
def test_the_run_and_its_undoing_ask_the_database_for_many_rows_at_once(
    calendar: Any, query_counter: Any, file_number: int
) -> None:
    people = [make_customer(email=f"m{number}@example.jp") for number in range(80)]
    lines = ("{id},,gold,2026-04-01,2027-03-31,有効,,\n", "{id},,gold,2026-04-01,2027-09-30,休会中,,x\n")

    def asked(some: list[Any]) -> tuple[int, int]:
        files = [File(HEAD + "".join(line.format(id=one.id) for one in some)) for line in lines]
        for earlier in files[:file_number]:
            earlier.run()
        file = files[file_number]
        file.check()
        with query_counter() as run:
            file.begin_and_run()
        with query_counter() as undo:
            assert file.undo() == (len(some), 0)
        return int(run.count), int(undo.count)

    few, many = asked(people[:3]), asked(people[3:])
    assert many == few
    assert max(many) < 60


def test_rows_of_one_customer_are_undone_the_last_one_first(hanako: Any) -> None:
    line = "{id},,gold,{first},{last},,,\n"
    File(
        HEAD
        + line.format(id=hanako.id, first="2026-04-01", last="2027-03-31")
        + line.format(id=hanako.id, first="2027-04-01", last="2028-03-31")
    ).run()
    before, (one, other) = said(), memberships()
    head = "会員資格番号,会員種別,入会日,有効期限\n"
    moves = f"{one.id},gold,2030-04-01,2031-03-31\n{other.id},gold,2026-04-01,2027-03-31\n"
    file = File(head + moves, match="number")
    assert file.run() == (0, 2, 0, 0)
    # The first can go back to its days only when the second has left them.
    assert file.undo() == (2, 0)
    assert said() == before


def test_what_somebody_else_did_meanwhile_refuses_a_row_alone_and_changes_nothing_of_it(
    hanako: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from plugins.member_tiers.importing.judging import Judge

    other = make_customer()
    for one in (hanako, other):
        File(HEAD + f"{one.id},,gold,2026-04-01,2027-03-31,,,\n").run()
    with transaction():
        do("give_membership", hanako.id, memberships()[0].tier_id, starts_on=dt.date(2027, 4, 1))
    # As if it had come between the look and the write.
    monkeypatch.setattr(Judge, "_overlaps", staticmethod(lambda *_: False))
    file = File(
        HEAD + "".join(f"{one.id},,gold,2026-04-01,2027-09-30,,,neu\n" for one in (hanako, other)),
    )
    file.check()
    file.begin_and_run(english())
    assert (file.row.changed, file.row.refused) == (1, 1)
    assert "already has this tier" in file.problems()[2]
    assert [(one.note, str(one.ends_on)) for one in memberships()[:2]] == [
        ("", "2027-03-31"),
        ("neu", "2027-09-30"),
    ]


def test_an_error_of_the_plugin_keeps_its_row_alone_from_being_undone(
    hanako: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from plugins.member_tiers.importing import writing

    people = [hanako, *(make_customer() for _ in range(4))]
    file = File(HEAD + "".join(f"{one.id},,gold,2026-04-01,,,,\n" for one in people))
    file.run()
    refuse_used = writing._refuse_used

    def fails_for_hanako(membership: Any, held: Any) -> None:
        refuse_used(membership, held)
        if membership.customer_id == hanako.id:
            raise RuntimeError("kaputt")

    monkeypatch.setattr(writing, "_refuse_used", fails_for_hanako)
    assert file.undo() == (4, 1)
    assert [one.status for one in memberships()] == ["active"] + ["expired"] * 4
    assert [len(verbs(one)) for one in memberships()] == [1, 2, 2, 2, 2]


def test_plugins_hear_of_each_line_of_the_timeline(hanako: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.activity import bulk
    from core.activity.models import Activity

    told: list[Any] = []
    monkeypatch.setattr(bulk, "notify", lambda hook, activity: told.append(activity))
    file = File(HEAD + f"{hanako.id},,gold,2026-04-01,,,,\n")
    file.run()
    file.undo()
    lines = db.session.query(Activity).filter_by(kind="member_tiers.tier").order_by(Activity.id).all()
    assert [(one.id, one.customer_id, one.kind, one.data, one.direction) for one in told] == [
        (one.id, one.customer_id, one.kind, one.data, one.direction) for one in lines
    ]
    assert [line.title for line in lines] == [
        "Membership from a file: %(tier)s",
        "Membership's import undone: %(tier)s",
    ]


def test_a_merge_lets_the_row_follow_and_its_undoing_lets_it_go_on(hanako: Any) -> None:
    from core.customers.merges.models import Merge
    from core.customers.merges.undoing import undo_merge
    from core.customers.services import merge_customers
    from core.imports.kinds.models import ImportKindRow

    file = File(HEAD + f"{hanako.id},,gold,2026-04-01,,,,\n")
    file.run()
    kept = make_customer(family_name="山田")
    with transaction():
        merge_customers(kept.id, hanako.id)
    row = db.session.query(ImportKindRow).one()
    assert (row.customer_id, row.kept) == (kept.id, {"reason": "merged"})
    with transaction():
        undo_merge(db.session.query(Merge).one().id)
    assert file.undo() == (1, 0)
    assert memberships()[0].customer_id == hanako.id


def test_erasing_a_customer_takes_the_file_and_what_rows_did_along(hanako: Any) -> None:
    from core.customers.services import erase_customer
    from core.imports.kinds.models import ImportKindRow

    other = make_customer()
    file = File(HEAD + f"{hanako.id},,gold,2026-04-01,,,,geheim\n{other.id},,gold,2026-04-01,,,,\n")
    file.run()
    with transaction():
        erase_customer(hanako.id)
    assert file.row.stored is None
    assert [row.customer_id for row in db.session.query(ImportKindRow)] == [other.id]
    assert file.undo() == (1, 0)


def test_an_error_of_the_plugin_refuses_its_row_alone(hanako: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from plugins.member_tiers.importing import writing

    take_in, other = writing.take_in, make_customer()

    def fails_for_hanako(customer_id: int, *rest: Any) -> Any:
        made = take_in(customer_id, *rest)
        if customer_id == hanako.id:
            raise RuntimeError("kaputt")
        return made

    monkeypatch.setattr(writing, "take_in", fails_for_hanako)
    file = File(HEAD + f"{hanako.id},,gold,2026-04-01,,,,\n{other.id},,gold,2026-04-01,,,,\n")
    assert file.check() == (2, 0, 0, 0)
    file.begin_and_run()
    row = file.row
    assert (row.created, row.refused) == (1, 1)
    assert "member_tiers" in file.problems()[2]
    assert [one.customer_id for one in memberships()] == [other.id]
    assert db.session.query(MembershipPause).count() == 0


def test_an_error_while_checking_ends_the_check_with_the_plugins_name(
    hanako: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.imports import jobs, services
    from plugins.member_tiers.importing.rows import MembershipRows

    file = File(HEAD + f"{hanako.id},,gold,2026-04-01,,,,\n")
    monkeypatch.setattr(MembershipRows, "place", lambda *_: 1 / 0)
    with transaction():
        services.start_check(file.id, in_process=True)
    jobs.check(lambda *_: None, file.id)
    assert file.row.state == "draft"
    assert "member_tiers" in file.row.problem


def test_what_a_later_file_changed_is_kept_when_the_earlier_one_is_undone(hanako: Any) -> None:
    from core.imports.subjects import tools_of

    row = f"{hanako.id},,gold,2026-04-01,,,,"
    File(f"{HEAD}{row}alt\n").run()
    earlier, later = File(f"{HEAD}{row}b\n"), File(f"{HEAD}{row}c\n")
    assert earlier.run() == later.run() == (0, 1, 0, 0)
    assert earlier.undo() == (0, 1)
    (kept,) = tools_of(earlier.row).list_kept(earlier.id)
    assert kept.kept == {"reason": "changed", "fields": ["note"]}
    assert later.undo() == (1, 0)
    assert memberships()[0].note == "b"


def test_days_on_which_a_membership_was_over_do_not_count_when_a_file_reopens_it(hanako: Any) -> None:
    from plugins.member_tiers.memberships.active_days import active_days

    File(HEAD + f"{hanako.id},,gold,2026-10-01,2026-10-31,,,\n").run()
    assert active_days(hanako.id) == 31
    assert File(HEAD + f"{hanako.id},,gold,2026-10-01,2027-09-30,有効,,\n").run() == (0, 1, 0, 0)
    assert active_days(hanako.id) == 32
