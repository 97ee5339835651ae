"""Links a message to its customer, and lets its answers change what is known of them."""

from collections.abc import Mapping
from typing import Any

from core.api import (
    Conflict,
    ValidationFailed,
    _,
    current_snapshot,
    db,
    find_or_create_by_email,
    get_customer,
    in_language,
    read_customer_values,
    site_today,
    update_customer,
)

from ..definition.definitions import FormDefinition
from ..models import Submission
from ..sending.senders import customer_values, sender_values
from .handling import Repeat

MAX_MEMO = 10_000


def link_customer(submission: Submission, definition: FormDefinition) -> int | None:
    """Return the sender's customer, made or found by address; note what the answers changed there.

    A signed-in member is the customer already.
    """
    values = sender_values(submission.answers)
    if submission.customer_id is not None:
        _change(submission, submission.customer_id, definition, values)
        return submission.customer_id
    if not submission.sender_email:
        return None
    repeats = definition.handling.repeats
    filling = {name: v for name, v in values.items() if repeats.get(name, Repeat.FILL) is Repeat.FILL}
    source = f"form:{definition.slug}"
    try:
        customer, is_new = find_or_create_by_email(
            submission.sender_email, customer_values(filling), source=source
        )
    except ValidationFailed:
        return None
    if is_new and filling != values:
        # Of somebody new there is nothing to keep.
        find_or_create_by_email(submission.sender_email, customer_values(values), source=source)
    if not is_new:
        _change(submission, customer.id, definition, values)
    return customer.id


def _change(
    submission: Submission, customer_id: int, definition: FormDefinition, values: Mapping[str, Any]
) -> None:
    changes: dict[str, list[Any]] = {}
    for name, repeat in definition.handling.repeats.items():
        if name not in values or repeat not in (Repeat.OVERWRITE, Repeat.APPEND):
            continue
        told = customer_values({name: values[name]})
        if repeat is Repeat.APPEND:
            told = _appended(customer_id, told, definition, values[name])
        changes |= _set(customer_id, told)
    submission.customer_changes = changes


def _appended(
    customer_id: int, told: Mapping[str, Any], definition: FormDefinition, answer: Any
) -> dict[str, Any]:
    """Return what is empty filled in; what differs becomes a line of the memo."""
    customer = get_customer(customer_id)
    before = read_customer_values(customer, told)
    missing = {name: value for name, value in told.items() if before[name] in (None, "", [])}
    known = " ".join(_in_words(value) for value in before.values())
    answer = _in_words(answer)
    memo = customer.memo or ""
    if missing or answer in (known, known.strip()) or answer in memo:
        return missing
    today = site_today().isoformat()
    with in_language(current_snapshot().site.language):
        line = _("%(day)s, form “%(form)s”: %(answer)s", day=today, form=definition.title, answer=answer)
    return {"memo": f"{memo}\n{line}".strip()} if len(memo) + len(line) < MAX_MEMO else {}


def _in_words(value: Any) -> str:
    return ", ".join(str(one) for one in value) if isinstance(value, list) else str(value or "")


def _set(customer_id: int, told: Mapping[str, Any]) -> dict[str, list[Any]]:
    customer = get_customer(customer_id)
    before = read_customer_values(customer, told)
    try:
        update_customer(customer_id, told)
    except ValidationFailed:
        # What cannot be used stays with the message.
        return {}
    after = read_customer_values(get_customer(customer_id), told)
    return {name: [before[name], after[name]] for name in told if before[name] != after[name]}


def revert_changes(submission: Submission, *, by: int | None) -> int:
    """Give the customer back what this message replaced; return how much.

    What was changed again since stays. Raises Conflict when nothing is left to give back.
    """
    if submission.customer_id is None or not submission.customer_changes:
        raise Conflict(_("There is nothing to give back."))
    customer = get_customer(submission.customer_id)
    now = read_customer_values(customer, submission.customer_changes)
    old = {
        name: before
        for name, (before, after) in submission.customer_changes.items()
        if name in now and now[name] == after
    }
    if not old:
        raise Conflict(_("All of this was changed again since. The timeline shows the values."))
    update_customer(submission.customer_id, old, by=by)
    submission.customer_changes = {}
    db.session.flush()
    return len(old)
