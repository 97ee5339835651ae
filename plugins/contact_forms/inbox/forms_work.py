"""Admin forms of the work on messages."""

from wtforms import DateField, RadioField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from core.api import BaseForm, CheckboxesField, _, _l, label_choices, staff_choices

from .work import MAX_NOTE
from .work_words import STATUS_TITLES


def _staff() -> list[tuple[str, str]]:
    return [("", _("Nobody")), *((choice.value, str(choice.label)) for choice in staff_choices())]


def _labels() -> list[tuple[str, str]]:
    return [(choice.value, str(choice.label)) for choice in label_choices()]


def _statuses() -> list[tuple[str, str]]:
    return [(status.value, str(title)) for status, title in STATUS_TITLES.items()]


class _DueForm(BaseForm):
    due_on = DateField(_l("Due date"), validators=[Optional()])

    def validate_due_on(self, field: DateField) -> None:
        """Refuse what is surely a slip of the pen."""
        if field.data and not 2000 <= field.data.year < 2100:
            raise ValidationError(_("Enter a date of this century."))


class WorkForm(_DueForm):
    """How far the work on one message is, who does it, until when, and its labels."""

    status = SelectField(_l("Status"), choices=_statuses)
    assignee = SelectField(_l("Handled by"), choices=_staff)
    labels = CheckboxesField(_l("Labels"), choices=_labels)

    @property
    def account_id(self) -> int | None:
        """Return who was chosen."""
        return int(self.assignee.data) if self.assignee.data else None


class NoteForm(BaseForm):
    """A note for the other staff."""

    body = TextAreaField(
        _l("Note"), validators=[InputRequired(), Length(max=MAX_NOTE)], render_kw={"maxlength": MAX_NOTE}
    )


class AssignForm(BaseForm):
    """Who is to be in charge of the chosen messages."""

    assignee = SelectField(_l("Handled by"), choices=_staff)


class StatusForm(BaseForm):
    """How far the work on the chosen messages is."""

    status = SelectField(_l("Status"), choices=_statuses)


class DueForm(_DueForm):
    """Until when the chosen messages are to be done."""


class LabelForm(BaseForm):
    """Which label to put on the chosen messages, or to take off."""

    label = SelectField(_l("Label"), choices=_labels, validators=[InputRequired()])
    what = RadioField(
        _l("What to do"),
        choices=lambda: [("add", _("Put it on")), ("remove", _("Take it off"))],
        default="add",
        validators=[InputRequired()],
    )
