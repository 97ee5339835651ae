"""The form of an earning rule."""

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import (
    BooleanField,
    Field,
    IntegerField,
    SelectChoice,
    SelectField,
    StringField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from core.api import BaseForm, _l

from ..memberships.models import Tier
from .factors import ONE, factor_text, field_name, parse_factor
from .ledger import MAX_AMOUNT
from .models_rules import PointRule
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
    cap_day = _number(_l("At most … times a day"))
    cap_week = _number(_l("At most … times a week"))
    cap_month = _number(_l("At most … times a month"))
    cap_total = _number(_l("At most … times in all"))
    points_day = _number(_l("At most … points a day"), most=MAX_AMOUNT)
    points_week = _number(_l("At most … points a week"), most=MAX_AMOUNT)
    points_month = _number(_l("At most … points a month"), most=MAX_AMOUNT)
    points_total = _number(_l("At most … points in all"), most=MAX_AMOUNT)
    holds = BooleanField(
        _l("Hold until the e-mail address is confirmed"),
        default=True,
        description=_l("Who cannot log in yet gets the points with the first log-in, within 180 days."),
    )
    is_active = BooleanField(_l("In force"), default=True)

    tiers: Sequence[Tier] = ()

    @property
    def limit_rows(self) -> tuple[Sequence[Field], Sequence[Field]]:
        """Return the limits in times, and those in points, from a day to all time."""
        times = (self.cap_day, self.cap_week, self.cap_month, self.cap_total)
        return times, (self.points_day, self.points_week, self.points_month, self.points_total)

    @property
    def factor_fields(self) -> list[Field]:
        """Return one field per tier, highest first."""
        return [self[field_name(tier.id)] for tier in self.tiers]

    @property
    def values(self) -> dict[str, Any]:
        """Return what the rule is saved with."""
        factors = {tier.id: parse_factor(self[field_name(tier.id)].data or "") for tier in self.tiers}
        return {**self.data, "factors": factors}


def _check_factor(form: BaseForm, field: Field) -> None:
    try:
        parse_factor(field.data or "")
    except ValueError as problem:
        raise ValidationError(str(problem)) from problem


def rule_form(
    data: Any, rule: PointRule | None, tiers: Sequence[Tier], factors: Mapping[int, int]
) -> RuleForm:
    """Return the form of a rule with a factor for each of the tiers."""
    inputs = {"inputmode": "decimal", "maxlength": 6, "autocomplete": "off"}
    fields = {
        field_name(tier.id): StringField(
            tier.title,
            [Length(max=20), _check_factor],
            default=factor_text(factors[tier.id]) if factors.get(tier.id, ONE) != ONE else "",
            render_kw={**inputs, "placeholder": "1"},
        )
        for tier in tiers
    }
    bound: Any = type("TierRuleForm", (RuleForm,), {**fields, "tiers": tuple(tiers)})
    form: RuleForm = bound(data, obj=rule)
    return form
