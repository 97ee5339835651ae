"""Verbs of the timeline and the audit log."""

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from flask_babel.speaklater import LazyString
from sqlalchemy import select

from core.activity import audit_chain
from core.activity.models import Activity, AuditEntry
from core.db import db, utcnow
from core.errors import ValidationFailed
from core.i18n import _
from core.security.hygiene import is_clean

MAX_TITLE = 500
MAX_BODY = 50_000


def record_activity(
    customer_id: int,
    kind: str,
    title: Any,
    *,
    body: str = "",
    data: Mapping[str, Any] | None = None,
    by: int | None = None,
    occurred_at: dt.datetime | None = None,
    url: str | None = None,
) -> Activity:
    """Add a line to a customer's timeline and tell `activity_recorded`. Needs a transaction.

    `kind` is one of core's (see `core.activity.kinds`) or begins with the plugin's name and a
    dot. `title` is an English message, lazy or plain, or a finished text: it is shown in the
    reader's language with its `%(name)s` marks filled from `data`. `data` holds JSON values.
    """
    from core.plugin_host.guards import notify

    message, values = message_of(title)
    activity = Activity(
        customer_id=customer_id,
        kind=kind,
        title=message,
        body=body,
        data={**values, **(data or {})} or None,
        account_id=by,
        occurred_at=occurred_at or utcnow(),
        url=url,
    )
    db.session.add(activity)
    db.session.flush()
    notify("activity_recorded", activity=activity)
    return activity


def message_of(title: Any) -> tuple[str, dict[str, Any]]:
    """Split a lazy text into its English message and values, so that readers see their language."""
    if isinstance(title, LazyString):
        return str(title._args[0])[:MAX_TITLE], dict(title._kwargs)
    return str(title)[:MAX_TITLE], {}


def add_note(
    customer_id: int,
    text: str,
    *,
    kind: str = "note",
    by: int | None = None,
    occurred_at: dt.datetime | None = None,
    direction: str = "",
    result: str = "",
) -> Activity:
    """Add what a member of staff wrote: a note, or what was said on the phone or in a meeting.

    `kind` is one of the owner's kinds of contact. Colleagues named by @ get a notice. Raises
    ValidationFailed. Needs a transaction.
    """
    from core.activity.kinds import DIRECTIONS, RESULTS, touch_kinds
    from core.activity.mentions import mention_colleagues

    text = text.strip()
    if not text:
        raise ValidationFailed({"text": _("Write something first.")})
    if len(text) > MAX_BODY or not is_clean(text):
        raise ValidationFailed({"text": _("This text is too long or holds characters that cannot be used.")})
    chosen = touch_kinds().get(kind)
    if chosen is None or chosen.is_archived:
        raise ValidationFailed({"kind": _("Choose what this is.")})
    if (direction and direction not in DIRECTIONS) or (result and result not in RESULTS):
        raise ValidationFailed({"result": _("Choose one of the list.")})
    if occurred_at is not None and occurred_at > utcnow():
        raise ValidationFailed({"at": _("This date is in the future.")})
    activity = record_activity(customer_id, kind, chosen.title, body=text, by=by, occurred_at=occurred_at)
    activity.direction, activity.result = direction or None, result or None
    mention_colleagues(activity)
    db.session.flush()
    return activity


def pin_activity(customer_id: int, activity_id: int, *, pinned: bool) -> Activity | None:
    """Keep a line on top of the timeline, or let it go; None if there is none. Needs a transaction."""
    from core.activity.visibility import seen_activities

    theirs = (Activity.id == activity_id, Activity.customer_id == customer_id)
    activity = db.session.execute(select(Activity).where(*theirs, *seen_activities())).scalar()
    if activity is not None:
        activity.pinned_at = utcnow() if pinned else None
        db.session.flush()
    return activity


def delete_note(customer_id: int, activity_id: int, *, by: int | None = None) -> Activity | None:
    """Remove a note that staff wrote, None if there is none; what the system recorded stays.

    Needs a transaction.
    """
    from core.activity.kinds import touch_kinds

    activity = db.session.get(Activity, activity_id)
    if activity is None or activity.customer_id != customer_id or activity.kind not in touch_kinds():
        return None
    record_audit(
        "activity.deleted", target=("customer", activity.customer_id), by=by, data={"kind": activity.kind}
    )
    db.session.delete(activity)
    db.session.flush()
    return activity


def record_audit(
    action: str,
    *,
    target: tuple[str, int] | None = None,
    by: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Note who did what, e.g. `customer.erased`, as the newest link of the chain. Needs a transaction.

    `data` holds counts and names of things, never personal data, tokens or contents.
    """
    kind, target_id = target or (None, None)
    entry = AuditEntry(
        action=action,
        target_kind=kind,
        target_id=target_id,
        account_id=by,
        actor_id=by,
        data=json.loads(json.dumps(data)) if data else None,
        created_at=utcnow(),
    )
    audit_chain.append(entry)
    return entry
