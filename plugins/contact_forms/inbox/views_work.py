"""What is done on a message's screen beside sorting: status, person in charge, date, labels, notes."""

from typing import Any

from flask import flash, redirect, request, url_for

from core.api import NotFound, ValidationFailed, _, permission_required, transaction

from ..blueprint import admin
from ..permissions import INBOX_EDIT
from ..queries import get_submission
from . import services as inbox
from . import work
from .forms_work import NoteForm, WorkForm
from .message_page import render_message


@admin.post("/inbox/<int:submission_id>/work")
@permission_required(INBOX_EDIT)
def save_work(submission_id: int) -> Any:
    """Save status, person in charge, due date and labels."""
    submission = get_submission(submission_id, INBOX_EDIT)
    form = WorkForm(request.form)
    if form.validate():
        try:
            with transaction():
                _save_work(submission_id, form)
        except ValidationFailed as refused:
            form.add_errors(refused.errors)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for(".message", submission_id=submission_id), 303)
    return render_message(submission, work_form=form), 422


def _save_work(submission_id: int, form: WorkForm) -> None:
    ids = inbox.only(submission_id)
    work.set_status(ids, form.status.data)
    # Somebody who has left since stays in charge until another is chosen.
    work.assign(ids, form.account_id)
    work.set_due(ids, form.due_on.data)
    work.set_labels(submission_id, form.labels.data or ())


@admin.post("/inbox/<int:submission_id>/take")
@permission_required(INBOX_EDIT)
def take(submission_id: int) -> Any:
    """Put oneself in charge."""
    get_submission(submission_id, INBOX_EDIT)
    with transaction():
        work.take(inbox.only(submission_id))
    flash(_("You are in charge of this message now."), "success")
    return redirect(url_for(".message", submission_id=submission_id), 303)


@admin.post("/inbox/<int:submission_id>/done")
@permission_required(INBOX_EDIT)
def finish(submission_id: int) -> Any:
    """Say that the work is done."""
    get_submission(submission_id, INBOX_EDIT)
    with transaction():
        work.finish(inbox.only(submission_id))
    flash(_("Marked as done."), "success")
    return redirect(url_for(".message", submission_id=submission_id), 303)


@admin.post("/inbox/<int:submission_id>/notes")
@permission_required(INBOX_EDIT)
def add_note(submission_id: int) -> Any:
    """Keep a note for the other staff."""
    submission = get_submission(submission_id, INBOX_EDIT)
    form = NoteForm(request.form)
    if not form.validate():
        return render_message(submission, note_form=form), 422
    with transaction():
        work.add_note(submission_id, form.body.data)
    return redirect(url_for(".message", submission_id=submission_id, _anchor="history"), 303)


@admin.post("/inbox/<int:submission_id>/notes/<int:entry_id>/delete")
@permission_required(INBOX_EDIT)
def delete_note(submission_id: int, entry_id: int) -> Any:
    """Delete one's own note."""
    get_submission(submission_id, INBOX_EDIT)
    with transaction():
        if not work.delete_note(submission_id, entry_id):
            raise NotFound(_("This note no longer exists."))
    flash(_("The note is deleted."), "success")
    return redirect(url_for(".message", submission_id=submission_id, _anchor="history"), 303)
