"""Does each account still add up? What does not is frozen, and staff are told."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, cast, func, select, update

from core.api import (
    Conflict,
    NotFound,
    ValidationFailed,
    _,
    current_snapshot,
    db,
    queue_mail,
    record_audit,
    transaction,
    utcnow,
)

from . import chain
from .models import PointAccount, PointDraw, PointEntry, PointLot
from .posting import lock

BATCH = 500
FROZEN_MAIL = "member_tiers.points_frozen"


@dataclass(frozen=True, slots=True)
class Sums:
    """What must be equal: the balance, the entries, the lots, and the lots by what was drawn."""

    balance: int
    entries: int
    lots: int
    drawn: int
    wrong_lots: int = 0
    chain: str = ""

    @property
    def agree(self) -> bool:
        """Whether everything adds up and the chain is whole."""
        same = self.balance == self.entries == self.lots == self.drawn
        return same and not self.wrong_lots and not self.chain

    @property
    def can_be_rebuilt(self) -> bool:
        """Whether entries and draws, which are never changed, say the same: then the rest follows."""
        return not self.agree and self.entries == self.drawn and self.entries >= 0 and not self.chain


def sums_of(customer_id: int) -> Sums:
    """Add up one customer's points, and look at their chain."""
    entries = select(func.coalesce(func.sum(PointEntry.amount), 0)).where(
        PointEntry.customer_id == customer_id
    )
    balance = select(PointAccount.balance).where(PointAccount.customer_id == customer_id)
    left = _left()
    lots = select(
        func.coalesce(func.sum(PointLot.remaining), 0),
        func.coalesce(func.sum(left), 0),
        func.count().filter(PointLot.remaining != left),
    ).where(PointLot.customer_id == customer_id)
    remaining, drawn, wrong = db.session.execute(lots).one()
    problems = chain.verify(customer_id, limit=1).problems
    return Sums(
        balance=db.session.scalar(balance) or 0,
        entries=int(db.session.scalar(entries) or 0),
        lots=int(remaining),
        drawn=int(drawn),
        wrong_lots=wrong,
        chain=problems[0].text if problems else "",
    )


def _left() -> ColumnElement[int]:
    """Return what a lot should hold: what was granted less all that was drawn and put back."""
    drawn = select(func.coalesce(func.sum(PointDraw.amount), 0)).where(PointDraw.lot_id == PointLot.id)
    return cast(PointLot.granted - drawn.correlate(PointLot).scalar_subquery(), BigInteger)


def suspects() -> Iterator[int]:
    """Return the customers of whom something does not add up, as a first look without any lock."""
    seen: set[int] = set()
    for found in (*_by_sums(), *_by_lots(), *_by_chains()):
        if found not in seen:
            seen.add(found)
            yield found


def _by_sums() -> Iterator[int]:
    entries = select(func.coalesce(func.sum(PointEntry.amount), 0)).where(
        PointEntry.customer_id == PointAccount.customer_id
    )
    lots = select(func.coalesce(func.sum(PointLot.remaining), 0)).where(
        PointLot.customer_id == PointAccount.customer_id, PointLot.remaining > 0
    )
    query = select(
        PointAccount.id,
        PointAccount.customer_id,
        PointAccount.balance,
        entries.correlate(PointAccount).scalar_subquery(),
        lots.correlate(PointAccount).scalar_subquery(),
    )
    for _id, customer_id, balance, in_entries, in_lots in _in_steps(query, PointAccount.id):
        if not balance == in_entries == in_lots:
            yield customer_id


def _by_lots() -> Iterator[int]:
    query = select(PointLot.id, PointLot.customer_id, PointLot.remaining, _left())
    for _id, customer_id, remaining, left in _in_steps(query, PointLot.id):
        if remaining != left:
            yield customer_id


def _by_chains() -> Iterator[int]:
    for problem in chain.verify(limit=1000).problems:
        if problem.customer_id is not None:
            yield problem.customer_id


def _in_steps(query: Any, key: Any) -> Iterator[Any]:
    after = 0
    while True:
        rows = db.session.execute(query.where(key > after).order_by(key).limit(BATCH)).all()
        yield from rows
        if len(rows) < BATCH:
            return
        after = rows[-1][0]


def reconcile() -> Sequence[int]:
    """Freeze every account that does not add up; return whose are new. Opens its own transactions."""
    frozen = []
    for customer_id in list(suspects()):
        with transaction():
            if freeze(customer_id):
                frozen.append(customer_id)
    if frozen:
        with transaction():
            _tell_staff(len(frozen))
    return frozen


def freeze(customer_id: int) -> bool:
    """Freeze an account if it still does not add up now that it is locked; False if it was frozen."""
    lock(customer_id)
    sums = sums_of(customer_id)
    if sums.agree:
        return False
    frozen = (
        update(PointAccount)
        .where(PointAccount.customer_id == customer_id, PointAccount.frozen_at.is_(None))
        .values(frozen_at=utcnow(), mismatch=asdict(sums))
    )
    result: Any = db.session.execute(frozen, execution_options={"synchronize_session": False})
    if not result.rowcount:
        return False
    record_audit("member_tiers.points_frozen", target=("customer", customer_id), data=asdict(sums))
    return True


def _tell_staff(count: int) -> None:
    site = current_snapshot().site
    if site.notice_email:
        queue_mail(
            FROZEN_MAIL, site.notice_email, {"count": count, "path": "/admin/member-tiers/points/frozen"}
        )


def release(customer_id: int, *, note: str, rebuild: bool = False, by: int | None = None) -> None:
    """Let a frozen account be used again. Needs a transaction and a note on what was found.

    With `rebuild` balance and lots first become what entries and draws say; Conflict when those do
    not agree themselves. What still does not add up is frozen again the next night.
    """
    if not note.strip():
        raise ValidationFailed({"note": _("Write down what you found.")})
    lock(customer_id)
    theirs = PointAccount.customer_id == customer_id
    if db.session.scalar(select(PointAccount.frozen_at).where(theirs)) is None:
        raise NotFound(_("These points are not frozen."))
    before = sums_of(customer_id)
    values: dict[str, Any] = {"frozen_at": None, "mismatch": None}
    if rebuild:
        if not before.can_be_rebuilt:
            raise Conflict(_("The entries do not agree with what was drawn, so nothing can be rebuilt."))
        values["balance"] = before.entries
        lots = update(PointLot).where(PointLot.customer_id == customer_id).values(remaining=_left())
        db.session.execute(lots, execution_options={"synchronize_session": False})
    released = update(PointAccount).where(theirs).values(values)
    db.session.execute(released, execution_options={"synchronize_session": False})
    db.session.expire_all()
    data = {**asdict(before), "rebuilt": rebuild, "note": note.strip()[:500]}
    record_audit("member_tiers.points_released", target=("customer", customer_id), by=by, data=data)
