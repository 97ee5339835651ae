"""The admin forms of ladders, tiers and memberships."""

import datetime as dt
from collections.abc import Sequence
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
    ValidationError,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp

from core.api import BaseForm, _, _l, site_today

from .keys import KEY
from .models import Colour, MembershipKind, MidYear, TermKind
from .tiers import LADDER_KEY, MOST, MOST_DEVICES

COLOURS = (
    SelectChoice(Colour.GREY, _l("Grey")),
    SelectChoice(Colour.ACCENT, _l("Theme colour")),
    SelectChoice(Colour.GREEN, _l("Green")),
    SelectChoice(Colour.GOLD, _l("Gold")),
    SelectChoice(Colour.RED, _l("Red")),
)
TERMS = (
    SelectChoice(TermKind.OPEN, _l("No end")),
    SelectChoice(TermKind.FIXED, _l("A fixed length from the first day")),
    SelectChoice(TermKind.ANNIVERSARY, _l("Until the anniversary of joining")),
    SelectChoice(TermKind.CALENDAR, _l("The calendar year")),
    SelectChoice(TermKind.FISCAL, _l("The fiscal year")),
)
MID_YEARS = (
    SelectChoice(MidYear.FULL, _l("The membership begins at once, the full fee is due")),
    SelectChoice(MidYear.PART, _l("The membership begins at once, the months that are left are paid")),
    SelectChoice(MidYear.NEXT, _l("The membership begins with the next year")),
)
KINDS = (
    SelectChoice("term", _l("By the term of the tier")),
    SelectChoice("dates", _l("By the days below")),
    SelectChoice(MembershipKind.TRIAL, _l("As a trial")),
    SelectChoice(MembershipKind.COMPLIMENTARY, _l("Complimentary, until the last day below")),
)


def _note() -> StringField:
    return StringField(_l("Note for staff"), [Length(max=500)], render_kw={"maxlength": 500})


def _number(label: Any, least: int, most: int, default: int, description: Any = "") -> IntegerField:
    return IntegerField(
        label,
        [Optional(), NumberRange(least, most)],
        default=default,
        description=description,
        render_kw={"inputmode": "numeric", "min": least, "max": most},
    )


class LadderForm(BaseForm):
    """A ladder."""

    title_ja = StringField(_l("Name (Japanese)"), [InputRequired(), Length(max=60)])
    title_en = StringField(
        _l("Name (English)"), [Length(max=60)], description=_l("Empty: the Japanese name is shown.")
    )
    key = StringField(
        _l("Key"),
        [
            InputRequired(),
            Regexp(LADDER_KEY.pattern + r"\Z", message=_l("Use a–z, 0–9 and _, beginning with a letter.")),
        ],
        description=_l("Names a field of the customer, e.g. tier_circle. It cannot be changed later."),
        render_kw={"maxlength": 20, "autocapitalize": "none", "spellcheck": "false"},
    )


