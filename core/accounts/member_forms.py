"""Forms of the member's journey, beside the owner's own questions."""

from wtforms import (
    BooleanField,
    EmailField,
    PasswordField,
    RadioField,
    SelectChoice,
    StringField,
    TextAreaField,
)
from wtforms.validators import EqualTo, InputRequired, Length

from core.admin.forms import BaseForm
from core.i18n import _l
from core.security.passwords import MAX_LENGTH, MIN_LENGTH

REASONS = (
    SelectChoice("unused", _l("I no longer use it")),
    SelectChoice("price", _l("It costs too much")),
    SelectChoice("content", _l("I did not find what I wanted")),
    SelectChoice("mails", _l("Too many mails")),
    SelectChoice("privacy", _l("I worry about my data")),
    SelectChoice("other", _l("Another reason")),
    SelectChoice("unsaid", _l("I would rather not say")),
)


class AddressForm(BaseForm):
    """An e-mail address, to which a mail is sent."""

    email = EmailField(
        _l("E-mail address"),
        [InputRequired(), Length(max=254)],
        render_kw={"autocomplete": "email", "inputmode": "email"},
    )


class NewPasswordForm(BaseForm):
    """A password to be chosen."""

    password = PasswordField(
        _l("Password"),
        [InputRequired(), Length(min=MIN_LENGTH, max=MAX_LENGTH)],
        description=_l("At least 8 characters. A few words in a row are strong and easy to remember."),
        render_kw={"autocomplete": "new-password"},
    )
    repeat = PasswordField(
        _l("Password, once more"),
        [InputRequired(), EqualTo("password", message=_l("The two passwords differ."))],
        render_kw={"autocomplete": "new-password"},
    )


class CodeForm(BaseForm):
    """The six digits from the mail."""

    code = StringField(
        _l("Six-digit code"),
        [InputRequired(), Length(max=20)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class LeaveForm(BaseForm):
    """Why somebody leaves, and that they mean it."""

    reason = RadioField(_l("Why do you leave?"), [InputRequired()], choices=list(REASONS))
    note = TextAreaField(_l("What could we do better?"), [Length(max=2_000)])
    sure = BooleanField(_l("I want to end my membership"), [InputRequired()])
