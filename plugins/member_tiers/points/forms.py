"""The admin forms of points."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp, StopValidation

from core.api import BaseForm, _, _l, site_today

from ..settings import points_text
from .expiry import is_long
from .ledger import MAX_AMOUNT
from .models import Funding
from .models_rules import PointRule
from .reasons import BY_HAND


class _RequiredWithoutRule(InputRequired):
    """What a rule says is not asked for; what stands there then is not looked at."""

    def __call__(self, form: Any, field: Any) -> None:
        if form.rule_id is None:
            super().__call__(form, field)
            return
        field.errors = []
        raise StopValidation


class AdjustPointsForm(BaseForm):
    """Points given or taken by hand. The token makes a form count once, however often it is sent."""

    customer = StringField(
        _l("Customer"),
        [InputRequired(), Length(max=320)],
        description=_l("E-mail address or customer number."),
    )
    direction = RadioField(
        _l("What to do"),
        choices=(SelectChoice("give", _l("Give points")), SelectChoice("take", _l("Take points"))),
        default="give",
    )
    rule = SelectField(
        _l("By which rule"),
        default="",
        description=_l("A rule says how many points, until when, how often, and what members read."),
    )
    amount = IntegerField(
        _l("How many points"),
        [_RequiredWithoutRule(), NumberRange(1, MAX_AMOUNT)],
        render_kw={"inputmode": "numeric", "min": 1},
    )
    reason = SelectField(
        _l("Reason"), choices=[SelectChoice(choice.value, choice.label) for choice in BY_HAND]
    )
    expires_on = DateField(
        _l("Last day of these points"),
        [Optional()],
        description=_l("Only for points given. Empty: they do not expire."),
    )
    funding = RadioField(
        _l("Were these points paid for?"),
        choices=(
            SelectChoice(Funding.FREE, _l("No, they are free")),
            SelectChoice(Funding.PAID, _l("Yes, the customer bought them")),
        ),
        default=Funding.FREE,
        description=_l("Only for points given. Paid ones are in the report of 31 March and 30 September."),
    )
    lasts_long = BooleanField(_l("Give paid points for six months or longer"))
    is_limited = BooleanField(
        _l("Limited points"),
        description=_l("Only for points given: they are spent before all others and need a last day."),
    )
    note = StringField(
        _l("Note for staff"),
        [Length(max=500)],
        description=_l("Members do not see it."),
        render_kw={"maxlength": 500},
    )
    token = HiddenField(validators=[InputRequired(), Regexp(r"[A-Za-z0-9_-]{16,64}\Z")])

    def offer_rules(self, rules: Sequence[PointRule]) -> None:
        """Let staff choose among rules."""
        self.rule.choices = [
            SelectChoice("", _("None: enter freely")),
            *(SelectChoice(str(rule.id), f"{rule.title}: {points_text(rule.amount)}") for rule in rules),
        ]

    @property
    def rule_id(self) -> int | None:
        """Return the rule that was chosen."""
        return int(self.rule.data) if (self.rule.data or "").isdecimal() else None

    def validate_rule(self, field: SelectField) -> None:
        """A rule only gives."""
        if self.rule_id is not None and self.direction.data == "take":
            raise ValidationError(_("A rule only gives points. To take some, enter freely."))

    @property
    def asks_about_law(self) -> bool:
        """Whether these points are paid for and last longer than the law leaves alone."""
        if self.rule_id is not None or self.direction.data != "give" or self.funding.data != Funding.PAID:
            return False
        return is_long(site_today(), self.expires_on.data)

    def validate_lasts_long(self, field: BooleanField) -> None:
        """Make staff say that they mean it."""
        if self.asks_about_law and not field.data:
            message = _(
                "Paid points that can be used for six months or longer are prepaid means under the law "
                "(Payment Services Act): they count for the report and may need a deposit. Choose an "
                "earlier last day, or tick this."
            )
            raise ValidationError(message)

    def validate_is_limited(self, field: BooleanField) -> None:
        """Limited points end some day."""
        if self.rule_id is None and self.direction.data == "give" and field.data and not self.expires_on.data:
            raise ValidationError(_("Limited points need a last day."))

    @property
    def signed_amount(self) -> int:
        """Return the amount, negative when points are taken."""
        return int(self.amount.data) if self.direction.data == "give" else -int(self.amount.data)

    def validate_expires_on(self, field: DateField) -> None:
        """Refuse a day that has passed."""
        if self.rule_id is not None:
            return
        if self.direction.data == "give" and isinstance(field.data, dt.date) and field.data < site_today():
            raise ValidationError(_("Choose today or a later day."))
