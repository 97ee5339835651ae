"""Finds the message that a mail answers: by the mails it refers to, then by its signed address."""

from core.api import db, mails_by_message_id

from ..models import Folder, Submission
from ..pipeline.mails import RELATED
from .addresses import submission_of
from .reading import ReadMail


def find_message(mail: ReadMail, inbound: str) -> Submission | None:
    """Return the message, None when none is named for certain. Subjects and senders prove nothing."""
    for submission_id in [*_by_references(mail), *_by_address(mail, inbound)]:
        submission = db.session.get(Submission, submission_id)
        if submission is not None and submission.folder == Folder.INBOX and submission.erased_at is None:
            return submission
    return None


def _by_references(mail: ReadMail) -> list[int]:
    ours = mails_by_message_id(mail.references) if mail.references else {}
    found = [ours[one] for one in mail.references if one in ours]
    return [one.related_id for one in found if one.related_kind == RELATED and one.related_id is not None]


def _by_address(mail: ReadMail, inbound: str) -> list[int]:
    found = (submission_of(address, inbound) for address in mail.recipients)
    return [one for one in found if one is not None]
