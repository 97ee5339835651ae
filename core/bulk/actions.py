"""The actions of the customer list that change many customers at once."""

from typing import Any

from flask import url_for

from core.admin.listing import BulkAction
from core.admin.listing.bulk import Selection
from core.admin.signed_in import signed_in
from core.bulk import starting, undoing
from core.bulk.changes import How
from core.bulk.forms import NOBODY, edit_form, label_form, staff_form, stage_form
from core.bulk.models import BulkRun
from core.customers import permissions
from core.customers.label_services import get_label
from core.db import transaction
from core.errors import ValidationFailed
from core.i18n import _, _l, ngettext


def _edit(selection: Selection, field: str, how: str, value: Any) -> str:
    return _begin_edit(selection, field, how, value)


def _add_label(selection: Selection, label: str) -> str:
    return _begin_edit(selection, "labels", How.ADD, [get_label(int(label)).key])


def _remove_label(selection: Selection, label: str) -> str:
    return _begin_edit(selection, "labels", How.REMOVE, [get_label(int(label)).key])


def _set_stage(selection: Selection, stage: str) -> str:
    return _begin_edit(selection, "stage", How.SET, stage)


def _assign(selection: Selection, account: str) -> str:
    how = How.CLEAR if account == NOBODY else How.SET
    return _begin_edit(selection, "assigned_account_id", how, account)


def _begin_edit(selection: Selection, field: str, how: str, value: Any) -> str:
    with transaction():
        run = starting.begin_edit(selection, signed_in(), field, how, value)
    return _carry_on(run, selection)


def _erase(selection: Selection) -> str:
    with transaction():
        run = starting.begin_erasing(selection, signed_in())
    return _carry_on(run, selection)


def _carry_on(run: BulkRun, selection: Selection) -> str:
    """Do a small run at once and return to the list; show how a big one goes."""
    if run.total > starting.AT_ONCE:
        return url_for("bulk_admin.show", run_id=run.id)
    run_id = run.id
    run_here(run_id)
    return selection.back.url(extra={"ran": str(run_id)})


def run_here(run_id: int, *, undo: bool = False, by: int | None = None) -> None:
    """Carry a small run out, or take it back, within the request."""
    from core.bulk import running

    if undo:
        undoing.undo(lambda *_: None, run_id, by)
    else:
        running.run(lambda *_: None, run_id)


def _erase_question(count: int) -> str:
    return ngettext(
        "%(num)d customer will be deleted for good, with timeline, mails and log-in. This is final.",
        "%(num)d customers will be deleted for good, with timelines, mails and log-ins. This is final.",
        count,
    )


def _label_question(count: int) -> str:
    if not label_form()().label.choices:
        raise ValidationFailed({"label": _("There is no label yet. Make one under “Labels” first.")})
    return ngettext("Which label, for %(num)d customer?", "Which label, for %(num)d customers?", count)


def _edit_question(count: int) -> str:
    return ngettext("Change this %(num)d customer.", "Change these %(num)d customers together.", count)


CUSTOMER_ACTIONS = (
    BulkAction(
        *("edit", _l("Change a field")),
        begin=_edit,
        permission=permissions.EDIT,
        icon="pencil",
        form=edit_form,
        confirm=_edit_question,
    ),
    BulkAction(
        *("label", _l("Add a label")),
        begin=_add_label,
        permission=permissions.EDIT,
        icon="tag",
        form=label_form,
        confirm=_label_question,
    ),
    BulkAction(
        *("unlabel", _l("Take a label off")),
        begin=_remove_label,
        permission=permissions.EDIT,
        icon="circle-minus",
        form=label_form,
        confirm=_label_question,
    ),
    BulkAction(
        *("stage", _l("Change the stage")),
        begin=_set_stage,
        permission=permissions.EDIT,
        icon="flag",
        form=stage_form,
    ),
    BulkAction(
        *("assign", _l("Put somebody in charge")),
        begin=_assign,
        permission=permissions.EDIT,
        icon="user-check",
        form=staff_form,
    ),
    BulkAction(
        *("erase", _l("Erase")),
        begin=_erase,
        permission=permissions.ERASE,
        icon="trash",
        danger=True,
        confirm=_erase_question,
    ),
)
