"""Which sites' pages may send forms from elsewhere."""

import re

from wtforms import Field, Form, ValidationError

from core.api import _

_ORIGIN = re.compile(r"https?://[a-z0-9.\-]{1,250}(?::[0-9]{1,5})?")


def check_origins(_form: Form, field: Field) -> None:
    """Refuse lines that are not the beginning of a site's addresses."""
    for line in (field.data or "").split():
        if not _ORIGIN.fullmatch(line):
            raise ValidationError(_("%(text)s is no site like https://www.example.jp.", text=line[:100]))
