"""Delivers one mail: take it, get ready, say that it is going, hand it over, note the outcome."""

import logging

from core.db import db, transaction
from core.jobs.services import enqueue
from core.mail import attachments
from core.mail.backends import Backend, FileBackend, MailRefused, OutcomeUnknown, SmtpBackend
from core.mail.leases import (
    MailLease,
    claim_mail,
    mark_refused,
    mark_sending,
    mark_sent,
    mark_unknown,
)
from core.mail.messages import Envelope, build_envelope
from core.mail.models import OutboxMail
from core.plugin_host.host import current_host
from core.plugin_host.snapshot import current_snapshot
from core.settings.queries import smtp_password

log = logging.getLogger(__name__)

DELIVER = "core.deliver_mail"


def deliver(mail_id: int) -> None:
    """Try to deliver a mail that is due; do nothing when it is not, or another run has it.

    A mail leaves the site at most once by itself: what was cut off while it was handed over is
    marked `unknown` and waits for a person.
    """
    lease = claim_mail(mail_id)
    if lease is None:
        return
    backend = make_backend()
    try:
        _deliver(lease, backend)
    except MailRefused as refusal:
        _refused(lease, refusal)
    except OutcomeUnknown as unknown:
        mark_unknown(lease, unknown.reason)
        log.warning("mail outcome unknown", extra={"mail_id": mail_id})
    finally:
        backend.close()


def _deliver(lease: MailLease, backend: Backend) -> None:
    envelope = _envelope(lease)
    backend.prepare(envelope)
    if not mark_sending(lease):
        log.warning("mail lost its lease before it was sent", extra={"mail_id": lease.mail_id})
        return
    backend.hand_over(envelope)
    mark_sent(lease)


def _envelope(lease: MailLease) -> Envelope:
    mail = db.session.get_one(OutboxMail, lease.mail_id)
    try:
        return build_envelope(mail, current_snapshot().site, attachments.load(mail.attachments))
    except attachments.AttachmentGone as error:
        raise MailRefused("a file of the mail was deleted", for_good=True) from error
    except ValueError as error:
        raise MailRefused(f"the mail cannot be built: {type(error).__name__}", for_good=True) from error
    finally:
        # No read transaction stays open while a slow server is spoken to.
        db.session.rollback()


def _refused(lease: MailLease, refusal: MailRefused) -> None:
    with transaction():
        again = mark_refused(lease, refusal.reason, for_good=refusal.for_good)
        if again is not None:
            key = f"mail:{lease.mail_id}:{lease.attempt}:{lease.token[:8]}"
            enqueue(DELIVER, {"mail_id": lease.mail_id}, key=key, run_at=again)
    log.warning(
        "mail not delivered",
        extra={"mail_id": lease.mail_id, "attempt": lease.attempt, "again": again is not None},
    )


def make_backend() -> Backend:
    """Return the back end that the site's settings name."""
    site = current_snapshot().site
    if site.mail_backend == "smtp":
        return SmtpBackend(site, smtp_password())
    return FileBackend(current_host().configuration.instance / "mail")
