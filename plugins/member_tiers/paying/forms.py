"""Forms of joining and paying, for members and for staff."""

from typing import Any

from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp

from core.api import BaseForm, CheckboxesField, _l

from .models import Method
from .payments import MOST
from .services import MAX_MESSAGE
from .words import METHODS

ONCE = r"[A-Za-z0-9_-]{16,64}\Z"


class ApplicationForm(BaseForm):
    """What somebody says who asks for a membership."""

    method = RadioField(_l("How you would like to pay"), [InputRequired()])
    message = TextAreaField(
        _l("Message to us"),
        [Length(max=MAX_MESSAGE)],
        description=_l("Why you would like to join, or what we should know. May stay empty."),
        render_kw={"maxlength": MAX_MESSAGE, "rows": 4},
    )


class MethodForm(BaseForm):
    """Another way to pay."""

    method = RadioField(_l("Pay in another way"), [InputRequired()])


class PlanForm(BaseForm):
    """How a tier is paid for."""

    methods = CheckboxesField(
        _l("Ways to pay"), choices=[SelectChoice(key, title) for key, title in METHODS.items()]
    )
    due_days = IntegerField(
        _l("Days to pay"),
        [InputRequired(), NumberRange(0, 365)],
        description=_l("The due date of an invoice is so many days after its own."),
        render_kw={"inputmode": "numeric", "min": 0, "max": 365},
    )
    tax_rate = SelectField(
        _l("Consumption tax inside the amounts"),
        coerce=int,
        choices=(
            SelectChoice(10, _l("10 %")),
            SelectChoice(8, _l("8 % (reduced rate)")),
            SelectChoice(0, _l("Outside its scope, as fees of associations are")),
        ),
    )
    seats = IntegerField(
        _l("Further seats"),
        [InputRequired(), NumberRange(0, 999)],
        description=_l("How many people a member may bring: family, or colleagues of a company. 0: none."),
        render_kw={"inputmode": "numeric", "min": 0, "max": 999},
    )


class RefuseForm(BaseForm):
    """No, and why."""

    reason = TextAreaField(
        _l("Reason"),
        [Length(max=500)],
        description=_l("Stands in the mail to the applicant. May stay empty."),
        render_kw={"maxlength": 500, "rows": 3},
    )


class InvoiceForm(BaseForm):
    """A new invoice."""

    method = SelectField(_l("Payment"), choices=[SelectChoice(key, title) for key, title in METHODS.items()])
    due_on = DateField(_l("Due date"), [InputRequired()])


class PaymentForm(BaseForm):
    """Money that came in. The token makes a form count once, however often it is sent."""

    amount = IntegerField(
        _l("Amount received"), [InputRequired(), NumberRange(1, MOST)], render_kw={"inputmode": "numeric"}
    )
    paid_on = DateField(_l("Payment received on"), [InputRequired()])
    method = SelectField(_l("Payment"), choices=[SelectChoice(key, title) for key, title in METHODS.items()])
    note = StringField(_l("Note for staff"), [Length(max=300)], render_kw={"maxlength": 300})
    token = HiddenField(validators=[InputRequired(), Regexp(ONCE)])


class ReturnForm(BaseForm):
    """Money that went back."""

    returned = IntegerField(
        _l("Amount that went back"),
        [InputRequired(), NumberRange(1, MOST)],
        render_kw={"inputmode": "numeric"},
    )
    why = StringField(_l("Note for staff"), [Length(max=300)], render_kw={"maxlength": 300})
    token = HiddenField(validators=[InputRequired(), Regexp(ONCE)])


class ReferenceForm(BaseForm):
    """The number that a member types in at the convenience store, or what the bank should show."""

    reference = StringField(_l("Payment number"), [Optional(), Length(max=60)], render_kw={"maxlength": 60})


def method_choices(methods: list[Any]) -> list[SelectChoice]:
    """Return the ways to pay that a tier offers."""
    return [SelectChoice(method.value, METHODS[method]) for method in Method if method.value in methods]
