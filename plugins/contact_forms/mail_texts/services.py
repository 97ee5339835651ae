"""Saves the words of a form's mails."""

from core.api import db, record_audit

from ..builder.versions import has_versions, keep_version
from ..models import Form, new_revision
from .stored import FormMails, write_mails


def save_mails(form: Form, mails: FormMails, *, copies_answers: bool, by: int | None) -> None:
    """Set the words of both mails, and keep a version of the form."""
    if not has_versions(form.id):
        # A form from before versions were kept.
        keep_version(form, by=None)
    for name, value in write_mails(mails).items():
        setattr(form, name, value)
    form.auto_reply_copy = copies_answers
    form.revision = new_revision()
    db.session.flush()
    keep_version(form, by=by)
    record_audit("contact_forms.form.saved", target=("contact_forms.form", form.id), by=by)
