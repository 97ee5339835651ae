"""Verbs of the owner's own fields: add, change, arrange, archive, delete."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select

from core.activity.services import record_audit
from core.conditions.fields import FieldType
from core.customers.attributes import clean
from core.customers.cleaning import BadInput
from core.customers.custom_attributes import attribute_of
from core.customers.field_choices import change_choices, read_choices
from core.customers.field_groups import list_groups
from core.customers.field_rights import forget_rights
from core.customers.models import CustomField
from core.db import db, utcnow
from core.errors import Conflict, NotFound, ValidationFailed
from core.i18n import _, _l
from core.security.hygiene import is_clean
from core.settings.services import bump_version

MAX_FIELDS = 200
MAX_CHOICES = 200
MAX_LABEL = 100
MAX_DEFAULT = 500
WITH_CHOICES = frozenset({FieldType.CHOICE, FieldType.MULTI})
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")

TYPE_TITLES: Mapping[FieldType, Any] = {
    FieldType.TEXT: _l("Text"),
    FieldType.INTEGER: _l("Whole number"),
    FieldType.MONEY: _l("Amount of money"),
    FieldType.DATE: _l("Date"),
    FieldType.DATETIME: _l("Date and time"),
    FieldType.CHOICE: _l("One of a list"),
    FieldType.MULTI: _l("Several of a list"),
    FieldType.BOOLEAN: _l("Yes or no"),
    FieldType.EMAIL: _l("E-mail address"),
    FieldType.PHONE: _l("Telephone number"),
    FieldType.PREFECTURE: _l("Prefecture"),
}


@dataclass(frozen=True, slots=True)
class FieldDraft:
    """What an owner says about a field. `choices` are labels, or `value=label`, one each.

    `default` is what a new customer gets, as it would be typed; `group` is the key of a group.
    """

    title: str
    type: str = FieldType.TEXT
    name: str = ""
    help: str = ""
    choices: Sequence[str] = ()
    is_required: bool = False
    default: str = ""
    group: str = ""


def create_custom_field(draft: FieldDraft, *, by: int | None = None) -> CustomField:
    """Add a field of the owner's own to every customer; raise ValidationFailed or Conflict."""
    if db.session.execute(select(func.count(CustomField.id))).scalar_one() >= MAX_FIELDS:
        raise Conflict(_("There can be at most %(limit)s own fields.", limit=MAX_FIELDS))
    errors = _check(draft)
    name = draft.name.strip() or _make_name(draft.title)
    if not _NAME.fullmatch(name):
        errors["name"] = _("Use small letters a to z, digits and underscores, beginning with a letter.")
    elif _taken(name):
        errors["name"] = _("Another field already has this name.")
    if draft.type not in TYPE_TITLES:
        errors["type"] = _("Choose what kind of value it holds.")
    if errors:
        raise ValidationFailed(errors)
    last = db.session.execute(select(func.max(CustomField.position))).scalar()
    field = CustomField(name=name, type=draft.type, position=(last or 0) + 1)
    field.choices = read_choices(draft.choices) if draft.type in WITH_CHOICES else []
    _apply(field, draft)
    db.session.add(field)
    _changed("field.created", field, by)
    return field


def update_custom_field(
    field_id: int, draft: FieldDraft, *, gone: Mapping[str, str] | None = None, by: int | None = None
) -> CustomField:
    """Change a field; its name and type stay, because conditions and values depend on them.

    `gone` says what becomes of choices that customers have and the draft no longer offers.
    """
    field = get_custom_field(field_id)
    draft = replace(draft, type=field.type, name=field.name)
    errors = _check(draft)
    if errors:
        raise ValidationFailed(errors)
    if field.type in WITH_CHOICES:
        change_choices(field, draft.choices, gone or {}, by=by)
    _apply(field, draft)
    _changed("field.updated", field, by)
    return field


def delete_custom_field(field_id: int, *, by: int | None = None) -> None:
    """Delete a field with every customer's values in it."""
    field = get_custom_field(field_id)
    forget_rights(field.key)
    db.session.delete(field)
    _changed("field.deleted", field, by)


def archive_custom_field(field_id: int, *, archived: bool, by: int | None = None) -> CustomField:
    """Put a field away with its values, or take it back; nothing is deleted."""
    field = get_custom_field(field_id)
    field.archived_at = (field.archived_at or utcnow()) if archived else None
    _changed("field.archived" if archived else "field.restored", field, by)
    return field


