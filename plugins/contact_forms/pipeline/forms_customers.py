"""Admin form of what repeat submissions do to the customer."""

from typing import Any

from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from core.api import BaseForm, _l

from ..definition.definitions import FormDefinition, SavesAs
from .handling import Repeat

REPEAT_TITLES = {
    Repeat.KEEP: _l("keeps what is known, even nothing"),
    Repeat.FILL: _l("fills in what is empty"),
    Repeat.OVERWRITE: _l("replaces what is known"),
    Repeat.APPEND: _l("is added to the memo when it differs"),
}


def repeat_form(definition: FormDefinition, *args: Any) -> BaseForm:
    """Return a form with one choice per question whose answer is kept at the customer."""
    choices = [SelectChoice(str(repeat), title) for repeat, title in REPEAT_TITLES.items()]
    asked = {f.saves_as: f.label for f in definition.fields if f.saves_as and f.saves_as != SavesAs.EMAIL}
    fields = {str(name): SelectField(label, choices=choices) for name, label in asked.items()}
    current = {name: str(definition.handling.repeats.get(name, Repeat.FILL)) for name in fields}
    return type("RepeatForm", (BaseForm,), fields)(*args, data=current)
