"""Verbs of privacy requests. Each notes itself in the request's history and in the audit log."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update

from core.activity.services import record_audit
from core.customers.queries import get_customer, get_customer_for_change
from core.db import db, utcnow
from core.errors import Conflict, ValidationFailed
from core.i18n import _, site_today
from core.plugin_host.snapshot import current_snapshot
from core.privacy.kinds import CHECKS, KINDS, LOG_IN, MEMBERS_ASK, SITE, WAYS, Kind, State
from core.privacy.models import PrivacyEvent, PrivacyRequest
from core.privacy.queries import get_request

MAX_NOTE = 5_000
# As long as the records that the law asks for are kept, who asked stays known, too.
KEEP_CLOSED = dt.timedelta(days=3 * 365)
TARGET = "privacy_request"


def deadline_from(day: dt.date) -> dt.date:
    """Return until when a request of that day is to be answered, by the owner's number of days."""
    return day + dt.timedelta(days=current_snapshot().site.privacy_days)


def receive(values: Mapping[str, Any], *, by: int | None) -> PrivacyRequest:
    """Add a request that staff heard or read of; raise ValidationFailed, NotFound."""
    customer_id = values.get("customer_id")
    name, contact = (str(values.get(key) or "").strip() for key in ("name", "contact"))
    received_on = values.get("received_on") or site_today()
    errors: dict[str, str] = {}
    if customer_id is None and not name:
        errors["name"] = _("Say who asks: choose a customer, or write a name.")
    if received_on > site_today():
        errors["received_on"] = _("This date is in the future.")
    due_on = values.get("due_on") or deadline_from(received_on)
    if due_on < received_on:
        errors["due_on"] = _("The deadline lies before the day on which the request came.")
    if values["kind"] not in KINDS or values["way"] not in WAYS:
        errors["kind"] = _("Choose one from the list.")
    if errors:
        raise ValidationFailed(errors)
    if customer_id is not None:
        get_customer(customer_id)
    row = PrivacyRequest(
        customer_id=customer_id,
        name="" if customer_id is not None else name,
        contact="" if customer_id is not None else contact,
        kind=values["kind"],
        way=values["way"],
        text=str(values.get("text") or "").strip(),
        received_on=received_on,
        due_on=due_on,
        account_id=values.get("account_id"),
    )
    db.session.add(row)
    db.session.flush()
    _note(row, "received", by=by, data={"kind": row.kind})
    return row


def ask_as_member(
    customer_id: int, account_id: int, kind: str, text: str, *, is_recent: bool
) -> PrivacyRequest:
    """Add what a member asks on their own page. Raises ValidationFailed, Conflict.

    With a recent log-in their identity is confirmed by it. One open request of each kind is enough.
    """
    if kind not in MEMBERS_ASK:
        raise ValidationFailed({"kind": _("Choose one from the list.")})
    text = text.strip()
    if not text and kind in (Kind.CORRECTION, Kind.OTHER):
        raise ValidationFailed({"text": _("Write what this is about.")})
    theirs = (PrivacyRequest.customer_id == customer_id, PrivacyRequest.state == State.OPEN)
    # Under the customer's lock, so that two clicks do not add two.
    get_customer_for_change(customer_id)
    if db.session.scalar(select(PrivacyRequest.id).where(*theirs, PrivacyRequest.kind == kind)) is not None:
        raise Conflict(_("You have asked this already. We will answer soon."))
    today = site_today()
    row = PrivacyRequest(
        customer_id=customer_id,
        kind=kind,
        way=SITE,
        text=text,
        received_on=today,
        due_on=deadline_from(today),
    )
    if is_recent:
        row.identity_how, row.identity_at = LOG_IN, utcnow()
    db.session.add(row)
    db.session.flush()
    _note(row, "asked", by=account_id, data={"kind": kind})
    return row


def confirm_identity(request_id: int, how: str, note: str, *, by: int | None) -> PrivacyRequest:
    """Note how somebody showed who they are; raise ValidationFailed, Conflict."""
    row = _open(request_id)
    if row.identity_at is not None:
        raise Conflict(_("The identity is confirmed already."))
    if how not in CHECKS or how == LOG_IN:
        raise ValidationFailed({"how": _("Choose one from the list.")})
    if row.customer_id is None:
        raise ValidationFailed({"how": _("Choose first which customer this is.")})
    row.identity_how, row.identity_note = how, note.strip()
    row.identity_by, row.identity_at = by, utcnow()
    _note(row, "identity", by=by, data={"how": how})
    return row


def withdraw_identity(request_id: int, *, by: int | None) -> None:
    """Take a confirmation back that was a mistake; raise Conflict."""
    row = _open(request_id)
    if row.identity_at is None:
        raise Conflict(_("The identity is not confirmed."))
    _forget_identity(row)
    _note(row, "identity_withdrawn", by=by)


