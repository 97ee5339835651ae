"""Admin forms of the mailbox, and of a mail that belongs to no message."""

from typing import Any

from email_validator import EmailNotValidError, validate_email
from wtforms import (
    BooleanField,
    EmailField,
    Field,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange

from core.api import BaseForm, _, _l


def _strip(text: str | None) -> str:
    return (text or "").strip()


def _one_line(_form: Any, field: Field) -> None:
    if not (field.data or "").isprintable():
        raise ValidationError(_("This has to stand on one line."))


def _text(label: Any, limit: int, *more: Any, **options: Any) -> StringField:
    return StringField(label, filters=[_strip], validators=[*more, Length(max=limit), _one_line], **options)


class MailboxForm(BaseForm):
    """Where answers are fetched from."""

    is_on = BooleanField(_l("Fetch answers from a mailbox"))
    address = EmailField(
        _l("Address for answers"),
        filters=[_strip],
        validators=[Length(max=200)],
        description=_l("For example answers@shop.example. Our mails ask for answers to this address."),
    )
    has_plus = BooleanField(
        _l("The mailbox takes addresses with a plus"),
        description=_l(
            "answers+12-ab34…@shop.example arrives there, too. Then an answer finds its message even when "
            "a mail program forgets what it answers."
        ),
        default=True,
    )
    host = _text(_l("Server (IMAP)"), 200, InputRequired(), render_kw={"autocomplete": "off"})
    port = IntegerField(_l("Port"), validators=[InputRequired(), NumberRange(1, 65_535)], default=993)
    security = RadioField(
        _l("Encryption"),
        choices=[
            SelectChoice("ssl", _l("TLS from the start (usual, port 993)")),
            SelectChoice("starttls", _l("STARTTLS (port 143)")),
            SelectChoice("none", _l("None: only on this machine or in a closed network")),
        ],
        default="ssl",
    )
    user = _text(_l("User name"), 254, InputRequired(), render_kw={"autocomplete": "off"})
    password = PasswordField(
        _l("Password"),
        validators=[Length(max=500), _one_line],
        description=_l("Stored encrypted. Empty: the one that is stored."),
        render_kw={"autocomplete": "new-password"},
    )
    folder = _text(_l("Folder"), 200, InputRequired(), default="INBOX")
    move_to = _text(
        _l("Move mails that were taken to"),
        200,
        description=_l("A folder that exists. Empty: they stay, marked as read."),
    )

    def validate_address(self, field: Field) -> None:
        """Refuse what is no address, or has a plus already."""
        if not field.data and not self.is_on.data:
            return
        try:
            local = validate_email(field.data or "", check_deliverability=False).local_part
        except EmailNotValidError as error:
            raise ValidationError(_("This is not an e-mail address.")) from error
        if "+" in local or len(local) > 20:
            raise ValidationError(_("Use an address without a plus, of at most 20 characters before the @."))

    def validate_move_to(self, field: Field) -> None:
        """Refuse to move mails to where they come from."""
        if field.data and field.data == self.folder.data:
            raise ValidationError(_("This is the folder that is read. Choose another one."))

    def values(self) -> dict[str, Any]:
        """Return everything but the password."""
        return {name: value for name, value in self.data.items() if name != "password"}


class AssignForm(BaseForm):
    """Which message a mail answers."""

    form = SelectField(_l("Form"))
    receipt = _text(_l("Receipt number"), 40, InputRequired())


class NewMessageForm(BaseForm):
    """Of which form a mail becomes a message."""

    form = SelectField(_l("Form"))
