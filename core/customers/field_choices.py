"""What becomes of old values when a choice is no longer offered: kept, emptied, or another one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select, update

from core.activity.services import record_audit
from core.customers.models import CustomField, CustomValue
from core.db import db, transaction
from core.errors import ValidationFailed
from core.i18n import _
from core.jobs.services import enqueue
from core.settings.services import bump_version

KEEP, EMPTY, BECOMES = "keep", "empty", "to:"
MOVE_JOB = "core.customers.move_choice"
MOST_AT_ONCE = 2_000
_BATCH = 500


@dataclass(frozen=True, slots=True)
class GoneChoice:
    """A choice that is taken off the list while customers still have it."""

    value: str
    label: str
    count: int


def read_choices(lines: Sequence[str]) -> list[dict[str, str]]:
    """Return the choices in lines of `label` or `value=label`; the last of twins is left out."""
    found: dict[str, str] = {}
    for line in lines:
        value, equals, label = line.strip().partition("=")
        value, label = value.strip(), label.strip()
        if value:
            found.setdefault(value, label if equals and label else value)
    return [{"value": value, "label": label} for value, label in found.items()]


def write_choices(field: CustomField) -> str:
    """Return the choices that a field offers as the lines that `read_choices` reads."""
    return "\n".join(
        choice["value"] if choice["value"] == choice["label"] else f"{choice['value']}={choice['label']}"
        for choice in field.choices
        if not choice.get("retired")
    )


def gone_choices(field: CustomField, lines: Sequence[str]) -> list[GoneChoice]:
    """Return what the lines no longer offer though customers have it."""
    offered = {choice["value"] for choice in read_choices(lines)}
    gone = {
        c["value"]: c["label"] for c in field.choices if c["value"] not in offered and not c.get("retired")
    }
    if not gone:
        return []
    query = select(CustomValue.text_key, func.count()).where(
        CustomValue.field_id == field.id, CustomValue.text_key.in_(gone)
    )
    counts = dict(db.session.execute(query.group_by(CustomValue.text_key)).all())
    return [GoneChoice(value, label, counts[value]) for value, label in gone.items() if counts.get(value)]


def change_choices(
    field: CustomField, lines: Sequence[str], answers: Mapping[str, str], *, by: int | None
) -> None:
    """Offer other choices, and carry out what was answered for those that customers still have.

    An answer is `keep`, `empty` or `to:` with another choice. Raises ValidationFailed when one
    is missing.
    """
    offered = read_choices(lines)
    values = {choice["value"] for choice in offered}
    gone = gone_choices(field, lines)
    for choice in gone:
        if not _is_answer(answers.get(choice.value, ""), values):
            raise ValidationFailed({"choices": _("Say what happens to “%(choice)s”.", choice=choice.label)})
    held = {choice.value for choice in gone}
    kept = [
        {**choice, "retired": True}
        for choice in field.choices
        if choice["value"] not in values and (choice.get("retired") or choice["value"] in held)
    ]
    field.choices = [*offered, *kept]
    db.session.flush()
    for choice in gone:
        _settle(field, choice, answers[choice.value], by)


def _is_answer(answer: str, values: set[str]) -> bool:
    return answer in (KEEP, EMPTY) or (answer.startswith(BECOMES) and answer.removeprefix(BECOMES) in values)


def _settle(field: CustomField, choice: GoneChoice, answer: str, by: int | None) -> None:
    record_audit(
        "field.choice_gone",
        target=("field", field.id),
        by=by,
        data={"choice": choice.value, "customers": choice.count, "answer": answer},
    )
    if answer == KEEP:
        return
    new = None if answer == EMPTY else answer.removeprefix(BECOMES)
    if choice.count > MOST_AT_ONCE:
        enqueue(MOVE_JOB, {"field_id": field.id, "old": choice.value, "new": new})
        return
    while _move_some(field.id, choice.value, new):
        pass
    _forget_choice(field.id, choice.value)


def move_values(progress: Callable[..., Any], field_id: int, old: str, new: str | None) -> None:
    """Carry out the rest of what was answered, a batch in each transaction; a job."""
    done = 0
    while True:
        with transaction():
            moved = _move_some(field_id, old, new)
            if not moved:
                _forget_choice(field_id, old)
                return
        done += moved
        progress(done, None)


def _move_some(field_id: int, old: str, new: str | None) -> int:
    """Give some customers the new value instead, or none; return how many."""
    mine = CustomValue.field_id == field_id
    some = select(CustomValue.customer_id).where(mine, CustomValue.text_key == old).limit(_BATCH)
    ids = list(db.session.execute(some).scalars())
    if not ids:
        return 0
    theirs = (mine, CustomValue.customer_id.in_(ids))
    having = set()
    if new is not None:
        query = select(CustomValue.customer_id).where(*theirs, CustomValue.text_key == new)
        having = set(db.session.execute(query).scalars())
    changing = [] if new is None else [number for number in ids if number not in having]
    if changing:
        statement = update(CustomValue).where(mine, CustomValue.customer_id.in_(changing))
        statement = statement.where(CustomValue.text_key == old).values(text_key=new, text_value=new)
        db.session.execute(statement.execution_options(synchronize_session=False))
    left = delete(CustomValue).where(*theirs, CustomValue.text_key == old)
    db.session.execute(left.execution_options(synchronize_session=False))
    return len(ids)


def _forget_choice(field_id: int, value: str) -> None:
    field = db.session.get(CustomField, field_id)
    if field is None:
        return
    field.choices = [c for c in field.choices if c["value"] != value or not c.get("retired")]
    db.session.flush()
    bump_version()
