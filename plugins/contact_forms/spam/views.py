"""Screens about what is held back: "not spam" with a preview, and what came of all attempts."""

import datetime as dt

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from core.api import (
    Conflict,
    NotAllowed,
    _,
    current_account,
    permission_required,
    render_admin,
    transaction,
    utcnow,
)

from ..blueprint import admin
from ..builder.building import get_form
from ..definition.definitions import define_form, get_definition
from ..inbox import services as inbox
from ..inbox.listing import FOLDER_TITLES
from ..models import Folder, Submission
from ..permissions import FORMS_EDIT, INBOX_EDIT
from ..queries import get_submission
from ..rights.reach import may_see
from ..rights.showing import show
from .attempts import FATE_TITLES, count_attempts, count_kept
from .learning import KINDS, count_learned
from .releasing import preview_release

DAYS = 30


@admin.get("/inbox/<int:submission_id>/release")
@permission_required(INBOX_EDIT)
def release_preview(submission_id: int) -> str:
    """Show the mails that will go when a message is called real."""
    submission = _held(submission_id)
    definition = get_definition(submission.form_id)
    shown = show(submission)
    return render_admin(
        "contact_forms/admin/release.html",
        submission=shown,
        say=shown.say if shown is not submission else str,
        form=definition,
        release=preview_release(submission, definition),
    )


@admin.post("/inbox/<int:submission_id>/release")
@permission_required(INBOX_EDIT)
def release(submission_id: int) -> Response:
    """Move a message to the inbox and do once what was held back."""
    with transaction():
        _held(submission_id)
        inbox.mark_not_spam(inbox.only(submission_id), reply=bool(request.form.get("reply")))
    flash(_("Moved to the inbox. What was held back is now done."), "success")
    return redirect(url_for(".message", submission_id=submission_id), 303)


def _held(submission_id: int) -> Submission:
    submission = get_submission(submission_id, INBOX_EDIT)
    if submission.folder not in inbox.HELD:
        raise Conflict(_("This message is not held back any more."))
    return submission


@admin.get("/<int:form_id>/attempts")
@permission_required(FORMS_EDIT)
def attempts(form_id: int) -> str:
    """Show what came of the attempts of the last days."""
    stored = get_form(form_id)
    if not may_see(current_account(), form_id):
        raise NotAllowed(_("You may not see what is sent with this form."))
    since = utcnow() - dt.timedelta(days=DAYS)
    labels = {field.key: field.label for field in define_form(stored).fields}
    kept = count_kept(form_id, since)
    learned = count_learned()
    return render_admin(
        "contact_forms/admin/attempts.html",
        stored=stored,
        days=DAYS,
        kept=[(FOLDER_TITLES[folder], kept.get(folder, 0)) for folder in Folder],
        refused=[
            (FATE_TITLES.get(row.fate, row.fate), labels.get(row.rule, row.rule), row.count)
            for row in count_attempts(form_id, since)
        ],
        learned=[learned[kind] for kind in KINDS],
    )
