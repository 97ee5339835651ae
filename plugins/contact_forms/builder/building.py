"""Verbs on forms: create, save with all fields, close, archive, delete."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select

from core.api import Conflict, NotFound, ValidationFailed, _, db, ngettext, record_audit

from ..definition.definitions import FieldDefinition, define_form
from ..models import Form, FormField, FormState, Submission, new_revision
from ..sending.delivery import RESERVED_KEYS
from .starters import starter_fields
from .versions import has_versions, keep_version

_NOT_IN_KEY = re.compile(r"[^\w\-]+")
_KEY_LENGTH = 60


def create_form(
    title: str, slug: str, fields: Sequence[FieldDefinition], *, by: int | None = None, **values: Any
) -> Form:
    """Add an open form; raise ValidationFailed when the name in the address is taken."""
    _refuse_taken(slug, None)
    form = Form(title=title, slug=slug, **values)
    form.fields = _rows(fields)
    db.session.add(form)
    db.session.flush()
    keep_version(form, by=by)
    record_audit("contact_forms.form.created", target=("contact_forms.form", form.id), by=by)
    return form


def create_from_starter(title: str, slug: str, starter: str, *, by: int | None = None) -> Form:
    """Add an open form with a starter's fields in the current language."""
    return create_form(title, slug, starter_fields(starter), by=by)


def save_form(
    form_id: int, values: Mapping[str, Any], fields: Sequence[FieldDefinition], *, by: int | None = None
) -> Form:
    """Replace a form's settings and fields; raise ValidationFailed when its address is taken.

    Submissions carry their own labels and are not touched.
    """
    form = get_form(form_id)
    _refuse_taken(values["slug"], form_id)
    if not has_versions(form_id):
        # A form from before versions were kept.
        keep_version(form, by=None)
    for name, value in values.items():
        setattr(form, name, value)
    form.fields = []
    db.session.flush()
    form.fields = _rows(fields)
    form.revision = new_revision()
    db.session.flush()
    keep_version(form, by=by)
    record_audit("contact_forms.form.saved", target=("contact_forms.form", form_id), by=by)
    return form


def duplicate_form(form_id: int, *, by: int | None = None) -> Form:
    """Add a closed copy of a form with all its settings."""
    form = get_form(form_id)
    apart = {"id", "slug", "title", "state", "revision", "created_at", "updated_at"}
    names = [column.key for column in Form.__table__.columns if column.key not in apart]
    values = {name: getattr(form, name) for name in names}
    title = _("%(label)s (copy)", label=form.title)[:200]
    fields = define_form(form).fields
    return create_form(title, _free_slug(form.slug), fields, by=by, state=FormState.CLOSED, **values)


def _free_slug(slug: str) -> str:
    number = 2
    while db.session.scalar(select(Form.id).where(Form.slug == f"{slug[:70]}-{number}")) is not None:
        number += 1
    return f"{slug[:70]}-{number}"


def set_state(form_id: int, state: FormState, *, by: int | None = None) -> Form:
    """Open, close or archive a form."""
    form = get_form(form_id)
    form.state = state
    form.revision = new_revision()
    db.session.flush()
    record_audit(
        "contact_forms.form.state", target=("contact_forms.form", form_id), by=by, data={"state": str(state)}
    )
    return form


def delete_form(form_id: int, *, by: int | None = None) -> None:
    """Delete a form that nobody answered; raise Conflict when there are submissions."""
    form = get_form(form_id)
    count = count_submissions(form_id)
    if count:
        raise Conflict(
            ngettext(
                "This form holds %(num)s message. Archive it, or delete the message for ever first.",
                "This form holds %(num)s messages. Archive it, or delete the messages for ever first.",
                count,
            )
        )
    db.session.delete(form)
    db.session.flush()
    record_audit("contact_forms.form.deleted", target=("contact_forms.form", form_id), by=by)


def get_form(form_id: int) -> Form:
    """Return a form; raise NotFound when there is none."""
    form = db.session.get(Form, form_id)
    if form is None:
        raise NotFound(_("This form does not exist."))
    return form


def count_submissions(form_id: int) -> int:
    """Return how many submissions a form holds, in all folders."""
    return db.session.scalar(select(func.count()).where(Submission.form_id == form_id)) or 0


def _refuse_taken(slug: str, own_id: int | None) -> None:
    other = db.session.scalar(select(Form.id).where(Form.slug == slug))
    if other is not None and other != own_id:
        raise ValidationFailed({"slug": _("Another form has this name in its address.")})


def _rows(fields: Sequence[FieldDefinition]) -> list[FormField]:
    return [
        FormField(
            position=position,
            key=field.key,
            type=str(field.kind),
            label=field.label,
            help=field.help,
            required=field.required,
            saves_as=str(field.saves_as),
            options=_options(field),
        )
        for position, field in enumerate(with_keys(fields))
    ]


def _options(field: FieldDefinition) -> dict[str, Any]:
    options: dict[str, Any] = {
        "choices": list(field.choices),
        "statement": field.statement,
        "placeholder": field.placeholder,
    }
    return {**field.options.as_json(), **{name: value for name, value in options.items() if value}}


def with_keys(fields: Iterable[FieldDefinition]) -> list[FieldDefinition]:
    """Return the fields, those without a key with one made from their label."""
    fields = list(fields)
    taken = {field.key for field in fields if field.key} | RESERVED_KEYS
    keyed = []
    for field in fields:
        if not field.key:
            field = replace(field, key=_free_key(field, taken))
            taken.add(field.key)
        keyed.append(field)
    return keyed


def _free_key(field: FieldDefinition, taken: set[str] | frozenset[str]) -> str:
    base = _NOT_IN_KEY.sub("-", unicodedata.normalize("NFC", field.label)).strip("-")[:_KEY_LENGTH]
    base = base or str(field.kind)
    key, number = base, 2
    while key in taken:
        key, number = f"{base}-{number}", number + 1
    return key
