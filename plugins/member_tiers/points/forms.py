"""The admin forms of points."""

import datetime as dt

from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp

from core.api import BaseForm, _, _l, site_today

from .ledger import MAX_AMOUNT
from .reasons import BY_HAND


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
    amount = IntegerField(
        _l("How many"),
        [InputRequired(), NumberRange(1, MAX_AMOUNT)],
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
    note = StringField(
        _l("Note for staff"),
        [Length(max=500)],
        description=_l("Members do not see it."),
        render_kw={"maxlength": 500},
    )
    token = HiddenField(validators=[InputRequired(), Regexp(r"[A-Za-z0-9_-]{16,64}\Z")])

    @property
    def signed_amount(self) -> int:
        """Return the amount, negative when points are taken."""
        return int(self.amount.data) if self.direction.data == "give" else -int(self.amount.data)

    def validate_expires_on(self, field: DateField) -> None:
        """Refuse a day that has passed."""
        if self.direction.data == "give" and isinstance(field.data, dt.date) and field.data < site_today():
            raise ValidationError(_("Choose today or a later day."))
