"""Admin forms: a form's own settings, one of its fields, and the plugin's settings."""

import re

from email_validator import EmailNotValidError, validate_email
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    Field,
    Form,
    HiddenField,
    IntegerField,
    RadioField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from core.api import BaseForm, _, _l

from .starters import STARTER_TITLES

MAX_ADDRESSES = 10
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def _strip(text: str | None) -> str:
    return (text or "").strip()


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def check_slug(_form: Form, field: Field) -> None:
    """Refuse an address that is not small letters, digits and single hyphens."""
    if not _SLUG.fullmatch(field.data or ""):
        raise ValidationError(_("Use small letters a–z, digits and hyphens, for example contact."))


def check_addresses(_form: Form, field: Field) -> None:
    """Refuse lines that are not e-mail addresses."""
    addresses = _lines(field.data)
    if len(addresses) > MAX_ADDRESSES:
        raise ValidationError(_("At most %(n)s addresses.", n=MAX_ADDRESSES))
    for address in addresses:
        try:
            validate_email(address, check_deliverability=False)
        except EmailNotValidError as error:
            raise ValidationError(_("%(text)s is not an e-mail address.", text=address[:100])) from error


class NamedForm(BaseForm):
    """What every form is called, and where it stands."""

    title = StringField(
        _l("Form title"),
        filters=[_strip],
        validators=[InputRequired(_l("Give the form a title.")), Length(max=200)],
    )
    slug = StringField(
        _l("Name in the address"),
        filters=[_strip],
        validators=[InputRequired(_l("Give the form a name for its address.")), Length(max=80), check_slug],
        description=_l("Small letters, digits and hyphens, for example contact."),
    )


class NewFormForm(NamedForm):
    """What a new form needs beside its name: something to start from."""

    starter = RadioField(
        _l("Start from"),
        choices=[SelectChoice(name, title) for name, title in STARTER_TITLES.items()],
        default="contact",
    )


class FormSettingsForm(NamedForm):
    """A form's own settings; its fields are edited by `FieldForm`."""

    revision = HiddenField()
    intro = TextAreaField(
        _l("Text above the form"), filters=[_strip], validators=[Length(max=5_000)], render_kw={"rows": 3}
    )
    confirm = BooleanField(
        _l("Show the answers once more before they are sent"),
        description=_l(
            "A page (確認画面) on which visitors check what they wrote, and send it or correct it."
        ),
    )
    submit_label = StringField(
        _l("Text on the button"),
        filters=[_strip],
        validators=[Length(max=60)],
        description=_l("Empty: the usual word in the visitor's language."),
    )
    thanks_message = TextAreaField(
        _l("Text after sending"),
        filters=[_strip],
        validators=[Length(max=5_000)],
        description=_l("Shown together with the receipt number."),
        render_kw={"rows": 3},
    )
    notice_to = TextAreaField(
        _l("Tell these addresses of a new message"),
        validators=[check_addresses],
        description=_l("One address per line. Empty: the address in the plugin's settings."),
        render_kw={"rows": 2},
    )
    auto_reply = BooleanField(_l("Send an automatic reply to the sender"))
    opens_at = DateTimeLocalField(_l("Takes answers from"), validators=[Optional()])
    closes_at = DateTimeLocalField(
        _l("Takes answers until"),
        validators=[Optional()],
        description=_l("In the site's time zone. Empty: as long as the form is open."),
    )
    entry_limit = IntegerField(
        _l("Most messages"),
        validators=[Optional(), NumberRange(1, 1_000_000)],
        description=_l("After that visitors read that all places are taken. Spam and trash do not count."),
    )

    def validate_closes_at(self, field: Field) -> None:
        """Refuse an end before the beginning."""
        if field.data and self.opens_at.data and field.data <= self.opens_at.data:
            raise ValidationError(_("This is before the form opens."))

    def notice_addresses(self) -> list[str]:
        """Return the addresses to tell, each once."""
        return list(dict.fromkeys(_lines(self.notice_to.data)))
