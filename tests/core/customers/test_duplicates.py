"""Duplicates are found over stored data, with reasons, and what staff said about a pair is remembered."""

import pytest
from sqlalchemy import create_engine, select, text

from core.customers.contact_points.services import add_point
from core.customers.duplicates import finder
from core.customers.duplicates.candidates import find_candidates
from core.customers.duplicates.decisions import say_different, take_back_decision
from core.customers.duplicates.folding import fold_name, mailbox
from core.customers.duplicates.jobs import SEARCH, last_search, running_search, start_search
from core.customers.duplicates.models import DuplicateKey, DuplicatePair, DuplicateSearch, PairState
from core.customers.duplicates.reasons import Reason
from core.customers.services import erase_customer, merge_customers, update_customer
from core.db import db, transaction
from core.jobs.runner import run_due_jobs
from core.testing.factories import make_customer


def person(**values):
    return make_customer(**{"family_name": None, "given_name": None, "email": None, **values}).id


def search():
    told = []
    finder.find_duplicates(lambda done, total: told.append((done, total)))
    db.session.expire_all()
    return told


def pairs(state=PairState.OPEN):
    query = select(DuplicatePair).where(DuplicatePair.state == state).order_by(DuplicatePair.id)
    return {(row.first_id, row.second_id): Reason(row.reasons) for row in db.session.scalars(query)}


SAME = [
    (
        {"family_name": "髙橋", "given_name": "花子"},
        {"family_name": "高橋", "given_name": "花子"},
        Reason.NAME,
    ),
    ({"family_name": "佐々木", "given_name": "太郎"}, {"family_name": "佐佐木　太郎"}, Reason.NAME),
    (
        {"family_name": "Smith", "given_name": "Ann"},
        {"family_name": "ＳＭＩＴＨ", "given_name": "ann"},
        Reason.NAME,
    ),
    (
        {"family_kana": "ヤマダ", "given_kana": "ハナコ"},
        {"family_kana": "やまだ", "given_kana": "はなこ"},
        Reason.KANA,
    ),
    ({"email": "taro+shop@example.jp"}, {"email": "Taro@example.jp"}, Reason.EMAIL),
    ({"phone": "03-1234-5678"}, {"phone": "０３（１２３４）５６７８"}, Reason.PHONE),
    (
        {"family_name": "山田", "postal_code": "100-0001"},
        {"family_name": "山田", "given_name": "花子", "postal_code": "1000001"},
        Reason.ADDRESS,
    ),
    (
        {"family_name": "山田", "company_name": "株式会社みどり"},
        {"family_name": "山田", "given_name": "一", "company_name": "㈱みどり"},
        Reason.WORK,
    ),
]


@pytest.mark.parametrize(("one", "other", "reason"), SAME)
def test_the_same_person_written_in_two_ways_is_found(app, one, other, reason):
    first, second = person(**one), person(**other)
    person(family_name="別人", given_name="だれか", email="else@example.jp", phone="06-6666-1234")
    search()
    assert pairs() == {(first, second): reason}


DIFFERENT = [
    ({"family_name": "山田", "given_name": "太郎"}, {"family_name": "山田", "given_name": "花子"}),
    (
        {"family_name": "山田", "given_name": "太郎", "phone": "03-1234-5678", "postal_code": "100-0001"},
        {"family_name": "山田", "given_name": "花子", "phone": "03-1234-5678", "postal_code": "100-0001"},
    ),
    (
        {"family_name": "山田", "given_name": "太郎", "birthday": "1950-01-01"},
        {"family_name": "山田", "given_name": "太郎", "birthday": "1980-01-01"},
    ),
    (
        {"family_name": "山田", "given_name": "太郎", "phone": "03-1234-5678"},
        {"family_name": "山田", "given_name": "太郎", "phone": "06-6666-1234"},
    ),
    ({"family_name": "林"}, {"family_name": "林"}),
    ({"phone": "000-0000-0000"}, {"phone": "000-0000-0000"}),
]


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_spouses_namesakes_and_numbers_of_nobody_are_no_pair(app, one, other):
    person(**{"email": "a@example.jp", **one})
    person(**{"email": "b@example.jp", **other})
    search()
    assert pairs() == {}


def test_further_contact_points_count(app):
    first, second = person(phone="03-1234-5678"), person(email="b@example.jp")
    with transaction():
        add_point(second, "phone", {"value": "0312345678"})
        add_point(second, "phone", {"value": "06-1111-2222"})
    search()
    assert pairs() == {(first, second): Reason.PHONE}


