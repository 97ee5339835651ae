"""The mails as they would go out, for whoever writes their words."""

from dataclasses import dataclass, replace

from sqlalchemy import select

from core.api import current_snapshot, db, render_mail

from ..definition.definitions import FormDefinition
from ..models import Folder, Submission
from ..pipeline.mails import AUTO_REPLY, MAIL_TEMPLATES, NOTICE, notice_values, reply_values
from .stored import FormMails


@dataclass(frozen=True, slots=True)
class MailPreview:
    """One mail as plain text."""

    subject: str
    text: str


def with_words(definition: FormDefinition, mails: FormMails, *, copies_answers: bool) -> FormDefinition:
    """Return the form as it would be with other words."""
    return replace(definition, mails=mails, auto_reply_copy=copies_answers)


def preview_mails(definition: FormDefinition, submission: Submission) -> tuple[MailPreview, MailPreview]:
    """Return the notice and the automatic reply for a message."""
    notice = notice_values(definition, submission, url="")
    site_language = current_snapshot().site.language
    drawn = (
        render_mail(MAIL_TEMPLATES[NOTICE], notice, site_language),
        render_mail(
            MAIL_TEMPLATES[AUTO_REPLY],
            reply_values(definition, submission),
            submission.language or site_language,
        ),
    )
    return MailPreview(drawn[0].subject, drawn[0].text), MailPreview(drawn[1].subject, drawn[1].text)


def newest_message(form_id: int) -> Submission | None:
    """Return the newest message of a form that lies in the inbox and was not erased."""
    theirs = (Submission.form_id == form_id, Submission.folder == Folder.INBOX)
    newest = select(Submission).where(*theirs, Submission.erased_at.is_(None))
    return db.session.scalar(newest.order_by(Submission.submitted_at.desc(), Submission.id.desc()).limit(1))
