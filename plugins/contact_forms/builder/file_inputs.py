"""Inputs of the builder for what a question takes of files: endings and sizes, as people write them."""

import re
import unicodedata
from typing import Any

from wtforms import StringField, ValidationError

from core.api import _

from ..definition.file_types import DANGEROUS, KB, MB, size_text

MAX_FILE = 200 * MB
MAX_ENDINGS = 30
_ENDING = re.compile(r"[a-z0-9]{1,12}")
_SIZE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?) ?(b|kb?|mb?)?")
_UNITS = {"": MB, "m": MB, "mb": MB, "k": KB, "kb": KB, "b": 1}


class SizeField(StringField):
    """A size such as `10 MB` or `500 KB`, kept in bytes; a bare number is megabytes."""

    data: Any

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return size_text(self.data) if self.data else ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what was typed."""
        text = unicodedata.normalize("NFKC", str(valuelist[0])).strip().lower() if valuelist else ""
        self.data = None
        if not text:
            return
        found = _SIZE.fullmatch(text)
        if found is None:
            raise ValueError(_("Write a size like 10 MB or 500 KB."))
        self.data = int(float(found[1]) * _UNITS[found[2] or ""])


def check_size(_form: Any, field: Any) -> None:
    """Refuse what no file is, and what nobody waits for."""
    if isinstance(field.data, int) and not 0 < field.data <= MAX_FILE:
        raise ValidationError(_("Write a size of at most %(size)s.", size=size_text(MAX_FILE)))


class EndingsField(StringField):
    """Endings of names such as `psd, ai`; dots and commas may stand or be missing."""

    data: Any

    def _value(self) -> str:
        return ", ".join(self.data or ())

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what was typed."""
        text = unicodedata.normalize("NFKC", str(valuelist[0])).lower() if valuelist else ""
        words = re.split(r"[\s,、;]+", text)
        self.data = tuple(dict.fromkeys(word.lstrip("*.") for word in words if word.lstrip("*.")))


def check_endings(_form: Any, field: Any) -> None:
    """Refuse what is no ending, and what runs when somebody opens it."""
    endings = field.data or ()
    if len(endings) > MAX_ENDINGS or not all(map(_ENDING.fullmatch, endings)):
        raise ValidationError(_("Write endings of names like psd, ai."))
    runs = [ending for ending in endings if ending in DANGEROUS]
    if runs:
        raise ValidationError(
            _("%(endings)s: files like this can do harm when they are opened.", endings=", ".join(runs))
        )
