"""Forms as themes see them: `form_view()` turns a WTForms form into plain frozen values."""

from collections.abc import Iterable
from typing import Any

from wtforms import Field, Form, fields, validators, widgets

from core.i18n import _
from core.theming.view_objects import view_object


@view_object
class ChoiceView:
    """One choice of a select, radio or checkbox field."""

    value: str
    label: str
    checked: bool = False


@view_object
class FieldView:
    """One field: what to draw, what was typed, and what is wrong with it.

    `type` is text, email, tel, textarea, select, radio, checkboxes, date, checkbox, password,
    number, range, url, file or hidden; step is a heading that asks nothing.
    """

    id: str
    name: str
    type: str
    label: str
    required: bool = False
    help: str = ""
    value: str = ""
    choices: tuple[ChoiceView, ...] = ()
    errors: tuple[str, ...] = ()
    autocomplete: str = ""
    inputmode: str = ""
    placeholder: str = ""
    maxlength: int | None = None
    minlength: int | None = None
    minimum: str = ""
    maximum: str = ""
    step: str = ""
    size: int | None = None
    rows: int | None = None
    multiple: bool = False
    readonly: bool = False
    accept: str = ""


@view_object
class FormView:
    """A form; `errors` lists (field id, label, message) for the summary on top."""

    action: str
    method: str
    fields: tuple[FieldView, ...]
    errors: tuple[tuple[str, str, str], ...]
    submit: str
    multipart: bool = False


# The first class that fits counts, so the special ones stand before their bases.
_TYPES: tuple[tuple[type[Field], str], ...] = (
    (fields.HiddenField, "hidden"),
    (fields.PasswordField, "password"),
    (fields.EmailField, "email"),
    (fields.TelField, "tel"),
    (fields.URLField, "url"),
    (fields.TextAreaField, "textarea"),
    (fields.RadioField, "radio"),
    (fields.SelectMultipleField, "checkboxes"),
    (fields.SelectField, "select"),
    (fields.DateField, "date"),
    (fields.IntegerField, "number"),
    (fields.BooleanField, "checkbox"),
    (fields.FileField, "file"),
)


def form_view(form: Form, *, action: str = "", submit: str = "", method: str = "post") -> FormView:
    """Return `form` for a site template; `submit` is the verb on its button.

    A field's `description` is its help; `render_kw` may hold autocomplete, inputmode,
    placeholder and maxlength.
    """
    views = tuple(field_view(f) for f in form if not isinstance(f, fields.SubmitField))
    errors = [(v.id, v.label, message) for v in views for message in v.errors]
    errors += [("", "", str(message)) for message in getattr(form, "form_errors", ())]
    return FormView(
        action=action,
        method=method,
        fields=views,
        errors=tuple(errors),
        submit=submit or _("Send"),
        multipart=any(v.type == "file" for v in views),
    )


def field_view(field: Field) -> FieldView:
    """Return one WTForms field for a site template."""
    kind = next((name for cls, name in _TYPES if isinstance(field, cls)), "text")
    given = field.render_kw or {}
    return FieldView(
        id=field.id,
        name=field.name,
        type=kind,
        label=str(field.label.text),
        required=bool(field.flags.required),
        help=str(field.description or ""),
        value=_value(field, kind),
        choices=_choices(field),
        errors=tuple(str(e) for e in _flat(field.errors)),
        autocomplete=str(given.get("autocomplete", "")),
        inputmode=str(given.get("inputmode", "")),
        placeholder=str(given.get("placeholder", "")),
        maxlength=given.get("maxlength") or _longest(field),
    )


def _value(field: Field, kind: str) -> str:
    if kind in ("password", "file", "checkboxes"):
        return ""
    if kind == "checkbox":
        return "1" if field.data else ""
    text = field._value() if hasattr(field, "_value") else field.data
    return "" if text is None else str(text)


def _choices(field: Field) -> tuple[ChoiceView, ...]:
    if not isinstance(field, fields.SelectFieldBase) or not hasattr(field, "iter_choices"):
        return ()
    if isinstance(field.widget, widgets.Input):
        return ()
    return tuple(
        ChoiceView(value=str(choice[0]), label=str(choice[1]), checked=bool(choice[2]))
        for choice in field.iter_choices()
    )


def _flat(errors: Iterable[Any]) -> Iterable[Any]:
    for error in errors:
        if isinstance(error, list | tuple):
            yield from _flat(error)
        else:
            yield error


def _longest(field: Field) -> int | None:
    limits = [v.max for v in field.validators if isinstance(v, validators.Length) and v.max > 0]
    return min(limits, default=None)
