"""Verbs of labels: add, change, delete, put on many customers."""

from typing import Any

from sqlalchemy import Select, delete, func, insert, literal, select

from core.activity.services import record_audit
from core.customers.choices import LABEL_COLORS
from core.customers.models import CustomerLabel, Label
from core.db import db
from core.errors import Conflict, NotFound, ValidationFailed
from core.i18n import _
from core.security.hygiene import is_clean
from core.settings.services import bump_version

MAX_LABELS = 200
MAX_NAME = 60


def create_label(name: str, color: str = "blue", *, by: int | None = None) -> Label:
    """Add a label; raise ValidationFailed or Conflict."""
    if db.session.execute(select(func.count(Label.id))).scalar_one() >= MAX_LABELS:
        raise Conflict(_("There can be at most %(limit)s labels.", limit=MAX_LABELS))
    name = _check(name, color)
    if db.session.execute(select(Label.id).where(Label.key == name)).first():
        raise ValidationFailed({"name": _("There already is a label called so.")})
    last = db.session.execute(select(func.max(Label.position))).scalar()
    label = Label(key=name, name=name, color=color, position=(last or 0) + 1)
    db.session.add(label)
    _changed("label.created", label, by)
    return label


def update_label(label_id: int, name: str, color: str, *, by: int | None = None) -> Label:
    """Change how a label is called and looks; conditions keep finding it by its key."""
    label = get_label(label_id)
    label.name, label.color = _check(name, color), color
    _changed("label.updated", label, by)
    return label


def delete_label(label_id: int, *, by: int | None = None) -> None:
    """Delete a label and take it off every customer."""
    label = get_label(label_id)
    db.session.delete(label)
    _changed("label.deleted", label, by)


def list_labels() -> list[Label]:
    """Return the labels in their order."""
    return list(db.session.execute(select(Label).order_by(Label.position, Label.id)).scalars())


def count_labelled() -> dict[int, int]:
    """Return how many customers carry each label, by label id."""
    query = select(CustomerLabel.label_id, func.count().label("number")).group_by(CustomerLabel.label_id)
    return {row.label_id: row.number for row in db.session.execute(query)}


def get_label(label_id: int) -> Label:
    """Return a label; raise NotFound."""
    label = db.session.get(Label, label_id)
    if label is None:
        raise NotFound(_("There is no such label."))
    return label


def add_label_to(customer_ids: Select[Any], label_id: int) -> int:
    """Put a label on all customers that a `select()` of ids finds; return how many were new."""
    chosen = customer_ids.subquery()
    has_it = select(CustomerLabel.customer_id).where(CustomerLabel.label_id == label_id)
    rows = select(chosen.c[0], literal(label_id)).where(chosen.c[0].not_in(has_it))
    statement = insert(CustomerLabel).from_select(["customer_id", "label_id"], rows)
    # Without the option, PostgreSQL's driver does not tell how many rows an INSERT made.
    counted = statement.execution_options(preserve_rowcount=True)
    return int(db.session.execute(counted).rowcount)  # type: ignore[attr-defined]


def remove_label_from(customer_ids: Select[Any], label_id: int) -> int:
    """Take a label off all customers that a `select()` of ids finds; return how many had it."""
    chosen = customer_ids.subquery()
    statement = delete(CustomerLabel).where(
        CustomerLabel.label_id == label_id, CustomerLabel.customer_id.in_(select(chosen.c[0]))
    )
    return int(db.session.execute(statement.execution_options(synchronize_session=False)).rowcount)  # type: ignore[attr-defined]


def _check(name: str, color: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME or not is_clean(name):
        raise ValidationFailed({"name": _("Enter a name of at most %(limit)s characters.", limit=MAX_NAME)})
    if all(choice.value != color for choice in LABEL_COLORS):
        raise ValidationFailed({"color": _("Choose a colour.")})
    return name


def _changed(action: str, label: Label, by: int | None) -> None:
    db.session.flush()
    bump_version()
    record_audit(action, target=("label", label.id), by=by)
