"""The work on many messages at once, as actions of the list."""

from dataclasses import replace

from core.api import BulkAction, _l, ngettext

from ..models import Submission
from ..permissions import INBOX_EDIT, INBOX_SEE
from ..rights.reach import reach_now
from . import work
from .forms_work import AssignForm, DueForm, LabelForm, StatusForm
from .services import Ids


def _assign(ids: Ids, assignee: str) -> int:
    return work.assign(ids, int(assignee) if assignee else None)


def _label(ids: Ids, label: str, what: str) -> int:
    return work.add_label(ids, label) if what == "add" else work.remove_label(ids, label)


def within_rights(action: BulkAction) -> BulkAction:
    """Return the action, limited to messages of the forms in which its right holds."""
    right = action.permission or INBOX_SEE
    return replace(action, where=lambda: reach_now(right).where(Submission.form_id, by_index=False))


def _how_many(count: int) -> str:
    return ngettext("%(num)s message is chosen.", "%(num)s messages are chosen.", count)


WORK_ACTIONS = (
    BulkAction("done", _l("Done"), work.finish, permission=INBOX_EDIT, icon="check"),
    BulkAction("take", _l("Take over"), work.take, permission=INBOX_EDIT, icon="user-check"),
    BulkAction(
        "assign",
        _l("Handled by"),
        _assign,
        _how_many,
        permission=INBOX_EDIT,
        icon="user",
        form=lambda: AssignForm,
    ),
    BulkAction(
        "status",
        _l("Status"),
        work.set_status,
        _how_many,
        permission=INBOX_EDIT,
        icon="progress",
        form=lambda: StatusForm,
    ),
    BulkAction(
        "due",
        _l("Due date"),
        lambda ids, due_on: work.set_due(ids, due_on),
        _how_many,
        permission=INBOX_EDIT,
        icon="calendar",
        form=lambda: DueForm,
    ),
    BulkAction(
        "label",
        _l("Label"),
        _label,
        _how_many,
        permission=INBOX_EDIT,
        icon="tag",
        form=lambda: LabelForm,
    ),
)