def arrange_fields(order: Sequence[tuple[str, int]]) -> None:
    """Put fields into groups and in order: each entry is the key of a group and the id of a field.

    Fields that nobody names stay below the others; unknown groups and fields are passed over.
    """
    groups = {group.key for group in list_groups()}
    fields = {field.id: field for field in list_custom_fields()}
    named = [(key, fields.pop(field_id)) for key, field_id in order if field_id in fields]
    for key, field in named:
        field.group_key = key if key in groups else None
    for position, field in enumerate([*(field for _key, field in named), *fields.values()], 1):
        field.position = position
    db.session.flush()
    bump_version()


def move_custom_field(field_id: int, step: int, *, by: int | None = None) -> None:
    """Move a field up (-1) or down (1) within its group."""
    wanted = get_custom_field(field_id)
    mates = [f for f in list_custom_fields() if f.group_key == wanted.group_key and not f.archived_at]
    if wanted not in mates:
        raise NotFound(_("There is no such field."))
    place = mates.index(wanted)
    other = mates[max(0, min(len(mates) - 1, place + step))]
    wanted.position, other.position = other.position, wanted.position
    db.session.flush()
    bump_version()


def list_custom_fields() -> list[CustomField]:
    """Return the owner's fields in their order."""
    query = select(CustomField).order_by(CustomField.position, CustomField.id)
    return list(db.session.execute(query).scalars())


def get_custom_field(field_id: int) -> CustomField:
    """Return one of the owner's fields; raise NotFound."""
    field = db.session.get(CustomField, field_id)
    if field is None:
        raise NotFound(_("There is no such field."))
    return field


def _apply(field: CustomField, draft: FieldDraft) -> None:
    field.title = draft.title.strip()
    field.help = draft.help.strip() or None
    field.is_required = draft.is_required
    field.default_value = draft.default.strip() or None
    known = {group.key for group in list_groups()}
    field.group_key = draft.group if draft.group in known else None


def _check(draft: FieldDraft) -> dict[str, str]:
    errors: dict[str, str] = {}
    if not draft.title.strip() or len(draft.title) > MAX_LABEL or not is_clean(draft.title):
        errors["title"] = _("Enter a title of at most %(limit)s characters.", limit=MAX_LABEL)
    if len(draft.help) > 300 or not is_clean(draft.help):
        errors["help"] = _("This is too long: at most %(limit)s characters.", limit=300)
    if draft.type in WITH_CHOICES:
        choices = read_choices(draft.choices)
        if not choices:
            errors["choices"] = _("Enter the choices, one on each line.")
        elif len(choices) > MAX_CHOICES:
            errors["choices"] = _("Give at most %(limit)s.", limit=MAX_CHOICES)
        elif not all(_is_good_choice(choice) for choice in choices):
            errors["choices"] = _("A choice can have at most %(limit)s characters.", limit=MAX_LABEL)
    if draft.default.strip() and draft.type in TYPE_TITLES and "choices" not in errors:
        errors.update(_default_problem(draft))
    return errors


def _default_problem(draft: FieldDraft) -> dict[str, str]:
    trial = CustomField(
        id=0, name="trial", title=draft.title, type=draft.type, choices=read_choices(draft.choices)
    )
    if len(draft.default) > MAX_DEFAULT:
        return {"default": _("This is too long: at most %(limit)s characters.", limit=MAX_DEFAULT)}
    try:
        clean(attribute_of(trial), draft.default)
    except BadInput as problem:
        return {"default": str(problem)}
    return {}


def _is_good_choice(choice: Mapping[str, str]) -> bool:
    return all(len(text) <= MAX_LABEL and is_clean(text) for text in choice.values())


def _make_name(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode("ascii").lower()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:30]
    stem = name if name and name[0].isalpha() else "field"
    number, wanted = 1, stem
    while _taken(wanted):
        number += 1
        wanted = f"{stem}_{number}"
    return wanted


def _taken(name: str) -> bool:
    return db.session.execute(select(CustomField.id).where(CustomField.name == name)).first() is not None


def _changed(action: str, field: CustomField, by: int | None) -> None:
    db.session.flush()
    bump_version()
    record_audit(action, target=("field", field.id), by=by, data={"name": field.name})
