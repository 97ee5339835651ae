"""Changes to the outbox: queue, retry, set aside, forget."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, Update, case, delete, or_, select, update

from core.customers.values import normalise_email
from core.db import db, utcnow
from core.errors import Conflict, NotFound
from core.i18n import LANGUAGES, _
from core.jobs.keys import add_once, find_by_key
from core.jobs.services import enqueue
from core.mail.attachments import Attachment, check_size, noted
from core.mail.delivery import DELIVER
from core.mail.messages import check_address, check_headers, new_message_id
from core.mail.models import MailState, OutboxMail
from core.mail.reasons import BOUNCED
from core.mail.rendering import one_line, render_mail
from core.mail.threads import Thread
from core.plugin_host.snapshot import current_snapshot

SENT_IS_KEPT = dt.timedelta(days=365)
STUCK = (MailState.FAILED, MailState.DEAD, MailState.UNKNOWN)


def queue_mail(
    template_name: str,
    to: str,
    values: Mapping[str, Any],
    *,
    language: str | None = None,
    key: str | None = None,
    reply_to: str | None = None,
    related: tuple[str, int] | None = None,
    thread: Thread | None = None,
    attachments: Sequence[Attachment] = (),
) -> int:
    """Write a mail into the outbox, in the recipient's language, and return its id.

    Needs an open transaction; the mail leaves after the commit. `values` are plain values for
    the template. A second call with the same `key` returns the first mail's id and queues
    nothing. `related` is what the mail is about, e.g. `("customer", 12)`. `thread` lets mail
    programs show it as an answer to other mails, and as written by a person. `attachments` are
    files that a store keeps. Raises ValidationFailed for an unusable address or too large files,
    LookupError for an unknown template.
    """
    snapshot = current_snapshot()
    template = snapshot.mail_templates.get(template_name)
    if template is None:
        raise LookupError(f"no mail template is named {template_name!r}")
    address = check_address(to)
    check_size(attachments)
    headers = {"Reply-To": check_address(reply_to, "reply_to")} if reply_to else {}
    headers |= thread.headers() if thread is not None else {}
    known = find_by_key(OutboxMail, key)
    if known is not None:
        return known
    chosen = language if language in LANGUAGES else snapshot.site.language
    words = render_mail(template, values, chosen)
    check_headers(words.subject, headers)
    kind, related_id = related or (None, None)
    mail = OutboxMail(
        template=template_name,
        to_address=address,
        to_key=normalise_email(address),
        subject=words.subject,
        text=words.text,
        html=words.html,
        language=chosen,
        headers=headers,
        attachments=noted(attachments),
        message_id=new_message_id(),
        idempotency_key=key,
        related_kind=kind,
        related_id=related_id,
    )
    mail_id, is_new = add_once(mail)
    if is_new:
        enqueue(DELIVER, {"mail_id": mail_id})
    return mail_id


def retry_mail(mail_id: int) -> None:
    """Send a mail that did not arrive again, with all its attempts; raise Conflict for others.

    One whose outcome is unknown may then arrive twice.
    """
    if not retry_mails(select(OutboxMail.id).where(OutboxMail.id == mail_id)):
        _refuse(mail_id, _("Only a mail that was not delivered can be sent again."))


def retry_mails(ids: Select[Any]) -> int:
    """Send those among the mails again that did not arrive; return how many."""
    statement = (
        _stuck(ids)
        .values(
            state=MailState.QUEUED,
            attempts=0,
            next_attempt_at=utcnow(),
            lease_owner=None,
            lease_until=None,
            handled_at=None,
        )
        .returning(OutboxMail.id)
    )
    retried = list(db.session.scalars(statement))
    db.session.expire_all()
    for mail_id in retried:
        enqueue(DELIVER, {"mail_id": mail_id})
    return len(retried)


def set_aside(mail_id: int) -> None:
    """Take a mail that did not arrive out of the notices and try it no more."""
    if not set_aside_mails(select(OutboxMail.id).where(OutboxMail.id == mail_id)):
        _refuse(mail_id, _("Only a mail that was not delivered can be set aside."))


def set_aside_mails(ids: Select[Any]) -> int:
    """Take those among the mails out of the notices that did not arrive; return how many."""
    # One that waits for its next attempt is given up; an unknown outcome stays unknown.
    given_up = case((OutboxMail.state == MailState.FAILED, MailState.DEAD.value), else_=OutboxMail.state)
    changed = db.session.execute(_stuck(ids).values(state=given_up, handled_at=utcnow()))
    db.session.expire_all()
    return int(changed.rowcount)  # type: ignore[attr-defined]


def _stuck(ids: Select[Any]) -> Update:
    stuck = update(OutboxMail).where(OutboxMail.id.in_(ids), OutboxMail.state.in_(STUCK))
    return stuck.execution_options(synchronize_session=False)


def _refuse(mail_id: int, reason: str) -> None:
    if db.session.scalar(select(OutboxMail.id).where(OutboxMail.id == mail_id)) is None:
        raise NotFound(_("This mail no longer exists."))
    raise Conflict(reason)


def mark_bounced(mail_id: int, reason: str) -> bool:
    """Note that a mail came back after it was taken; False when it was not under way any more."""
    came_back = update(OutboxMail).where(
        OutboxMail.id == mail_id, OutboxMail.state.in_((MailState.SENT, MailState.UNKNOWN))
    )
    values = {"state": MailState.DEAD, "last_error": (BOUNCED + one_line(reason))[:500], "handled_at": None}
    changed = db.session.execute(came_back.values(values).execution_options(synchronize_session=False))
    db.session.expire_all()
    return bool(changed.rowcount)  # type: ignore[attr-defined]


def forget_mails(address: str | None, related: tuple[str, int] | None = None) -> int:
    """Delete every mail to an address or about a thing (a person's data is erased); count them."""
    conditions = []
    if address:
        conditions.append(OutboxMail.to_key == normalise_email(address))
    if related is not None:
        kind, related_id = related
        conditions.append((OutboxMail.related_kind == kind) & (OutboxMail.related_id == related_id))
    return _delete(or_(*conditions)) if conditions else 0


def prune_mails() -> int:
    """Delete mails that were sent long ago; return how many."""
    old = (OutboxMail.state == MailState.SENT) & (OutboxMail.sent_at < utcnow() - SENT_IS_KEPT)
    return _delete(old)


def _delete(condition: Any) -> int:
    statement = delete(OutboxMail).where(condition).execution_options(synchronize_session=False)
    return int(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]