def test_what_no_longer_holds_disappears_and_what_is_new_comes(app):
    first, second = person(phone="03-1234-5678"), person(phone="03-1234-5678")
    search()
    assert set(pairs()) == {(first, second)}
    with transaction():
        update_customer(second, {"phone": "03-9999-1234", "email": "x@example.jp"})
    third = person(email="x+y@example.jp")
    search()
    assert pairs() == {(second, third): Reason.EMAIL}


def test_what_is_said_to_be_two_people_is_never_found_again(app):
    first, second = person(phone="03-1234-5678"), person(phone="03-1234-5678")
    search()
    with transaction():
        say_different(second, first)
    search()
    assert pairs() == {}
    assert set(pairs(PairState.DIFFERENT)) == {(first, second)}
    with transaction():
        take_back_decision(first, second)
    assert set(pairs()) == {(first, second)}


def test_pairs_go_when_they_are_merged_or_erased(app):
    numbers = [person(phone="03-1234-5678") for _n in range(3)]
    search()
    assert len(pairs()) == 3
    with transaction():
        merge_customers(numbers[0], numbers[1])
    assert set(pairs()) == {(numbers[0], numbers[2])}
    with transaction():
        erase_customer(numbers[2])
    assert pairs() == {}
    assert set(db.session.scalars(select(DuplicateKey.customer_id))) == {numbers[0]}


def test_what_very_many_have_in_common_says_nothing(app, monkeypatch):
    monkeypatch.setitem(finder.MOST, Reason.PHONE, 3)
    for _n in range(4):
        person(phone="03-1234-5678")
    search()
    assert pairs() == {}
    assert last_search().too_common == 1


def test_little_steps_find_the_same(app, monkeypatch):
    for n in range(7):
        person(phone=f"03-1234-567{n % 3}")
    search()
    whole = pairs()
    for name in ("CUSTOMERS_AT_ONCE", "BLOCKS_AT_ONCE", "_ROWS_AT_ONCE"):
        monkeypatch.setattr(finder, name, 1)
    told = search()
    assert (pairs(), len(whole)) == (whole, 5)
    assert told == sorted(told)
    assert told[-1] == (14, 14)


def test_it_runs_as_a_job_one_at_a_time_and_counts(app):
    person(phone="03-1234-5678"), person(phone="03-1234-5678")
    with transaction():
        assert start_search()
        assert not start_search()
    assert running_search().name == SEARCH
    run_due_jobs()
    assert running_search() is None
    assert (last_search().customers, last_search().pairs) == (2, 1)


def test_no_second_copy_of_names_or_addresses_lies_in_the_tables(app):
    person(family_name="秘密の", given_name="花子", email="secret@example.jp")
    person(family_name="秘密の", given_name="花子")
    search()
    for model in (DuplicateKey, DuplicatePair, DuplicateSearch):
        rows = db.session.execute(select(model.__table__)).all()
        assert rows
        assert "秘密" not in str(rows)
        assert "secret" not in str(rows)


def test_blocks_are_read_in_the_order_of_an_index(app):
    read = "SELECT digest, count(*) FROM core_duplicate_key WHERE reason = 2 AND digest > 5"
    grouped = "GROUP BY digest HAVING count(*) > 1 ORDER BY digest LIMIT 300"
    with create_engine("sqlite://").connect() as connection:
        DuplicateKey.__table__.create(connection)
        plan = connection.execute(text(f"EXPLAIN QUERY PLAN {read} {grouped}")).all()
    assert [row[3] for row in plan] == [
        "SEARCH core_duplicate_key USING COVERING INDEX ix_core_duplicate_key_reason_digest_customer_id"
        " (reason=? AND digest>?)"
    ]


@pytest.mark.parametrize(("one", "other", "reason"), SAME)
@pytest.mark.parametrize("searched", [False, True])
def test_candidates_are_shown_for_what_is_typed(app, one, other, reason, searched):
    first = person(**one)
    if searched:
        search()
    found = [candidate.customer.id for candidate in find_candidates(other)]
    needs_search = (
        reason in (Reason.ADDRESS, Reason.WORK) or "髙" in str(one) or "々" in str(one) or "+" in str(one)
    )
    assert found == ([first] if searched or not needs_search else [])
    assert find_candidates(other, but=first) == []


def test_nothing_is_a_candidate_for_nothing_or_nonsense(app):
    person(family_name="山田", given_name="太郎", email="a@example.jp")
    assert find_candidates({}) == []
    assert (
        find_candidates({"email": "@@", "phone": "x" * 9999, "birthday": "\x00", "family_name": "\ud800"})
        == []
    )


def test_names_and_mailboxes_are_folded():
    assert fold_name("　髙 﨑・ﾀﾛｳ ") == fold_name("高崎タロウ") == "高崎たろう"
    assert mailbox("t.a.r.o+x@googlemail.com") == "taro@gmail.com"
    assert mailbox("+x@example.jp") == "+x@example.jp"
