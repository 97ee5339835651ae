"""Verbs of next actions. They flush and never commit; `by` is the acting account's id."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, select, update

from core.activity.services import record_activity
from core.conditions.fields import FieldType
from core.customers.attributes import Attribute, clean_all, require
from core.customers.lists import staff_choices
from core.customers.queries import get_customer_for_change
from core.db import db, utcnow
from core.errors import Conflict, NotFound, ValidationFailed
from core.i18n import _, _l, site_today
from core.next_actions.models import ActionState, NextAction
from core.next_actions.queries import current_plan

_PLAN = (
    Attribute("title", _l("What is to be done"), FieldType.TEXT, "other", 200, required=True),
    Attribute("due_on", _l("Due on"), FieldType.DATE, "other", required=True),
    Attribute("account_id", _l("By whom"), FieldType.CHOICE, "other", 20, choices=staff_choices),
)
PLAN_ATTRIBUTES: Mapping[str, Attribute] = {attribute.name: attribute for attribute in _PLAN}
_CLOSING = (
    Attribute("note", _l("What came of it"), FieldType.TEXT, "other", 5_000, multiline=True),
    Attribute("reason", _l("Why none is needed"), FieldType.TEXT, "other", 200),
)
CLOSING_ATTRIBUTES: Mapping[str, Attribute] = {attribute.name: attribute for attribute in _CLOSING}


def plan_action(customer_id: int, values: Mapping[str, Any], *, by: int | None = None) -> NextAction:
    """Plan the next contact with a customer; without a person it is the planner's.

    Raises NotFound, ValidationFailed with a message per name, and Conflict while one is open.
    """
    cleaned = _clean_plan(values)
    get_customer_for_change(customer_id)
    before = current_plan(customer_id)
    if before is not None:
        if before.state == ActionState.OPEN:
            raise Conflict(_("Something is planned already. Close it first."))
        before.current_for = None
        db.session.flush()
    return _insert(customer_id, cleaned, by)


def _clean_plan(values: Mapping[str, Any]) -> dict[str, Any]:
    cleaned = clean_all(PLAN_ATTRIBUTES, {name: values.get(name) for name in PLAN_ATTRIBUTES})
    errors = require(PLAN_ATTRIBUTES, cleaned)
    if "due_on" not in errors and cleaned["due_on"] < site_today():
        errors["due_on"] = _("This date is over. Choose today or a later day.")
    if errors:
        raise ValidationFailed(errors)
    return cleaned


def _insert(customer_id: int, cleaned: Mapping[str, Any], by: int | None) -> NextAction:
    account_id = int(cleaned["account_id"]) if cleaned["account_id"] else by
    action = NextAction(
        customer_id=customer_id,
        current_for=customer_id,
        account_id=account_id,
        title=cleaned["title"],
        due_on=cleaned["due_on"],
    )
    db.session.add(action)
    db.session.flush()
    return action


def change_action(customer_id: int, values: Mapping[str, Any]) -> None:
    """Move the open action to another day, person or wording. Raises like `plan_action`."""
    cleaned = _clean_plan(values)
    action = _open_action(customer_id)
    action.title, action.due_on = cleaned["title"], cleaned["due_on"]
    action.account_id = int(cleaned["account_id"]) if cleaned["account_id"] else action.account_id
    db.session.flush()


def close_action(
    customer_id: int,
    values: Mapping[str, Any],
    *,
    follow_up: Mapping[str, Any] | None,
    by: int | None = None,
) -> None:
    """Note that the open action is done, and plan the next one, or say why none is needed.

    `values` has a `note`, and without a `follow_up` a `reason`. Raises NotFound, and
    ValidationFailed with a message per name; nothing is closed without an answer to "what next?".
    """
    given = clean_all(CLOSING_ATTRIBUTES, {name: values.get(name) for name in CLOSING_ATTRIBUTES})
    plan = _clean_plan(follow_up) if follow_up is not None else None
    if plan is None and not given["reason"]:
        raise ValidationFailed({"reason": _("Plan the next contact, or say why none is needed.")})
    action = _open_action(customer_id)
    action.state, action.current_for, action.closed_at = ActionState.DONE, None, utcnow()
    db.session.flush()
    title = _l("Done: %(what)s", what=action.title)
    record_activity(customer_id, "action", title, body=given["note"] or "", by=by)
    if plan is not None:
        _insert(customer_id, plan, by)
        return
    decided = {"state": ActionState.NONE, "title": given["reason"], "account_id": by}
    db.session.add(NextAction(customer_id=customer_id, current_for=customer_id, **decided))
    db.session.flush()


def _open_action(customer_id: int) -> NextAction:
    get_customer_for_change(customer_id)
    action = current_plan(customer_id)
    if action is None or action.state != ActionState.OPEN:
        raise NotFound(_("Nothing is planned with this customer any more."))
    return action


def move_actions(kept_id: int, merged_id: int) -> dict[str, Any]:
    """Give the merged customer's plans to the one that stays; of two open ones the earlier counts.

    Returns what it takes to take that back.
    """
    before = _noted((kept_id, merged_id))
    query = select(NextAction).where(NextAction.current_for.in_((kept_id, merged_id)))
    current = sorted(db.session.execute(query).scalars(), key=_weight)
    for row in current:
        row.current_for = None
    for row in current[1:]:
        if row.state == ActionState.OPEN:
            row.state, row.closed_at = ActionState.DONE, utcnow()
            title = _l("Two plans became one; left out: %(what)s", what=row.title)
            record_activity(kept_id, "action", title)
    db.session.flush()
    statement = update(NextAction).where(NextAction.customer_id == merged_id).values(customer_id=kept_id)
    db.session.execute(statement.execution_options(synchronize_session="fetch"))
    if current:
        current[0].current_for = kept_id
        db.session.flush()
    return {"before": before, "after": _noted((kept_id,))}


def return_actions(kept_id: int, merged_id: int, note: Mapping[str, Any]) -> list[str]:
    """Take `move_actions` back; a plan that changed since stays as it is. Return in words which."""
    rows = {row.id: row for row in db.session.scalars(_of((kept_id,)))}
    theirs = {key: old for key, old in note["before"].items() if int(key) in rows}
    changed = {key for key in theirs if _note_of(rows[int(key)]) != note["after"].get(key)}
    for key in theirs.keys() - changed:
        rows[int(key)].current_for = None
    db.session.flush()
    said = []
    for key, old in sorted(theirs.items(), key=lambda item: int(item[0])):
        row = rows[int(key)]
        row.customer_id = old["customer_id"]
        if key in changed:
            row.current_for = old["customer_id"] if row.current_for is not None else None
        elif old["current_for"] is None or current_plan(old["customer_id"]) is None:
            row.state, row.current_for = old["state"], old["current_for"]
            row.closed_at = dt.datetime.fromisoformat(old["closed_at"]) if old["closed_at"] else None
        if key in changed or row.current_for != old["current_for"]:
            said.append(_("The plan “%(what)s” stays as it is now.", what=row.title))
        db.session.flush()
    return said


def _of(customer_ids: Sequence[int]) -> Select[NextAction]:
    return select(NextAction).where(NextAction.customer_id.in_(customer_ids)).order_by(NextAction.id)


def _noted(customer_ids: Sequence[int]) -> dict[str, Any]:
    return {str(row.id): _note_of(row) for row in db.session.scalars(_of(customer_ids))}


def _note_of(row: NextAction) -> dict[str, Any]:
    closed_at = row.closed_at.isoformat() if row.closed_at else None
    return {
        "customer_id": row.customer_id,
        "current_for": row.current_for,
        "state": row.state,
        "closed_at": closed_at,
    }


def _weight(action: NextAction) -> tuple[bool, str]:
    return action.state != ActionState.OPEN, str(action.due_on)
