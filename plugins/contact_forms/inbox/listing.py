"""The inbox as a list: its fields, views, search and what can be done to many messages at once."""

from collections.abc import Sequence
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, Select, String, and_, case, cast, func, select

from core.api import (
    BulkAction,
    Choice,
    EmptyState,
    Field,
    FieldType,
    Label,
    Listing,
    ListView,
    _l,
    label_choices,
    ngettext,
    staff_choices,
)

from ..models import Folder, Form, Submission
from ..models_work import SubmissionLabel
from ..permissions import INBOX_DELETE, INBOX_EDIT, INBOX_SEE
from ..queries import form_choices, is_unread
from ..rights.masked_sql import hidden_answer, marked_text, masked_email, masked_name, matched_email, unmark
from ..rights.reach import reach_now
from ..spam.visit_rules import REASON_TITLES
from . import services as inbox
from .answer_sql import all_answers, excerpt_of
from .searching import search
from .work_actions import WORK_ACTIONS, within_rights
from .work_views import is_mine, is_overdue, is_pending, is_unassigned
from .work_words import STATUS_CHOICES, STATUS_TONES

FOLDER_TITLES = {
    Folder.INBOX: _l("Inbox"),
    Folder.SPAM: _l("Spam"),
    Folder.PITCH: _l("Sales pitches"),
    Folder.TRASH: _l("Trash"),
}


def submission_fields() -> Sequence[Field]:
    """Return what is known of a submission, for the list, its filters and its export."""
    return _FIELDS


def _form_slug() -> ColumnElement[Any]:
    return select(Form.slug).where(Form.id == Submission.form_id).scalar_subquery()


def _sender() -> ColumnElement[Any]:
    # Some forms ask for no name, some for nothing at all.
    name, email = func.nullif(Submission.sender_name, ""), func.nullif(Submission.sender_email, "")
    return func.coalesce(masked_name(name), masked_email(email), Submission.receipt)


def _label_keys() -> Select[Any]:
    theirs = select(Label.key).join(SubmissionLabel, SubmissionLabel.label_id == Label.id)
    return theirs.where(SubmissionLabel.submission_id == Submission.id).correlate(Submission)


_FIELDS = (
    Field("sender", _l("Sender"), FieldType.TEXT, _sender),
    Field(
        "sender_email",
        _l("E-mail address"),
        FieldType.EMAIL,
        lambda: masked_email(Submission.sender_email),
        match_key=lambda: matched_email(Submission.sender_key),
    ),
    Field("form", _l("Form"), FieldType.CHOICE, _form_slug, choices=form_choices, sortable=False),
    Field(
        "excerpt",
        _l("Message"),
        FieldType.TEXT,
        lambda: marked_text(excerpt_of(Submission.answers)),
        sortable=False,
        filterable=False,
    ),
    Field("receipt", _l("Receipt number"), FieldType.TEXT, lambda: Submission.receipt, sortable=False),
    Field("submitted_at", _l("Arrived"), FieldType.DATETIME, lambda: Submission.submitted_at),
    Field(
        "read",
        _l("Read or not"),
        FieldType.CHOICE,
        lambda: case((Submission.is_read.is_(True), "read"), else_="unread"),
        choices=(Choice("unread", _l("Unread")), Choice("read", _l("Already read"))),
        sortable=False,
    ),
    Field(
        "status",
        _l("Status"),
        FieldType.CHOICE,
        lambda: Submission.status,
        choices=STATUS_CHOICES,
        sortable=False,
    ),
    Field(
        "assignee",
        _l("Handled by"),
        FieldType.CHOICE,
        lambda: cast(Submission.assignee_id, String),
        choices=staff_choices,
        sortable=False,
    ),
    Field("due_on", _l("Due date"), FieldType.DATE, lambda: Submission.due_on, sortable=False),
    Field("labels", _l("Labels"), FieldType.MULTI, _label_keys, choices=label_choices),
    Field(
        "folder",
        _l("Folder"),
        FieldType.CHOICE,
        lambda: Submission.folder,
        choices=[Choice(str(folder), title) for folder, title in FOLDER_TITLES.items()],
        sortable=False,
    ),
    Field(
        "spam_reason",
        _l("Why it is spam"),
        FieldType.CHOICE,
        lambda: Submission.spam_reason,
        choices=[Choice(str(reason), title) for reason, title in REASON_TITLES.items() if reason],
        sortable=False,
    ),
    Field(
        "answers",
        _l("All answers"),
        FieldType.TEXT,
        lambda: hidden_answer(all_answers(Submission.answers)),
        sortable=False,
        filterable=False,
    ),
    Field("page_path", _l("Sent from page"), FieldType.TEXT, lambda: Submission.page_path, sortable=False),
    Field(
        "language",
        _l("Language"),
        FieldType.CHOICE,
        lambda: Submission.language,
        choices=(Choice("ja", _l("Japanese")), Choice("en", _l("English"))),
        sortable=False,
    ),
)


