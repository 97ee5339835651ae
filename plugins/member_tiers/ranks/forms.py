"""The forms of ranks: how a ladder's ranks are given, and locks."""

from typing import Any

from wtforms import BooleanField, DateField, IntegerField, RadioField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from core.api import BaseForm, _l

from .services import MAX_REASON, NUMBERS
from .words import FALLS, RISES, SCHEDULES, SPANS, WHO

MONTHS = [SelectChoice(str(month), str(month)) for month in range(1, 13)]


def _choices(words: Any) -> list[SelectChoice]:
    return [SelectChoice(value, title) for value, title in words.items()]


def _number(name: str, title: Any, description: Any = "") -> IntegerField:
    limits = NumberRange(*NUMBERS[name])
    return IntegerField(title, [InputRequired(), limits], description=description)


class PlanForm(BaseForm):
    """How the ranks of a ladder are given."""

    is_active = BooleanField(
        _l("Give these ranks automatically"),
        description=_l(
            "Try it with a rehearsal first. Closing days before it is switched on are left alone."
        ),
    )
    who = RadioField(_l("For whom"), choices=_choices(WHO))
    takes_over = BooleanField(
        _l("Also move memberships that staff gave or an import brought"),
        description=_l("Otherwise ranks move only memberships that they gave themselves."),
    )
    span = RadioField(_l("What counts"), choices=_choices(SPANS))
    span_months = _number("span_months", _l("Number of months"), _l("For “the last months”."))
    year_begins = SelectField(
        _l("First month of the year"),
        choices=MONTHS,
        coerce=int,
        description=_l("For “a year with a fixed first month”."),
    )
    carry_percent = _number(
        "carry_percent",
        _l("Carried over from the year before (%)"),
        _l("So much of what was reached in the year before counts again. 0: every year begins anew."),
    )
    rises = RadioField(_l("Rising"), choices=_choices(RISES))
    falls = RadioField(_l("Falling"), choices=_choices(FALLS))
    schedule = SelectField(
        _l("Closing days"),
        choices=_choices(SCHEDULES),
        description=_l("The evaluation runs on the day after, when the closing day is over."),
    )
    closing_month = SelectField(
        _l("Month of a closing day"),
        choices=MONTHS,
        coerce=int,
        description=_l("For every three months, every half year and once a year; the others follow from it."),
    )
    closing_day = _number("closing_day", _l("Day of the month"), _l("31: the last day of the month."))
    hold_days = _number(
        "hold_days", _l("A rank is kept for at least … days"), _l("0: it may fall at the next evaluation.")
    )
    notice_days = _number(
        "notice_days",
        _l("Tell members … days before they fall"),
        _l("By e-mail, once, with what is missing. 0: nobody is told. Not with daily evaluations."),
    )


class LockForm(BaseForm):
    """A customer whose rank stays."""

    customer = StringField(
        _l("Customer"),
        [InputRequired(), Length(max=320)],
        description=_l("E-mail address or number"),
        render_kw={"maxlength": 320, "autocomplete": "off"},
    )
    until = DateField(_l("Until"), [Optional()], description=_l("Empty: until somebody ends it."))
    reason = StringField(_l("Reason"), [InputRequired(), Length(max=MAX_REASON)])
