"""The chains of the ledger: each entry's hash covers the one before it.

The hashes are keyed with the site's secret, so that somebody who can write to the database, and to
nothing else, can neither change, add nor remove an entry unnoticed. Hashed is what never changes: the
chain, the place in it, kind, amount, balance, reason, source, key and time. Whose the entry is, who
made it and the note are not, because a merge or an erasure changes them; instead an entry must belong
to whom its chain belongs.
"""

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import select, tuple_, update

from core.api import db, is_keyed_hash, keyed_hash

from .models import PointAccount, PointChain, PointEntry

PURPOSE = "member_tiers.points"
START = "0" * 64
_BATCH = 1000
_HASHED = (
    PointEntry.chain_id,
    PointEntry.position,
    PointEntry.kind,
    PointEntry.amount,
    PointEntry.balance_after,
    PointEntry.reason_code,
    PointEntry.source_type,
    PointEntry.source_id,
    PointEntry.idempotency_key,
    PointEntry.created_at,
)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a customer's chain, and at which entry; 0 when it is the chain as a whole."""

    chain_id: int
    entry_id: int
    text: str
    customer_id: int | None = None


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What a check found."""

    chains: int
    entries: int
    problems: Sequence[Problem]

    @property
    def is_whole(self) -> bool:
        """Whether everything is as it was written."""
        return not self.problems


def append(entry: PointEntry, chain_id: int | None) -> None:
    """Store an entry as the newest link of its customer's chain; the account must be locked."""
    chain = _open(entry.customer_id, chain_id)
    entry.chain_id, entry.position, entry.prev_hash = chain.id, chain.count + 1, chain.head
    entry.hash = keyed_hash(PURPOSE, _told([getattr(entry, c.key) for c in _HASHED], chain.head))
    chain.count, chain.head = entry.position, entry.hash
    db.session.add(entry)
    db.session.flush()


def _open(customer_id: int | None, chain_id: int | None) -> PointChain:
    found = None
    if chain_id is not None:
        found = db.session.get(PointChain, chain_id, with_for_update=True, populate_existing=True)
    if found is not None:
        return found
    made = PointChain(customer_id=customer_id, count=0, head=START)
    db.session.add(made)
    db.session.flush()
    account = update(PointAccount).where(PointAccount.customer_id == customer_id).values(chain_id=made.id)
    db.session.execute(account, execution_options={"synchronize_session": False})
    return made


def _told(values: Sequence[Any], previous: str) -> str:
    *kept, at = values
    moment = at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    return previous + json.dumps([*kept, moment], ensure_ascii=True, separators=(",", ":"))


def verify(customer_id: int | None = None, *, limit: int = 20) -> ChainReport:
    """Compare each entry with its hash, of one customer or of everybody; stop after `limit` problems."""
    problems: list[Problem] = []
    chains = entries = 0
    links = groupby(_entries(customer_id), key=attrgetter("chain_id"))
    current = next(links, None)
    for chain in _chains(customer_id):
        chains += 1
        rows: Iterator[Any] = iter(())
        is_there = current is not None and current[0] == chain.id
        if current is not None and is_there:
            rows = current[1]
        problem, count = _check(chain, rows)
        entries += count
        if problem is not None:
            problems.append(problem)
        if len(problems) >= limit:
            break
        if is_there:
            current = next(links, None)
    return ChainReport(chains, entries, tuple(problems))


def _chains(customer_id: int | None) -> Iterator[Any]:
    after = 0
    columns = (PointChain.id, PointChain.customer_id, PointChain.count, PointChain.head)
    while True:
        query = select(*columns).where(PointChain.id > after).order_by(PointChain.id).limit(_BATCH)
        if customer_id is not None:
            query = query.where(PointChain.customer_id == customer_id)
        found = db.session.execute(query).all()
        yield from found
        if len(found) < _BATCH:
            return
        after = found[-1].id


def _check(chain: Any, rows: Iterator[Any]) -> tuple[Problem | None, int]:
    previous, count = START, 0
    for row in rows:
        count += 1
        problem = _problem_of(row, chain, previous, count)
        if problem:
            return Problem(chain.id, row.id, problem, chain.customer_id), count
        previous = row.hash
    if (count, previous) == (chain.count, chain.head):
        return None, count
    text = f"{chain.count} entries were written, {count} are there"
    return Problem(chain.id, 0, text, chain.customer_id), count


def _problem_of(row: Any, chain: Any, previous: str, place: int) -> str:
    if row.position != place or row.prev_hash != previous:
        return "entries before it were removed or added"
    if not is_keyed_hash(PURPOSE, _told(row[: len(_HASHED)], previous), row.hash):
        return "was changed"
    if row.customer_id != chain.customer_id:
        return "was given to another customer"
    return ""


def _entries(customer_id: int | None) -> Iterator[Any]:
    after = (0, 0)
    columns = (*_HASHED, PointEntry.id, PointEntry.customer_id, PointEntry.prev_hash, PointEntry.hash)
    place = tuple_(PointEntry.chain_id, PointEntry.position)
    while True:
        query = select(*columns).where(place > after)
        if customer_id is not None:
            theirs = select(PointChain.id).where(PointChain.customer_id == customer_id)
            query = query.where(PointEntry.chain_id.in_(theirs))
        query = query.order_by(PointEntry.chain_id, PointEntry.position).limit(_BATCH)
        found = db.session.execute(query).all()
        yield from found
        if len(found) < _BATCH:
            return
        after = (found[-1].chain_id, found[-1].position)
