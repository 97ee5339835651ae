"""Forms made from attributes: one definition gives the form, its cleaning and its messages."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict
from wtforms import Field, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import DateInput, DateTimeLocalInput, EmailInput, TelInput, TextInput

from core.admin.forms import BaseForm, CheckboxesField
from core.conditions.fields import FieldType
from core.customers.attributes import Attribute
from core.customers.field_groups import group_titles
from core.i18n import _, select_timezone

_WIDGETS: Mapping[FieldType, Any] = {
    FieldType.DATE: DateInput(),
    FieldType.DATETIME: DateTimeLocalInput(),
    FieldType.EMAIL: EmailInput(),
    FieldType.PHONE: TelInput(),
}
_SIZES: Mapping[FieldType, str] = {
    **dict.fromkeys((FieldType.DATE, FieldType.INTEGER, FieldType.MONEY, FieldType.BOOLEAN), "short"),
    **dict.fromkeys((FieldType.DATETIME, FieldType.PHONE, FieldType.PREFECTURE, FieldType.CHOICE), "medium"),
}


class EntryForm(BaseForm):
    """A form over attributes; make one with `entry_form()`. It keeps texts, services clean them."""

    attributes: Mapping[str, Attribute] = {}

    @property
    def values(self) -> dict[str, Any]:
        """Return what was typed, by attribute name."""
        return {name: self[name].data for name, one in self.attributes.items() if not one.locked}

    def groups(self) -> list[tuple[str, Any, list[Field]]]:
        """Return the fields by group: name, title, fields."""
        found: dict[str, list[Field]] = {}
        for name, attribute in self.attributes.items():
            found.setdefault(attribute.group, []).append(self[name])
        return [(group, title, found[group]) for group, title in group_titles().items() if group in found]

    def size(self, name: str) -> str | None:
        """Return how wide the field's input is."""
        return _SIZES.get(self.attributes[name].type)


def entry_form(
    attributes: Mapping[str, Attribute], values: Mapping[str, Any], typed: Any = None
) -> EntryForm:
    """Return a form over `attributes` that shows `values`, or what was `typed` (request.form).

    What is locked is shown and cannot be typed; give `values` beside `typed` to keep it in sight.
    """
    fields = {
        name: _locked(attribute)
        if attribute.locked
        else _field(attribute, _chosen(attribute, values.get(name), typed))
        for name, attribute in attributes.items()
    }
    form_class = type("EntryForm", (EntryForm,), {**fields, "attributes": attributes})
    known = values if typed is None else {}
    shown = {
        name: _said(attribute, values.get(name)) if attribute.locked else _shown(attribute, known.get(name))
        for name, attribute in attributes.items()
    }
    form: EntryForm = form_class(_without_locked(typed, attributes), data=shown)
    for name, attribute in attributes.items():
        form[name].flags.required = attribute.required
    return form


def _without_locked(typed: Any, attributes: Mapping[str, Attribute]) -> Any:
    if typed is None or not any(attribute.locked for attribute in attributes.values()):
        return typed
    locked = {name for name, attribute in attributes.items() if attribute.locked}
    return MultiDict([(name, value) for name, value in typed.items(multi=True) if name not in locked])


def _chosen(attribute: Attribute, value: Any, typed: Any) -> set[str]:
    """Return the choices that must be on offer, though they may be retired."""
    held = value if isinstance(value, list) else [value]
    return {str(item) for item in (*held, *(typed.getlist(attribute.name) if typed is not None else ()))}


def in_groups(attributes: Mapping[str, Attribute], groups: Iterable[str]) -> dict[str, Attribute]:
    """Return the attributes of some groups."""
    wanted = set(groups)
    return {name: attribute for name, attribute in attributes.items() if attribute.group in wanted}


def _locked(attribute: Attribute) -> Any:
    render = {"disabled": True, **({"rows": 4} if attribute.multiline else {})}
    kind = TextAreaField if attribute.multiline else StringField
    return kind(attribute.title, description=_("You may see this, but not change it."), render_kw=render)


def _said(attribute: Attribute, value: Any) -> str:
    labels = {choice.value: str(choice.label) for choice in attribute.list_choices()}
    if isinstance(value, list):
        return _(", ").join(labels.get(item, str(item)) for item in value)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    text = str(_shown(attribute, value))
    return attribute.mask(text) if attribute.mask is not None else labels.get(text, text)


def _field(attribute: Attribute, chosen: Collection[str] = ()) -> Any:
    title, help_text = attribute.title, attribute.help
    match attribute.type:
        case FieldType.CHOICE | FieldType.PREFECTURE:
            blank = [] if attribute.required else [SelectChoice("", _("Not chosen"))]
            return SelectField(title, description=help_text, choices=[*blank, *_options(attribute, chosen)])
        case FieldType.BOOLEAN:
            return SelectField(title, description=help_text, choices=_yes_no())
        case FieldType.MULTI if attribute.choices:
            return CheckboxesField(title, description=help_text, choices=_options(attribute, chosen))
    if attribute.multiline:
        render = {"rows": 4, "maxlength": attribute.limit}
        return TextAreaField(title, description=help_text, render_kw=render)
    return StringField(
        title,
        description=help_text,
        widget=_WIDGETS.get(attribute.type, TextInput()),
        render_kw=_render(attribute),
    )


def _options(attribute: Attribute, chosen: Collection[str]) -> list[SelectChoice]:
    return [
        SelectChoice(choice.value, _("%(label)s (no longer offered)", label=choice.label))
        if choice.retired
        else SelectChoice(choice.value, choice.label)
        for choice in attribute.list_choices()
        if not choice.retired or choice.value in chosen
    ]


def _yes_no() -> list[SelectChoice]:
    return [SelectChoice("", _("Not known")), SelectChoice("true", _("Yes")), SelectChoice("false", _("No"))]


def _render(attribute: Attribute) -> dict[str, Any]:
    render: dict[str, Any] = {"autocomplete": "off"}
    if attribute.type in (FieldType.TEXT, FieldType.EMAIL, FieldType.PHONE):
        render["maxlength"] = attribute.limit
    if attribute.type in (FieldType.INTEGER, FieldType.MONEY):
        render.update(inputmode="numeric", maxlength=30)
    if attribute.name == "company_name":
        render["list"] = "company-names"
    if attribute.name == "label":
        render["list"] = "point-labels"
    return render


def _shown(attribute: Attribute, value: Any) -> Any:
    if attribute.type is FieldType.MULTI:
        return list(value or ()) if attribute.choices else _(", ").join(value or ())
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return f"{value.astimezone(ZoneInfo(select_timezone())):%Y-%m-%dT%H:%M}"
    return value.isoformat() if isinstance(value, dt.date) else str(value)
