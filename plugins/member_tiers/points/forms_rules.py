"""The form of an earning rule."""

from wtforms import BooleanField, IntegerField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from core.api import BaseForm, _l

from .ledger import MAX_AMOUNT
from .reasons import EVENTS

MOST_TIMES = 100_000
MOST_DAYS = 3650


def _number(label: object, text: object = "", most: int = MOST_TIMES) -> IntegerField:
    checks = [Optional(), NumberRange(1, most)]
    return IntegerField(label, checks, description=text, render_kw={"inputmode": "numeric", "min": 1})


class RuleForm(BaseForm):
    """For what members earn how many points, how often, and until when these count."""

    event = SelectField(_l("Occasion"), choices=[SelectChoice(event, title) for event, title in EVENTS])
    about = StringField(
        _l("Which form, or which event of a plugin"),
        [Length(max=80)],
        description=_l("A form's address, e.g. contact. Empty: every form."),
        render_kw={"maxlength": 80, "autocapitalize": "none", "spellcheck": "false"},
    )
    title_ja = StringField(
        _l("What members read (Japanese)"), [InputRequired(), Length(max=60)], render_kw={"maxlength": 60}
    )
    title_en = StringField(
        _l("What members read (English)"),
        [Length(max=60)],
        description=_l("Empty: the Japanese name is shown."),
        render_kw={"maxlength": 60},
    )
    amount = IntegerField(
        _l("How many points"),
        [InputRequired(), NumberRange(1, MAX_AMOUNT)],
        render_kw={"inputmode": "numeric", "min": 1},
    )
    valid_days = _number(
        _l("They count for … days"),
        _l("The day they are given is the first. Empty: as the settings say for all points."),
        MOST_DAYS,
    )
    is_limited = BooleanField(
        _l("Limited points"), description=_l("They are spent before all others. They need a number of days.")
    )
    cap_day = _number(_l("At most … times a day"), _l("Empty: no limit. The same holds for the next three."))
    cap_week = _number(_l("At most … times a week"), _l("From Monday."))
    cap_month = _number(_l("At most … times a month"))
    cap_total = _number(_l("At most … times in all"))
    holds = BooleanField(
        _l("Hold until the e-mail address is confirmed"),
        default=True,
        description=_l("Who cannot log in yet gets the points with the first log-in, within 180 days."),
    )
    is_active = BooleanField(_l("In force"), default=True)
