"""Searches all customers for duplicates, in bounded memory and without comparing all with all.

First every customer's keys are brought up to date. Then the blocks of customers with a key in common
are read in the order of an index, some hundred at a time, and only within a block is compared.
"""

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from core.customers.duplicates.comparing import compare
from core.customers.duplicates.models import DuplicateKey, DuplicatePair, DuplicateSearch, PairState
from core.customers.duplicates.people import load_people, people_after
from core.customers.duplicates.reasons import MOST, THRESHOLD, Reason
from core.customers.models import Customer
from core.db import db, transaction, utcnow

CUSTOMERS_AT_ONCE = 500
BLOCKS_AT_ONCE = 300
_ROWS_AT_ONCE = 200
_SEARCHES_KEPT = 20
_FIRST, _SPAN = -(2**63), 2**64
_OWNER = DuplicateKey.customer_id
_KEYS = select(_OWNER, DuplicateKey.reason, DuplicateKey.digest)
Progress = Callable[[int, int], None]
Pair = tuple[int, int]


def find_duplicates(progress: Progress) -> None:
    """Make one search. It may be stopped anywhere: the next one begins anew and misses nothing."""
    with transaction() as session:
        search = DuplicateSearch()
        session.add(search)
        session.flush()
        search_id = search.id
    total = db.session.execute(select(func.count(Customer.id))).scalar_one()
    # Comparing takes about as long again.
    _write_keys(lambda done: progress(done, 2 * total))
    too_common = 0
    for number, reason in enumerate(MOST):
        for digest, common in _compare_blocks(search_id, reason):
            too_common += common
            part = (number + (digest - _FIRST) / _SPAN) / len(MOST)
            progress(total + int(part * total), 2 * total)
    _finish(search_id, total, too_common)
    progress(2 * total, 2 * total)


def _write_keys(progress: Callable[[int], None]) -> None:
    last, done = 0, 0
    while people := people_after(last, CUSTOMERS_AT_ONCE):
        first, last = min(people), max(people)
        have: dict[int, set[tuple[int, int]]] = {number: set() for number in people}
        for number, block, digest in db.session.execute(_KEYS.where(_OWNER.between(first, last))):
            have.setdefault(number, set()).add((block, digest))
        wanted = {number: set(person.keys()) for number, person in people.items()}
        changed = {number: keys for number, keys in wanted.items() if keys != have[number]}
        db.session.rollback()
        if changed:
            _replace_keys(changed)
        done += len(people)
        progress(done)


def _replace_keys(keys: dict[int, set[tuple[int, int]]]) -> None:
    with transaction() as session:
        there = _alive(list(keys))
        theirs = delete(DuplicateKey).where(DuplicateKey.customer_id.in_(list(keys)))
        session.execute(theirs.execution_options(synchronize_session=False))
        rows = [
            {"customer_id": number, "reason": reason, "digest": digest}
            for number in sorted(there)
            for reason, digest in sorted(keys[number])
        ]
        if rows:
            session.execute(insert(DuplicateKey), rows)


def _alive(numbers: list[int]) -> set[int]:
    """Return who still exists, and hold them: rows about somebody who is erased meanwhile must not come."""
    query = select(Customer.id).where(Customer.id.in_(numbers)).order_by(Customer.id)
    return set(db.session.scalars(query.with_for_update(read=True, key_share=True)))


def _compare_blocks(search_id: int, reason: Reason) -> Iterator[tuple[int, int]]:
    """Compare within the blocks of one reason; yield how far it is, and how many blocks were too large."""
    last = _FIRST
    while blocks := _next_blocks(reason, last):
        last = max(blocks)
        few = [digest for digest, count in blocks.items() if count <= MOST[reason]]
        pairs = _pairs_within(reason, few)
        db.session.rollback()
        _write_pairs(search_id, pairs)
        yield last, len(blocks) - len(few)


def _next_blocks(reason: Reason, after: int) -> dict[int, int]:
    count = func.count()
    query = (
        select(DuplicateKey.digest, count)
        .where(DuplicateKey.reason == int(reason), DuplicateKey.digest > after)
        .group_by(DuplicateKey.digest)
        .having(count > 1)
        .order_by(DuplicateKey.digest)
        .limit(BLOCKS_AT_ONCE)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


def _pairs_within(reason: Reason, digests: list[int]) -> dict[Pair, tuple[int, int]]:
    members: dict[int, list[int]] = {}
    query = select(DuplicateKey.digest, DuplicateKey.customer_id).where(
        DuplicateKey.reason == int(reason), DuplicateKey.digest.in_(digests)
    )
    for digest, number in db.session.execute(query):
        members.setdefault(digest, []).append(number)
    people = load_people({number for numbers in members.values() for number in numbers})
    found = {}
    for numbers in members.values():
        for pair in combinations(sorted(number for number in numbers if number in people), 2):
            reasons, score = compare(people[pair[0]], people[pair[1]])
            if score >= THRESHOLD:
                found[pair] = (reasons, score)
    return found


def _write_pairs(search_id: int, pairs: dict[Pair, tuple[int, int]]) -> None:
    listed = sorted(pairs.items())
    for start in range(0, len(listed), _ROWS_AT_ONCE):
        some = listed[start : start + _ROWS_AT_ONCE]
        with transaction() as session:
            there = _alive(sorted({number for pair, _found in some for number in pair}))
            rows = [
                {
                    "first_id": first,
                    "second_id": second,
                    "state": PairState.OPEN.value,
                    "reasons": reasons,
                    "score": score,
                    "search_id": search_id,
                }
                for (first, second), (reasons, score) in some
                if first in there and second in there
            ]
            if rows:
                session.execute(_upsert(), rows)


def _upsert() -> Any:
    """Add a pair, or bring it up to date; what somebody decided about it stays."""
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(DuplicatePair.__table__)
    values = {name: statement.excluded[name] for name in ("reasons", "score", "search_id")}
    return statement.on_conflict_do_update(index_elements=["first_id", "second_id"], set_=values)


def _finish(search_id: int, customers: int, too_common: int) -> None:
    while _delete_unfound(search_id):
        pass
    with transaction() as session:
        found = select(func.count()).where(DuplicatePair.state == PairState.OPEN)
        search = session.get_one(DuplicateSearch, search_id)
        search.customers, search.too_common = customers, too_common
        search.pairs, search.finished_at = session.execute(found).scalar_one(), utcnow()
        session.execute(delete(DuplicateSearch).where(DuplicateSearch.id <= search_id - _SEARCHES_KEPT))


def _delete_unfound(search_id: int) -> bool:
    with transaction() as session:
        ids = select(DuplicatePair.id).where(
            DuplicatePair.state == PairState.OPEN, DuplicatePair.search_id < search_id
        )
        old = list(session.scalars(ids.limit(1_000)))
        gone = delete(DuplicatePair).where(DuplicatePair.id.in_(old))
        session.execute(gone.execution_options(synchronize_session=False))
    return bool(old)
