"""What a registration may ask, as the owner chose it from the customer fields."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.accounts.registration.consent_texts import ConsentKind, texts_in_use
from core.accounts.registration.words import MEMBER_TITLES
from core.conditions.fields import FieldType
from core.customers.attributes import Attribute, clean_all, require
from core.customers.entry_form import EntryForm, entry_form
from core.customers.registry import customer_attributes
from core.errors import ValidationFailed
from core.plugin_host.snapshot import current_snapshot
from core.theming.forms import FieldView, FormView, form_view

# What the staff think of a customer, and what identifies the account, is never asked here.
NOT_ASKED = frozenset(
    {
        "email",
        "stage",
        "rank",
        "labels",
        "source",
        "source_detail",
        "assigned_account_id",
        "last_confirmed_on",
        "is_decision_maker",
        "is_contact_person",
        "caution_note",
        "memo",
    }
)
_INPUT_TYPES: Mapping[FieldType, str] = {
    FieldType.PHONE: "tel",
    FieldType.DATE: "date",
    FieldType.EMAIL: "email",
}


def askable_attributes() -> Mapping[str, Attribute]:
    """Return everything that an owner may let members fill in, by name."""
    return {
        name: replace(attribute, title=MEMBER_TITLES.get(name, attribute.title))
        for name, attribute in customer_attributes().items()
        if name not in NOT_ASKED
    }


def asked_attributes() -> Mapping[str, Attribute]:
    """Return what the owner chose to ask, by name, in the order of the customer form."""
    site = current_snapshot().site
    chosen, required = set(site.registration_fields), set(site.registration_required)
    if any(text.kind == ConsentKind.NEWS for text in texts_in_use()):
        # The newsletter's own question says the same, with a text and a date.
        chosen.discard("may_contact")
    return {
        name: replace(attribute, required=name in required)
        for name, attribute in askable_attributes().items()
        if name in chosen
    }


def clean_answers(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the asked answers cleaned; raise ValidationFailed. What was not asked is left out."""
    attributes = asked_attributes()
    cleaned = clean_all(attributes, {name: values.get(name) for name in attributes})
    missing = require(attributes, cleaned)
    if missing:
        raise ValidationFailed(missing)
    return cleaned


def answers_form(values: Mapping[str, Any], typed: Any = None) -> EntryForm:
    """Return the form over the asked fields, filled with values or with what was typed."""
    attributes = asked_attributes()
    form = entry_form(attributes, values, typed)
    for name, attribute in attributes.items():
        kept = dict(form[name].render_kw or {})
        form[name].render_kw = {**kept, "autocomplete": attribute.autocomplete or "off"}
    return form


def answers_view(form: EntryForm, *, action: str, submit: str) -> FormView:
    """Return the form for a theme, with the right kind of input for each type."""
    view = form_view(form, action=action, submit=submit)
    return replace(view, fields=tuple(_suited(form.attributes.get(f.name), f) for f in view.fields))


def _suited(attribute: Attribute | None, field: FieldView) -> FieldView:
    if attribute is None:
        return field
    if attribute.type is FieldType.BOOLEAN:
        return replace(field, type="radio", choices=tuple(c for c in field.choices if c.value))
    if attribute.type in (FieldType.INTEGER, FieldType.MONEY):
        return replace(field, inputmode="numeric")
    return replace(field, type=_INPUT_TYPES.get(attribute.type, field.type))
