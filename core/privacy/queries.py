"""Reads of privacy requests."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true

from core.customers.models import Customer
from core.customers.reach import customer_or_404, reachable, scope_in_force, scope_of
from core.db import db
from core.errors import NotFound
from core.i18n import _, site_today
from core.privacy.kinds import State
from core.privacy.models import Certificate, Hold, Package, PrivacyEvent, PrivacyRequest
from core.security.sessions import current_account

SOON = dt.timedelta(days=3)
PAGE = 50


@dataclass(frozen=True, slots=True)
class RequestLine:
    """A request in the list, with the customer when one was chosen."""

    request: PrivacyRequest
    customer: Customer | None
    is_overdue: bool
    is_soon: bool

    @property
    def who(self) -> str:
        """Return whose request it is."""
        return self.customer.name if self.customer is not None else self.request.name


def reachable_request(request_id: int) -> PrivacyRequest:
    """Return a request that the reader may see; raise NotFound for others."""
    row = get_request(request_id)
    if row.customer_id is not None:
        customer_or_404(row.customer_id)
    return row


@dataclass(frozen=True, slots=True)
class Counts:
    """How many requests wait, and how many of them are late or nearly."""

    open: int
    overdue: int
    soon: int


def get_request(request_id: int, *, for_change: bool = False) -> PrivacyRequest:
    """Return a request; raise NotFound. `for_change` locks it and reads it anew."""
    query = select(PrivacyRequest).where(PrivacyRequest.id == request_id)
    if for_change:
        query = query.with_for_update(of=PrivacyRequest).execution_options(populate_existing=True)
    row = db.session.execute(query).scalar()
    if row is None:
        raise NotFound(_("There is no such request."))
    return row


def seen_requests() -> ColumnElement[bool]:
    """Return the criterion of requests that the reader may see: of nobody yet, or of whom they reach."""
    if scope_in_force() is None and scope_of(current_account()) is None:
        return true()
    theirs = select(1).where(Customer.id == PrivacyRequest.customer_id, reachable())
    return or_(PrivacyRequest.customer_id.is_(None), theirs.correlate(PrivacyRequest).exists())


def list_requests(state: str, after: tuple[dt.date, int] | None = None) -> list[RequestLine]:
    """Return one more than a page of requests: open ones by deadline, closed ones newest first."""
    query = select(PrivacyRequest, Customer).outerjoin(Customer, Customer.id == PrivacyRequest.customer_id)
    query = query.where(seen_requests())
    due, key = PrivacyRequest.due_on, PrivacyRequest.id
    if state == State.OPEN:
        query = query.where(PrivacyRequest.state == State.OPEN).order_by(due, key)
        if after is not None:
            query = query.where(or_(due > after[0], and_(due == after[0], key > after[1])))
    else:
        query = query.where(PrivacyRequest.state.in_((State.DONE, State.REFUSED))).order_by(key.desc())
        if after is not None:
            query = query.where(key < after[1])
    return [_line(row[0], row[1]) for row in db.session.execute(query.limit(PAGE + 1))]


def _line(request: PrivacyRequest, customer: Customer | None) -> RequestLine:
    today, is_open = site_today(), request.state == State.OPEN
    is_overdue = is_open and request.due_on < today
    is_soon = is_open and not is_overdue and request.due_on <= today + SOON
    return RequestLine(request, customer, is_overdue, is_soon)


def line_of(request: PrivacyRequest) -> RequestLine:
    """Return a request with its customer."""
    found = db.session.get(Customer, request.customer_id) if request.customer_id is not None else None
    return _line(request, found)


def count_requests() -> Counts:
    """Count what waits, over one index."""
    today = site_today()
    row = db.session.execute(
        select(
            func.count(),
            func.count().filter(PrivacyRequest.due_on < today),
            func.count().filter(PrivacyRequest.due_on.between(today, today + SOON)),
        ).where(PrivacyRequest.state == State.OPEN, seen_requests())
    ).one()
    return Counts(*row)


def due_query() -> Select[int]:
    """Return the query of how many open requests are late or due within three days; one index answers it."""
    due = (PrivacyRequest.state == State.OPEN) & (PrivacyRequest.due_on <= site_today() + SOON)
    return select(func.count()).select_from(PrivacyRequest).where(due, seen_requests())


def due_for(account_id: int) -> list[RequestLine]:
    """Return the open requests of an account, or of nobody, that are late or due soon."""
    mine = or_(PrivacyRequest.account_id == account_id, PrivacyRequest.account_id.is_(None))
    query = (
        select(PrivacyRequest, Customer)
        .outerjoin(Customer, Customer.id == PrivacyRequest.customer_id)
        .where(PrivacyRequest.state == State.OPEN, PrivacyRequest.due_on <= site_today() + SOON, mine)
        .where(seen_requests())
        .order_by(PrivacyRequest.due_on, PrivacyRequest.id)
    )
    return [_line(row[0], row[1]) for row in db.session.execute(query.limit(PAGE))]


def requests_of(customer_id: int) -> Sequence[PrivacyRequest]:
    """Return a customer's requests, newest first."""
    query = select(PrivacyRequest).where(PrivacyRequest.customer_id == customer_id)
    return db.session.execute(query.order_by(PrivacyRequest.id.desc()).limit(PAGE)).scalars().all()


def history_of(request_id: int) -> Sequence[PrivacyEvent]:
    """Return what happened with a request, oldest first."""
    query = select(PrivacyEvent).where(PrivacyEvent.request_id == request_id).order_by(PrivacyEvent.id)
    return db.session.execute(query).scalars().all()


def packages_of(customer_id: int) -> Sequence[Package]:
    """Return the packages of a customer's data, newest first."""
    query = select(Package).where(Package.customer_id == customer_id).order_by(Package.id.desc())
    return db.session.execute(query.limit(PAGE)).scalars().all()


def certificate_of(request_id: int) -> Certificate | None:
    """Return the certificate of the erasure that answered a request, or None."""
    query = select(Certificate).where(Certificate.request_id == request_id).order_by(Certificate.id.desc())
    return db.session.execute(query.limit(1)).scalar()


def hold_on(customer_id: int) -> Hold | None:
    """Return what keeps a customer from being erased, or None."""
    return db.session.execute(select(Hold).where(Hold.customer_id == customer_id)).scalar()


def report_requests(customer_id: int, *, for_member: bool = False) -> list[dict[str, Any]]:
    """Return a customer's requests as JSON values; notes are the staff's."""
    found = []
    for row in requests_of(customer_id):
        told: dict[str, Any] = {
            "number": row.number,
            "kind": row.kind,
            "received_on": row.received_on.isoformat(),
            "due_on": row.due_on.isoformat(),
            "text": row.text,
            "state": row.state,
            "answer": row.reason,
        }
        if not for_member:
            told["notes"] = [event.note for event in history_of(row.id) if event.note]
        found.append(told)
    return found