class TierForm(BaseForm):
    """A tier."""

    title_ja = StringField(_l("Name (Japanese)"), [InputRequired(), Length(max=60)])
    title_en = StringField(
        _l("Name (English)"), [Length(max=60)], description=_l("Empty: the Japanese name is shown.")
    )
    key = StringField(
        _l("Key"),
        [
            Optional(),
            Regexp(KEY.pattern + r"\Z", message=_l("Use a–z, 0–9, - and _, beginning with a letter.")),
        ],
        description=_l(
            "Rules and tags name the tier by it, e.g. gold. Empty: made from the name. "
            "It cannot be changed later."
        ),
        render_kw={"maxlength": 40, "autocapitalize": "none", "spellcheck": "false"},
    )
    ladder_id = SelectField(_l("Ladder"), coerce=int)
    description = TextAreaField(
        _l("What members of this tier get"),
        [Length(max=500)],
        description=_l("Shown on the member's own page."),
        render_kw={"maxlength": 500, "rows": 3},
    )
    colour = RadioField(_l("Colour of the badge"), choices=COLOURS, default=Colour.GREY)
    devices = IntegerField(
        _l("Devices logged in at once"),
        [Optional(), NumberRange(0, MOST_DEVICES)],
        description=_l(
            "Empty: as the session settings say for members. 0: any number. "
            "Who holds several tiers gets the most generous number."
        ),
        render_kw={"inputmode": "numeric", "min": 0, "max": MOST_DEVICES},
    )
    term = RadioField(_l("How long a term lasts"), choices=TERMS, default=TermKind.OPEN)
    term_length = _number(_l("Length"), 1, MOST["term_length"], 12)
    term_unit = SelectField(
        _l("Unit"),
        choices=[SelectChoice("months", _l("months")), SelectChoice("days", _l("days"))],
        default="months",
        description=_l("An anniversary is counted in months."),
    )
    year_begins = _number(_l("First month of the fiscal year"), 1, 12, 4)
    mid_year = RadioField(_l("Who joins within the year"), choices=MID_YEARS, default=MidYear.FULL)
    late_months = _number(
        _l("Joining in the last … months counts until the end of the next year"),
        0,
        11,
        0,
        _l("3 in a year from April: who joins from 1 January on stays until 31 March of the next year."),
    )
    grace_days = _number(
        _l("Days of grace after the end"),
        0,
        MOST["grace_days"],
        0,
        _l("The tier still counts on these days. Who cancelled has none."),
    )
    trial_days = _number(_l("Days of a trial"), 0, MOST["trial_days"], 0, _l("0: there is no trial."))
    fee = _number(_l("Fee for a term (yen)"), 0, MOST["fee"], 0)
    joining_fee = _number(_l("Joining fee (yen)"), 0, MOST["joining_fee"], 0)
    is_open = BooleanField(_l("Members can ask for it on the site"))
    needs_approval = BooleanField(_l("Staff approve each application"), default=True)
    renews_itself = BooleanField(
        _l("A new term follows by itself"), description=_l("Only for tiers without a fee.")
    )
    reminds = BooleanField(_l("Remind members by mail before the end"), default=True)

    def values(self) -> dict[str, Any]:
        """Return what was entered; a number that was left empty stays what it is."""
        return {name: data for name, data in self.data.items() if data is not None or name == "devices"}


class _EndingForm(BaseForm):
    """Dates of a stay."""

    starts_on = DateField(_l("First day"), [InputRequired()])
    ends_on = DateField(
        _l("Last day"), [Optional()], description=_l("The tier still counts on this day. Empty: no end.")
    )
    note = _note()

    def validate_ends_on(self, field: DateField) -> None:
        """Refuse an end before the beginning."""
        if field.data and self.starts_on.data and field.data < self.starts_on.data:
            raise ValidationError(_("The last day must not be before the first day."))


class GiveMembershipForm(_EndingForm):
    """A new membership for a customer who is chosen by number or e-mail address."""

    customer = StringField(
        _l("Customer"),
        [InputRequired(), Length(max=320)],
        description=_l("E-mail address or customer number."),
    )
    tier_id = SelectField(_l("Tier"), coerce=int)
    kind = RadioField(_l("How it is given"), choices=KINDS, default="dates")


class MembershipForm(_EndingForm):
    """Dates and note of a membership."""


class ChangeTierForm(BaseForm):
    """Another tier of the same ladder."""

    tier_id = SelectField(
        _l("Change to"),
        coerce=int,
        description=_l("A higher tier begins today. A lower one begins when the present term ends."),
    )
    note = _note()


class NoteForm(BaseForm):
    """A move that needs no more than a note."""

    note = _note()


class RenewForm(NoteForm):
    """A further term."""

    ends_on = DateField(_l("New last day"), [Optional()])


class PauseForm(NoteForm):
    """A rest."""

    resumes_on = DateField(
        _l("Goes on by itself on"), [Optional()], description=_l("Empty: until staff let it go on.")
    )

    def validate_resumes_on(self, field: DateField) -> None:
        """Refuse a day that is not to come."""
        if isinstance(field.data, dt.date) and field.data <= site_today():
            raise ValidationError(_("Choose a later day than today."))


def with_tiers(form: Any, tiers: Sequence[Any]) -> Any:
    """Give a form's tier field its choices."""
    form.tier_id.choices = [SelectChoice(tier.id, tier.title) for tier in tiers]
    return form