def _in(folder: Folder) -> Any:
    # Where one form is seen, its own index gives the folder in order.
    return lambda: and_(Submission.folder == folder, reach_now().where(Submission.form_id))


def _seen() -> ColumnElement[bool]:
    # The views of the work have indexes of their own, which are not to be passed over.
    return reach_now().where(Submission.form_id, by_index=False)


# Where work is done, as against where things are put away.
WORK_VIEWS = ("inbox", "unread", "mine", "unassigned", "overdue", "pending")


def _actions() -> Sequence[BulkAction]:
    return (
        *WORK_ACTIONS,
        BulkAction("read", _l("Mark as read"), inbox.mark_read, permission=INBOX_EDIT, icon="mail-opened"),
        BulkAction("unread", _l("Mark as unread"), _mark_unread, permission=INBOX_EDIT, icon="mail"),
        BulkAction(
            "spam",
            _l("Mark as spam"),
            inbox.mark_spam,
            permission=INBOX_EDIT,
            icon="ban",
            views=(*WORK_VIEWS, "pitch"),
        ),
        BulkAction(
            "pitch",
            _l("Mark as a sales pitch"),
            inbox.mark_pitch,
            permission=INBOX_EDIT,
            icon="speakerphone",
            views=(*WORK_VIEWS, "spam"),
        ),
        BulkAction(
            "not_spam",
            _l("Not spam"),
            inbox.mark_not_spam,
            confirm=lambda n: ngettext(
                "%(num)s message goes to the inbox. Its sender becomes a customer, and the notice is sent "
                "if it was held back.",
                "%(num)s messages go to the inbox. Their senders become customers, and notices are sent "
                "where they were held back.",
                n,
            ),
            permission=INBOX_EDIT,
            icon="thumb-up",
            views=("spam", "pitch"),
        ),
        BulkAction(
            "trash",
            _l("Move to trash"),
            inbox.move_to_trash,
            permission=INBOX_EDIT,
            icon="trash",
            views=(*WORK_VIEWS, "spam", "pitch"),
        ),
        BulkAction(
            "restore", _l("Restore"), inbox.restore, permission=INBOX_EDIT, icon="restore", views=("trash",)
        ),
        BulkAction(
            "delete",
            _l("Delete for ever"),
            inbox.delete_for_ever,
            confirm=lambda n: ngettext(
                "%(num)s message will be deleted for ever.", "%(num)s messages will be deleted for ever.", n
            ),
            permission=INBOX_DELETE,
            danger=True,
            icon="trash",
            views=("trash",),
        ),
    )


def _mark_unread(ids: inbox.Ids) -> int:
    return inbox.mark_read(ids, read=False)


INBOX = Listing(
    name="contact_forms_inbox",
    title=_l("Inbox"),
    key=Submission.id,
    fields=submission_fields,
    columns=("sender", "excerpt", "form", "status", "assignee", "read", "submitted_at"),
    primary="sender",
    secondary="sender_email",
    row_url=lambda key: url_for("contact_forms_admin.message", submission_id=key),
    search=search,
    search_hint=_l("Name, address, words of the message, receipt number"),
    where=_seen,
    views=(
        ListView("inbox", _l("Inbox"), _in(Folder.INBOX)),
        ListView("unread", _l("Unread"), is_unread),
        ListView("mine", _l("Mine"), is_mine),
        ListView("unassigned", _l("Nobody's"), is_unassigned),
        ListView("overdue", _l("Overdue"), is_overdue),
        ListView("pending", _l("Awaiting reply"), is_pending),
        ListView("spam", _l("Spam"), _in(Folder.SPAM)),
        ListView("pitch", _l("Sales pitches"), _in(Folder.PITCH)),
        ListView("trash", _l("Trash"), _in(Folder.TRASH)),
    ),
    actions=tuple(map(within_rights, _actions())),
    default_sort="-submitted_at",
    tones={
        "read": {"unread": "accent"},
        "folder": {"spam": "warning", "pitch": "info"},
        "status": STATUS_TONES,
    },
    words={"excerpt": unmark},
    # The tabs cost as much with a million messages as with so many.
    cap=1_000,
    template="contact_forms/admin/inbox.html",
    export="submissions",
    permission=INBOX_SEE,
    empty=EmptyState(
        _l("No message has arrived yet"),
        _l("What visitors send with your forms arrives here, and stays even when a mail fails."),
        _l("Go to the forms"),
        lambda: url_for("contact_forms_admin.forms"),
    ),
)
