"""The job that fetches answers: a bounded number of mails per run, each once."""

import datetime as dt
import hashlib
import logging
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import InterfaceError, OperationalError

from core.api import db, enqueue, transaction, utcnow

from ..models_inbound import IncomingMail, Mailbox
from .box import Box, MailboxTrouble, open_box
from .mailbox import config_of
from .reading import read_mail
from .services import note_unreadable, take

log = logging.getLogger(__name__)

POLL = "contact_forms.poll_mail"
POLL_SECONDS = 180
PER_RUN = 50
FILED_PER_RUN = 200


def poll(context: Any) -> int:
    """Fetch what came since the last run; return how many mails were new. Trouble is noted, not raised."""
    config = None
    with transaction():
        mailbox = db.session.scalar(select(Mailbox).where(Mailbox.is_on))
        if mailbox is not None:
            config = config_of(mailbox)
    if config is None:
        return 0
    try:
        with open_box(config) as box:
            done, left = _read_new(box, context)
            _file(box)
    except MailboxTrouble as trouble:
        _note(problem=str(trouble)[:500])
        log.warning("the mailbox could not be read")
        return 0
    _note(problem="", worked_at=utcnow())
    if left:
        with transaction():
            enqueue(POLL)
    return done


def _note(**values: Any) -> None:
    with transaction():
        db.session.execute(update(Mailbox).values(checked_at=utcnow(), **values))


def _read_new(box: Box, context: Any) -> tuple[int, bool]:
    uids = _new_uids(box)
    done = 0
    for uid in uids[:PER_RUN]:
        done += _read_one(box, uid)
        context.progress(done)
    return done, len(uids) > PER_RUN


def _new_uids(box: Box) -> list[int]:
    """Return what to look at, and note where the folder's numbers begin."""
    validity = box.uid_validity
    with transaction():
        mailbox = _locked()
        known, last, since = mailbox.uid_validity, mailbox.last_uid, mailbox.worked_at
    if known == validity:
        return box.uids_after(last)
    # Set up just now: what lay there before is none of our business. Else the numbers began anew,
    # and the keys tell what was taken already.
    days = dt.timedelta(days=2)
    uids = box.uids_since(((since or utcnow()) - days).date()) if known else []
    with transaction():
        mailbox = _locked()
        mailbox.uid_validity = validity
        mailbox.last_uid = uids[0] - 1 if uids else box.newest_uid()
    return uids


def _locked() -> Mailbox:
    statement = select(Mailbox).with_for_update().execution_options(populate_existing=True)
    return db.session.scalars(statement.limit(1)).one()


def _read_one(box: Box, uid: int) -> int:
    raw, is_cut = box.fetch(uid)
    validity = box.uid_validity
    try:
        # The answer, the note that the mail was seen and how far we are: all of it or nothing.
        with transaction():
            mailbox = _locked()
            mailbox.last_uid = max(mailbox.last_uid, uid)
            if not raw:
                # Somebody deleted it meanwhile.
                return 0
            mail = read_mail(raw, is_cut=is_cut)
            return int(take(mail, mailbox.address, uid=uid, uid_validity=validity) is not None)
    except (OperationalError, InterfaceError):
        # The database's trouble, not the mail's: the next run comes back to it.
        raise
    except Exception as error:
        log.warning("a mail could not be read", extra={"error": type(error).__name__})
        with transaction():
            note_unreadable(hashlib.sha256(raw).hexdigest(), uid=uid, uid_validity=validity)
            _locked().last_uid = uid
        return 0


def _file(box: Box) -> None:
    """Mark what was taken; what a broken run left is done by the next one."""
    todo = (IncomingMail.is_filed.is_(False), IncomingMail.uid_validity == box.uid_validity)
    with transaction():
        waiting = select(IncomingMail.id, IncomingMail.uid).where(*todo).order_by(IncomingMail.id)
        found = db.session.execute(waiting.limit(FILED_PER_RUN)).all()
    if not found:
        return
    box.file([row.uid for row in found])
    with transaction():
        filed = update(IncomingMail).where(IncomingMail.id.in_([row.id for row in found]))
        db.session.execute(filed.values(is_filed=True).execution_options(synchronize_session=False))
