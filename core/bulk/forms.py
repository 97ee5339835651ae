"""Asks what to do to many customers: first which field, then with what."""

from collections.abc import Iterable
from typing import Any

from flask import request
from wtforms import HiddenField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.fields.core import UnboundField

from core.admin.forms import BaseForm
from core.admin.signed_in import signed_in
from core.bulk.changes import check_change, editable_attributes, manners
from core.bulk.words import how_title
from core.customers.attributes import GROUP_TITLES, Attribute
from core.customers.choices import STAGES
from core.customers.entry_form import entry_form
from core.customers.label_services import list_labels
from core.customers.lists import staff_choices
from core.errors import ValidationFailed
from core.i18n import _l

NOBODY = "0"


def edit_form() -> type[BaseForm]:
    """Return the form for the field that was chosen, or the one that asks for it."""
    offered = editable_attributes(signed_in())
    chosen = offered.get(request.form.get("field", ""))
    return _field_form(offered.values()) if chosen is None else _value_form(chosen)


def _field_form(offered: Iterable[Attribute]) -> type[BaseForm]:
    choices = [
        SelectChoice(one.name, str(one.title), optgroup=str(GROUP_TITLES.get(one.group, one.group)))
        for one in offered
    ]

    class FieldForm(BaseForm):
        goes_on = True
        field = SelectField(_l("Field to change"), choices=choices)

    return FieldForm


def _value_form(chosen: Attribute) -> type[BaseForm]:
    ways = manners(chosen)
    value = type(entry_form({"value": chosen}, {})).value

    class ValueForm(BaseForm):
        field = HiddenField(default=chosen.name)
        how = RadioField(
            _l("How to change it"),
            choices=[SelectChoice(way, how_title(way, chosen)) for way in ways],
            default=ways[0],
        )

        def validate(self, extra_validators: Any = None) -> bool:
            """Check by the rules of the field, so that the question comes back with the message."""
            if not super().validate(extra_validators):
                return False
            try:
                check_change(chosen.name, self.how.data, self.value.data, {chosen.name: chosen})
            except ValidationFailed as refusal:
                self.value.errors = [str(text) for text in refusal.errors.values()]
                return False
            return True

    # Made anew, because forms show their fields in the order of making.
    again = UnboundField(value.field_class, *value.args, **value.kwargs)
    ValueForm.value = again
    return ValueForm


def label_form() -> type[BaseForm]:
    """Return the form that asks for a label."""

    class LabelForm(BaseForm):
        label = SelectField(
            _l("Label"), choices=[SelectChoice(str(row.id), row.name) for row in list_labels()]
        )

    return LabelForm


def stage_form() -> type[BaseForm]:
    """Return the form that asks for a stage."""

    class StageForm(BaseForm):
        stage = SelectField(
            _l("Stage"), choices=[SelectChoice(choice.value, choice.label) for choice in STAGES]
        )

    return StageForm


def staff_form() -> type[BaseForm]:
    """Return the form that asks for the person in charge."""

    class StaffForm(BaseForm):
        account = SelectField(
            _l("Person in charge"),
            choices=[
                *(SelectChoice(choice.value, str(choice.label)) for choice in staff_choices()),
                SelectChoice(NOBODY, _l("Nobody")),
            ],
        )

    return StaffForm
