"""Forms of the privacy desk."""

from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from core.admin.forms import BaseForm
from core.customers.lists import staff_choices
from core.i18n import _, _l
from core.privacy.holds import MAX_REASON
from core.privacy.kinds import CHECKS, KINDS, LOG_IN, MEMBERS_ASK, SITE, WAYS, State
from core.privacy.retention.running import ERASE, REVIEW
from core.privacy.services import MAX_NOTE

_MOST_DAYS = 365


def _pairs(titles: Any, *, but: Any = ()) -> list[SelectChoice]:
    return [SelectChoice(str(name), title) for name, title in titles.items() if name not in but]


def _staff() -> list[SelectChoice]:
    everybody = (SelectChoice(choice.value, str(choice.label)) for choice in staff_choices())
    return [SelectChoice("", _("Nobody yet")), *everybody]


class _WithStaff(BaseForm):
    """Offers the people who can answer."""

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self["account_id"].choices = _staff()

    @property
    def staff_id(self) -> int | None:
        """Return who was chosen."""
        return int(self["account_id"].data) if self["account_id"].data else None


class RequestForm(_WithStaff):
    """A request that came in."""

    kind = SelectField(_l("What is asked for"), [InputRequired()], choices=_pairs(KINDS))
    way = SelectField(_l("How it came"), [InputRequired()], choices=_pairs(WAYS, but=(SITE,)))
    name = StringField(
        _l("Name"),
        [Length(max=200)],
        description=_l("As they gave it. You choose the customer when you have found them."),
        render_kw={"autocomplete": "off", "maxlength": 200},
    )
    contact = StringField(
        _l("How to reach them"), [Length(max=320)], render_kw={"autocomplete": "off", "maxlength": 320}
    )
    text = TextAreaField(
        _l("What they wrote or said"), [Length(max=MAX_NOTE)], render_kw={"rows": 4, "maxlength": MAX_NOTE}
    )
    received_on = DateField(_l("Received on"), [InputRequired()])
    due_on = DateField(
        _l("To be answered until"),
        [Optional()],
        description=_l("Empty: the usual time from the day it came."),
    )
    account_id = SelectField(_l("Who answers"), [Optional()])


class AssignForm(_WithStaff):
    """Who answers, and until when."""

    account_id = SelectField(_l("Who answers"), [Optional()])
    due_on = DateField(_l("To be answered until"), [InputRequired()])


class IdentityForm(BaseForm):
    """How somebody showed who they are."""

    how = RadioField(_l("How it was checked"), [InputRequired()], choices=_pairs(CHECKS, but=(LOG_IN,)))
    note = StringField(
        _l("Note"),
        [Length(max=300)],
        description=_l("No number of a document: that it was seen is enough."),
        render_kw={"autocomplete": "off", "maxlength": 300},
    )


class CloseForm(BaseForm):
    """How a request ended."""

    state = RadioField(
        _l("Outcome"),
        [InputRequired()],
        choices=[
            SelectChoice(State.DONE.value, _l("Done as asked")),
            SelectChoice(State.REFUSED.value, _l("Not done, for a reason")),
        ],
    )
    reason = TextAreaField(
        _l("Answer, or why it is refused"),
        [Length(max=MAX_NOTE)],
        description=_l("A member reads it on their page."),
        render_kw={"rows": 3, "maxlength": MAX_NOTE},
    )


class NoteForm(BaseForm):
    """What staff write down for each other."""

    note = TextAreaField(
        _l("Note"), [InputRequired(), Length(max=MAX_NOTE)], render_kw={"rows": 3, "maxlength": MAX_NOTE}
    )


class PackageForm(BaseForm):
    """Whether staff's notes go into a package; what it is for is asked as of every export."""

    with_notes = BooleanField(
        _l("With what staff noted: caution note, memo, labels, written lines, texts of mails"),
        description=_l("Look it through before you hand it out: it may tell about other people."),
    )


class HoldForm(BaseForm):
    """Why a customer must be kept."""

    kind = RadioField(
        _l("What it stops"),
        [InputRequired()],
        choices=[
            SelectChoice("legal", _l("Every erasure (legal hold)")),
            SelectChoice("retention", _l("Only the retention of inactive leads")),
        ],
    )
    reason = StringField(
        _l("Why they must be kept"),
        [InputRequired(), Length(max=MAX_REASON)],
        render_kw={"autocomplete": "off", "maxlength": MAX_REASON},
    )


class DeadlineForm(BaseForm):
    """In how many days requests are answered."""

    privacy_days = IntegerField(
        _l("Days to answer a request"),
        [InputRequired(), NumberRange(1, _MOST_DAYS)],
        description=_l("APPI says without delay, two weeks is usual; GDPR one month."),
    )


class RetentionForm(BaseForm):
    """The rule on inactive leads."""

    months = IntegerField(
        _l("Leads with whom nothing happened for so many months"),
        [InputRequired(), NumberRange(0, 240)],
        description=_l("0 switches the rule off."),
    )
    then = RadioField(
        _l("What happens then"),
        [InputRequired()],
        choices=[
            SelectChoice(REVIEW, _l("They are listed here, and somebody decides")),
            SelectChoice(ERASE, _l("They are listed here, and erased when the time of grace is over")),
        ],
    )
    days = IntegerField(
        _l("Time of grace in days"),
        [InputRequired(), NumberRange(7, _MOST_DAYS)],
        description=_l("At least 7. Until then you can keep each of them."),
    )

    def as_told(self) -> str:
        """Return what was entered as one text, to know it again after the preview."""
        return f"{self.months.data}.{self.then.data}.{self.days.data}"


class AskForm(BaseForm):
    """What a member asks about their data."""

    kind = RadioField(
        _l("What do you ask for?"),
        [InputRequired()],
        choices=[SelectChoice(kind.value, KINDS[kind]) for kind in MEMBERS_ASK],
    )
    text = TextAreaField(
        _l("What is it about?"),
        [Length(max=MAX_NOTE)],
        description=_l("For a correction: what is wrong, and how it should be."),
        render_kw={"rows": 4, "maxlength": MAX_NOTE},
    )
