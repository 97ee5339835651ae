"""The form class of every admin screen and plugin: translated messages, clean and bounded input."""

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from wtforms import Field, Form, SelectMultipleField, StringField, TextAreaField
from wtforms.meta import DefaultMeta
from wtforms.validators import StopValidation
from wtforms.widgets import CheckboxInput, ListWidget

from core.i18n import _, current_language, translate
from core.security.hygiene import is_clean

MAX_LINE = 1_000
MAX_TEXT = 100_000
# What an integer column of every database holds.
MAX_INTEGER = 2**31 - 1
_REPLACEMENT = "\ufffd"


# WTForms speaks to programmers ("Field must be …"); these are for everybody else.
_PLAIN_ENGLISH = {
    "This field is required.": "Please fill this in.",
    "Not a valid choice.": "Choose one from the list.",
    "Invalid Choice: could not coerce.": "Choose one from the list.",
    "Not a valid integer value.": "Enter a whole number.",
    "Not a valid decimal value.": "Enter a number.",
    "Not a valid float value.": "Enter a number.",
    "Not a valid date value.": "Enter a date.",
    "Not a valid datetime value.": "Enter a date and a time.",
    "Not a valid time value.": "Enter a time.",
    "Invalid email address.": "Enter an e-mail address like name@example.jp.",
    "Invalid URL.": "Enter an address like https://example.jp/.",
    "Field must be between %(min)d and %(max)d characters long.": "Use %(min)d to %(max)d characters.",
    "Field must be at least %(min)d character long.": "Use at least %(min)d character.",
    "Field must be at least %(min)d characters long.": "Use at least %(min)d characters.",
    "Field cannot be longer than %(max)d character.": "Use at most %(max)d character.",
    "Field cannot be longer than %(max)d characters.": "Use at most %(max)d characters.",
    "Field must be exactly %(max)d characters long.": "Use exactly %(max)d characters.",
    "Number must be at least %(min)s.": "Enter %(min)s or more.",
    "Number must be at most %(max)s.": "Enter %(max)s or less.",
    "Number must be between %(min)s and %(max)s.": "Enter a number from %(min)s to %(max)s.",
}


class _Messages:
    """WTForms' own messages, in Japanese through our catalogue and in plain English."""

    def gettext(self, message: str) -> str:
        translated = translate(current_language(), message)
        return _PLAIN_ENGLISH.get(translated, translated)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        translated = translate(current_language(), singular)
        if translated != singular:
            return translated
        message = singular if n == 1 else plural
        return _PLAIN_ENGLISH.get(message, message)


_MESSAGES = _Messages()


class _Meta(DefaultMeta):
    def get_translations(self, form: Form) -> _Messages:
        return _MESSAGES


class CheckboxesField(SelectMultipleField):
    """Several choices as a list of check boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class BaseForm(Form):
    """A form whose values are safe to store: no NUL, no lone surrogates, bounded sizes.

    It has no token of its own; unsafe requests are checked centrally. A field may say
    `render_kw={"maxlength": …}` or set `limit` to allow another size.
    """

    Meta = _Meta

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Validate every field; a field with unusable input is refused before its own checks."""
        for field in self:
            message = _find_problem(field)
            if message is not None:
                _refuse(field, message)
        return bool(super().validate(extra_validators))

    def add_errors(self, errors: Mapping[str, object]) -> None:
        """Show what a service refused: at the named fields, the rest on top of the form."""
        for name, message in errors.items():
            field = self._fields.get(name)
            if field is None:
                self.form_errors.append(str(message))
            else:
                field.errors = [*field.errors, str(message)]


AdminForm = BaseForm


def _find_problem(field: Field) -> str | None:
    texts = [text for text in field.raw_data or () if isinstance(text, str)]
    if not all(map(is_clean, texts)):
        return _("This holds characters that cannot be used. Please type it again.")
    limit = _text_limit(field)
    if any(len(text) > limit for text in texts):
        return _("This is too long: at most %(limit)s characters.", limit=f"{limit:,}")
    if isinstance(field.data, int | float | Decimal) and not isinstance(field.data, bool):
        return _number_problem(field)
    return None


def _text_limit(field: Field) -> int:
    given = (field.render_kw or {}).get("maxlength")
    if given is not None:
        return int(given)
    return MAX_TEXT if isinstance(field, TextAreaField) else MAX_LINE


def _number_problem(field: Field) -> str | None:
    limit = getattr(field, "limit", MAX_INTEGER)
    is_finite = field.data.is_finite() if isinstance(field.data, Decimal) else math.isfinite(field.data)
    if not is_finite:
        return _("This is not a usable number.")
    return _("This number is too large.") if abs(field.data) > limit else None


def _refuse(field: Field, message: str) -> None:
    def stop(_form: Form, _field: Field) -> None:
        raise StopValidation(message)

    field.validators = [stop]
    field.pre_validate = lambda _form: None
    field.process_errors = []
    # Shown again as typed where that is possible; unusable characters would break the answer.
    field.raw_data = [_printable(text) if isinstance(text, str) else text for text in field.raw_data or ()]
    if isinstance(field, StringField):
        field.data = field.raw_data[0] if field.raw_data else ""
    elif not isinstance(field, SelectMultipleField):
        field.data = None


def _printable(text: str) -> str:
    return text.replace("\0", _REPLACEMENT).encode("utf-8", "replace").decode("utf-8")
