"""What the theme's templates get to draw a form."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import url_for
from markupsafe import Markup

from core.api import ChoiceView, FieldView, FormView, _, view_object

from .cleaning import readable
from .definitions import FieldDefinition, FormDefinition, Kind, SavesAs
from .delivery import ONCE_FIELD, STARTED_FIELD, TRAP_FIELD, Delivery
from .validation import Checked
from .visits import new_once, sign_start

_INPUT_TYPES = {
    Kind.KANA: "text",
    Kind.ACCEPTANCE: "checkbox",
}
_INPUT_MODES = {Kind.EMAIL: "email", Kind.TEL: "tel"}
_AUTOCOMPLETE = {
    SavesAs.NAME: "name",
    SavesAs.FAMILY_NAME: "family-name",
    SavesAs.GIVEN_NAME: "given-name",
    SavesAs.EMAIL: "email",
    SavesAs.PHONE: "tel",
}


@view_object
class ContactFormView:
    """A form as the theme draws it; `form` holds its visible fields, `hidden` what goes with them."""

    slug: str
    title: str
    intro: tuple[str, ...]
    is_open: bool
    form: FormView
    hidden: tuple[FieldView, ...]
    trap: FieldView


@view_object
class ThanksView:
    """What the visitor sees after sending."""

    title: str
    message: tuple[str, ...]
    receipt: str


@view_object
class FormPageView:
    """The page around a form, as `site/page.html` expects a page."""

    title: str
    slug: str
    body: Markup
    excerpt: str = ""
    updated_at: None = None
    is_preview: bool = False


def present_form(
    definition: FormDefinition,
    checked: Checked | None = None,
    delivery: Delivery | None = None,
    problem: str = "",
) -> ContactFormView:
    """Return the form to draw: empty, or with what was typed and what is wrong with it."""
    errors = checked.errors if checked else {}
    fields = tuple(
        _present_field(definition, f, _typed(f, delivery), errors.get(f.key)) for f in definition.fields
    )
    whole = (("", "", problem),) if problem else ()
    return ContactFormView(
        slug=definition.slug,
        title=definition.title,
        intro=_lines(definition.intro),
        is_open=definition.is_open,
        form=FormView(
            action=url_for("contact_forms.submit", slug=definition.slug),
            method="post",
            fields=fields,
            errors=whole + _summary(definition, errors),
            submit=definition.submit_label or _("Send"),
            multipart=False,
        ),
        # A page shown again keeps its key and its start: correcting one word takes no time.
        hidden=(
            _hidden(ONCE_FIELD, (delivery and delivery.once) or new_once()),
            _hidden(STARTED_FIELD, (delivery and delivery.started) or sign_start(definition.id)),
        ),
        trap=_plain_field(TRAP_FIELD, "text", _("Leave this empty"), autocomplete="off"),
    )


def present_preview(definition: FormDefinition) -> ContactFormView:
    """Return the form to look at: its button sends nothing."""
    view = present_form(definition)
    form = replace(view.form, method="get", action="")
    return replace(view, form=form, hidden=(), is_open=True)


def present_thanks(message: str, receipt: str) -> ThanksView:
    """Return what to say to whoever just sent a form."""
    return ThanksView(title=_("Thank you"), message=_lines(message), receipt=receipt)


def page_around(title: str, slug: str, body: Markup) -> FormPageView:
    """Return the page that the theme draws around a form or a message."""
    return FormPageView(title=title, slug=slug, body=body)


def _summary(definition: FormDefinition, errors: Mapping[str, str]) -> tuple[tuple[str, str, str], ...]:
    wrong = (field for field in definition.fields if field.key in errors)
    return tuple((field_id(definition, field), field.label, errors[field.key]) for field in wrong)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _typed(field: FieldDefinition, delivery: Delivery | None) -> list[str]:
    return readable(delivery.values.get(field.key, ())) if delivery else []


def field_id(definition: FormDefinition, field: FieldDefinition) -> str:
    """Return the id of a field's input; several forms may stand on one page."""
    return f"{definition.slug}-{field.key}"


def _present_field(
    definition: FormDefinition, field: FieldDefinition, typed: Sequence[str], error: str | None
) -> FieldView:
    return _plain_field(
        field.key,
        _INPUT_TYPES.get(field.kind, str(field.kind)),
        field.statement if field.kind is Kind.ACCEPTANCE and field.statement else field.label,
        id=field_id(definition, field),
        required=field.required,
        help=field.help,
        value=_typed_value(field, typed),
        choices=_present_choices(field, typed),
        errors=(error,) if error else (),
        autocomplete=_AUTOCOMPLETE.get(field.saves_as, ""),  # type: ignore[call-overload]
        inputmode=_INPUT_MODES.get(field.kind, ""),
        placeholder=field.placeholder,
        maxlength=field.max_length,
    )


def _present_choices(field: FieldDefinition, typed: Sequence[str]) -> tuple[ChoiceView, ...]:
    choices = tuple(ChoiceView(value=c, label=c, checked=c in typed) for c in field.choices)
    if field.kind is not Kind.SELECT:
        return choices
    return (ChoiceView(value="", label=_("Please choose"), checked=not typed), *choices)


def _typed_value(field: FieldDefinition, typed: Sequence[str]) -> Any:
    text = typed[0] if typed else ""
    return bool(text) if field.kind is Kind.ACCEPTANCE else text


def _hidden(name: str, value: str) -> FieldView:
    return _plain_field(name, "hidden", "", value=value)


def _plain_field(name: str, kind: str, label: str, **given: Any) -> FieldView:
    values: dict[str, Any] = {
        "id": name,
        "required": False,
        "help": "",
        "value": "",
        "choices": (),
        "errors": (),
        "autocomplete": "",
        "inputmode": "",
        "placeholder": "",
        "maxlength": None,
        **given,
    }
    return FieldView(name=name, type=kind, label=label, **values)
