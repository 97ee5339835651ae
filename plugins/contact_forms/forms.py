"""Admin forms: a form's own settings, one of its fields, and the plugin's settings."""

import re
from typing import Any

from email_validator import EmailNotValidError, validate_email
from wtforms import (
    BooleanField,
    Field,
    Form,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from core.api import BaseForm, _, _l

from .delivery import RESERVED_KEYS
from .kinds import KIND_TITLES, SAVES_AS_BY_KIND, SAVES_AS_TITLES, WITH_CHOICES, Kind
from .starters import STARTER_TITLES

MAX_ADDRESSES = 10
MAX_CHOICES = 200
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_KEY = re.compile(r"[\w\-]+")


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


class NewFormForm(BaseForm):
    """What a new form needs: a title, an address and something to start from."""

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
    starter = RadioField(
        _l("Start from"),
        choices=[SelectChoice(name, title) for name, title in STARTER_TITLES.items()],
        default="contact",
    )


class FormSettingsForm(BaseForm):
    """A form's own settings; its fields are edited by `FieldForm`."""

    revision = HiddenField()
    title = StringField(
        _l("Form title"),
        filters=[_strip],
        validators=[InputRequired(_l("Give the form a title.")), Length(max=200)],
    )
    slug = StringField(
        _l("Name in the address"),
        filters=[_strip],
        validators=[InputRequired(_l("Give the form a name for its address.")), Length(max=80), check_slug],
    )
    intro = TextAreaField(
        _l("Text above the form"), filters=[_strip], validators=[Length(max=5_000)], render_kw={"rows": 3}
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
    auto_reply_subject = StringField(
        _l("Subject of the reply"), filters=[_strip], validators=[Length(max=200)]
    )
    auto_reply_body = TextAreaField(
        _l("Text of the reply"),
        filters=[_strip],
        validators=[Length(max=10_000)],
        description=_l("{name}, {form} and {receipt} are filled in for each sender."),
        render_kw={"rows": 6},
    )
    auto_reply_copy = BooleanField(_l("Add a copy of the answers"))

    def notice_addresses(self) -> list[str]:
        """Return the addresses to tell, each once."""
        return list(dict.fromkeys(_lines(self.notice_to.data)))


class FieldForm(BaseForm):
    """One field of a form in the builder. Its kind is fixed once it is added."""

    type = HiddenField()
    label = StringField(
        _l("Question"),
        filters=[_strip],
        validators=[InputRequired(_l("Write the question.")), Length(max=200)],
    )
    required = BooleanField(_l("Must be answered"))
    choices = TextAreaField(
        _l("Choices, one per line"),
        validators=[InputRequired(_l("Write at least one choice."))],
        render_kw={"rows": 4},
    )
    statement = TextAreaField(
        _l("What the visitor agrees to"),
        filters=[_strip],
        validators=[Length(max=1_000)],
        description=_l("Kept word for word with every answer."),
        render_kw={"rows": 2},
    )
    help = StringField(_l("Help below the question"), filters=[_strip], validators=[Length(max=500)])
    placeholder = StringField(
        _l("Example in the empty field"), filters=[_strip], validators=[Length(max=200)]
    )
    saves_as = SelectField(
        _l("Saved at the customer as"),
        choices=[SelectChoice(str(s), title) for s, title in SAVES_AS_TITLES.items()],
    )
    key = StringField(
        _l("Key for programs"),
        filters=[_strip],
        validators=[Length(max=80)],
        description=_l("Under this name programs send and read the answer. Empty: made from the question."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = self.kind
        if kind not in WITH_CHOICES:
            del self.choices
        if kind is not Kind.ACCEPTANCE:
            del self.statement
        if kind in (*WITH_CHOICES, Kind.ACCEPTANCE, Kind.DATE):
            del self.placeholder
        allowed = SAVES_AS_BY_KIND.get(kind)
        if allowed is None:
            del self.saves_as
        else:
            self.saves_as.choices = [SelectChoice(str(s), SAVES_AS_TITLES[s]) for s in allowed]

    @property
    def kind(self) -> Kind:
        """Return the field's kind; what was tampered with counts as text."""
        return Kind(self.type.data) if self.type.data in set(Kind) else Kind.TEXT

    @property
    def kind_title(self) -> Any:
        """Return the kind in words."""
        return KIND_TITLES[self.kind]

    def choice_list(self) -> list[str]:
        """Return the choices, each once."""
        return list(dict.fromkeys(_lines(self.choices.data))) if "choices" in self else []

    def validate_choices(self, field: Field) -> None:
        """Refuse an empty list, and one that nobody reads."""
        choices = self.choice_list()
        if not choices:
            raise ValidationError(_("Write at least one choice."))
        if len(choices) > MAX_CHOICES:
            raise ValidationError(_("At most %(n)s choices.", n=MAX_CHOICES))
        if any(len(choice) > 200 for choice in choices):
            raise ValidationError(_("A choice has at most %(n)s characters.", n=200))

    def validate_key(self, field: Field) -> None:
        """Refuse keys that cannot stand in a request."""
        if field.data and not _KEY.fullmatch(field.data):
            raise ValidationError(_("Use letters, digits, hyphens and underscores, without spaces."))
        if field.data in RESERVED_KEYS:
            raise ValidationError(_("This key is used by Kaiin itself. Choose another."))