def _forget_identity(row: PrivacyRequest) -> None:
    row.identity_how = row.identity_by = row.identity_at = None
    row.identity_note = ""


def choose_customer(request_id: int, customer_id: int, *, by: int | None) -> None:
    """Say which customer asks. Who they are must then be confirmed again. Raises NotFound, Conflict."""
    row = _open(request_id)
    if row.customer_id == customer_id:
        return
    get_customer(customer_id)
    row.customer_id = customer_id
    _forget_identity(row)
    _note(row, "linked", by=by)


def assign(request_id: int, account_id: int | None, due_on: dt.date, *, by: int | None) -> None:
    """Say who answers, and until when; raise ValidationFailed, Conflict."""
    row = _open(request_id)
    if due_on < row.received_on:
        raise ValidationFailed({"due_on": _("The deadline lies before the day on which the request came.")})
    if (row.account_id, row.due_on) == (account_id, due_on):
        return
    row.account_id, row.due_on = account_id, due_on
    _note(row, "assigned", by=by)


def add_note(request_id: int, text: str, *, by: int | None) -> None:
    """Write something down about a request; raise ValidationFailed."""
    text = text.strip()
    if not text or len(text) > MAX_NOTE:
        raise ValidationFailed({"note": _("Write something, in at most %(n)s characters.", n=MAX_NOTE)})
    _note(get_request(request_id, for_change=True), "note", note=text, by=by)


def close(request_id: int, state: str, reason: str, *, by: int | None) -> None:
    """End a request as done or refused; raise ValidationFailed, Conflict.

    A refusal says why. What gives data out or changes it counts as done only for somebody whose
    identity is confirmed.
    """
    row, reason = _open(request_id), reason.strip()
    if state not in (State.DONE, State.REFUSED):
        raise ValidationFailed({"state": _("Choose one from the list.")})
    if state == State.REFUSED and not reason:
        raise ValidationFailed({"reason": _("Say why the request is refused; the person must be told.")})
    if state == State.DONE and row.kind != Kind.OTHER and row.identity_at is None:
        raise ValidationFailed({"state": _("Confirm the identity first.")})
    row.state, row.reason, row.closed_at = state, reason, utcnow()
    _note(row, state, by=by)


def reopen(request_id: int, *, by: int | None) -> None:
    """Take an answer back; raise Conflict for what is open or whose person was erased."""
    row = get_request(request_id, for_change=True)
    if row.state == State.OPEN or row.forgotten_at is not None:
        raise Conflict(_("This request cannot be opened again."))
    row.state, row.closed_at = State.OPEN, None
    _note(row, "reopened", by=by)


def _open(request_id: int) -> PrivacyRequest:
    row = get_request(request_id, for_change=True)
    if row.state != State.OPEN:
        raise Conflict(_("This request is closed. Open it again to change it."))
    return row


def note_event(request_id: int | None, kind: str, *, by: int | None) -> None:
    """Add a line to a request's history, if there is a request."""
    if request_id is not None:
        db.session.add(PrivacyEvent(request_id=request_id, kind=kind, account_id=by))
        db.session.flush()


def _note(
    row: PrivacyRequest,
    kind: str,
    *,
    by: int | None,
    note: str = "",
    data: Mapping[str, Any] | None = None,
) -> None:
    db.session.add(PrivacyEvent(request_id=row.id, kind=kind, note=note, account_id=by))
    db.session.flush()
    record_audit(f"privacy.{kind}", target=(TARGET, row.id), by=by, data=data)


def forget_request(row: PrivacyRequest) -> None:
    """Delete what is personal in a request; kind, dates and outcome stay."""
    row.name = row.contact = row.text = row.identity_note = row.reason = ""
    row.forgotten_at = utcnow()
    blank = update(PrivacyEvent).where(PrivacyEvent.request_id == row.id).values(note="")
    db.session.execute(blank.execution_options(synchronize_session="fetch"))
    db.session.flush()


def forget_customer(customer_id: int) -> None:
    """Delete what is personal in the requests of a customer who is being erased."""
    for row in db.session.scalars(select(PrivacyRequest).where(PrivacyRequest.customer_id == customer_id)):
        forget_request(row)
        row.customer_id = None
    db.session.flush()


def forget_old() -> int:
    """Forget who asked, once the answer is years old; return how many. Needs a transaction."""
    old = select(PrivacyRequest).where(
        PrivacyRequest.state.in_((State.DONE, State.REFUSED)),
        PrivacyRequest.forgotten_at.is_(None),
        PrivacyRequest.due_on < site_today() - KEEP_CLOSED,
        PrivacyRequest.closed_at < utcnow() - KEEP_CLOSED,
    )
    rows = db.session.scalars(old.limit(200)).all()
    for row in rows:
        forget_request(row)
    return len(rows)
