"""Admin forms of what happens to a form's messages."""

import re
from typing import Any

from wtforms import BooleanField, Field, IntegerField, StringField, ValidationError
from wtforms.validators import InputRequired, Length, NumberRange

from core.api import BaseForm, _, _l

from .handling import ReceiptFormat

# Four digits at the end would read like a year, and could make two numbers look the same.
_PREFIX = re.compile(r"(?!.*\d{4}$)\w(?:[\w\-]*\w)?")


def _strip(text: str | None) -> str:
    return (text or "").strip()


class ReceiptForm(BaseForm):
    """How a form's receipt numbers look."""

    prefix = StringField(
        _l("Before the number"),
        filters=[_strip],
        validators=[Length(max=12)],
        description=_l("Letters that say which form it is, for example Q. May be empty."),
    )
    with_year = BooleanField(
        _l("With the year"), description=_l("Every January the numbers begin again with 1.")
    )
    digits = IntegerField(
        _l("Digits"),
        validators=[InputRequired(), NumberRange(1, 10)],
        description=_l("Zeros fill the number up to so many digits."),
    )

    def validate_prefix(self, field: Field) -> None:
        """Refuse what could be taken for a part of the number."""
        if field.data and not _PREFIX.fullmatch(field.data):
            raise ValidationError(
                _("Use letters, digits and hyphens; no hyphen and no four digits at the end.")
            )

    def receipt_format(self) -> ReceiptFormat:
        """Return what was chosen."""
        values: dict[str, Any] = self.data
        return ReceiptFormat(**values)
