"""Reads of the outbox."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Select, func, select

from core.customers.values import normalise_email
from core.db import db
from core.mail.models import MailState, OutboxMail
from core.plugin_host.snapshot import current_snapshot


def mails_for(kind: str, related_id: int, limit: int = 50) -> Sequence[OutboxMail]:
    """Return the mails about a thing, newest first."""
    about = (OutboxMail.related_kind == kind) & (OutboxMail.related_id == related_id)
    statement = select(OutboxMail).where(about).order_by(OutboxMail.id.desc()).limit(limit)
    return db.session.scalars(statement).all()


def mails_to(address: str, limit: int = 1000) -> Sequence[OutboxMail]:
    """Return the mails to an address, newest first, e.g. for a person's data report."""
    statement = select(OutboxMail).where(OutboxMail.to_key == normalise_email(address))
    return db.session.scalars(statement.order_by(OutboxMail.id.desc()).limit(limit)).all()


def readable_text(mail: OutboxMail) -> str | None:
    """Return the text of a mail, or None where it holds a secret that only its recipient may know."""
    template = current_snapshot().mail_templates.get(mail.template)
    return None if template is not None and template.holds_secret else mail.text


def find_mail(mail_id: int) -> OutboxMail | None:
    """Return a mail by id, or None."""
    return db.session.get(OutboxMail, mail_id)


def states_of(mail_ids: Collection[int]) -> Mapping[int, str]:
    """Return where mails stand, by id; those that are deleted are missing."""
    if not mail_ids:
        return {}
    query = select(OutboxMail.id, OutboxMail.state).where(OutboxMail.id.in_(mail_ids))
    return {row.id: row.state for row in db.session.execute(query)}


def mails_by_message_id(message_ids: Collection[str]) -> Mapping[str, OutboxMail]:
    """Return our own mails among those with these Message-IDs."""
    found = db.session.scalars(select(OutboxMail).where(OutboxMail.message_id.in_(message_ids)))
    return {mail.message_id: mail for mail in found}


def failing_query() -> Select[int]:
    """Return the query of how many mails did not arrive and wait for a person; an index answers it."""
    stuck = OutboxMail.state.in_((MailState.DEAD, MailState.UNKNOWN)) & OutboxMail.handled_at.is_(None)
    return select(func.count()).select_from(OutboxMail).where(stuck)
