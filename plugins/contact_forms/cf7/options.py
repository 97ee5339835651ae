"""Writes the options of a form-tag as those of a Kaiin field."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

from core.api import _

from ..definition.dates import resolve_day
from ..definition.kinds import MAX_LENGTHS, NUMERIC, Kind, has_option
from ..definition.options import Count, FieldOptions
from ..definition.rules import NUMBER
from .file_options import read_file_options
from .report import Report
from .tags import Tag

_OLD_TEXT = re.compile(r"([0-9]{0,4})/([0-9]{0,6})")
_OLD_AREA = re.compile(r"([0-9]{0,4})x([0-9]{0,4})(?:/([0-9]{0,6}))?")
_DEFAULT = re.compile(r"[0-9]+(?:_[0-9]+)*")
# What only says how the old page looked.
_LOOKS = re.compile(
    r"(?:id|class|tabindex|cols|size|capture|akismet):.*|label_first|use_label_element|[0-9]*/[0-9]*|[0-9]*x[0-9]*.*"
)
_FLAGS = frozenset(
    {"placeholder", "watermark", "readonly", "exclusive", "free_text", "multiple", "include_blank"}
    | {"first_as_label", "optional", "invert"}
)
_VALUED = ("maxlength:", "minlength:", "rows:", "min:", "max:", "step:", "default:", "autocomplete:", "id:")
_OF_FILES = ("filetypes:", "limit:")
_USER_FIELDS = {"user_email": "email", "user_last_name": "family_name", "user_first_name": "given_name"}
_MAX_NUMBER = 100_000


def read_options(tag: Tag, kind: Kind, report: Report) -> dict[str, Any]:
    """Return the options of a field of a kind, and `placeholder` where the tag has one."""
    given = dict(_lengths(tag)) | dict(_limits(tag, kind, report)) | dict(_flags(tag))
    given |= _first_value(tag, kind, report)
    if kind is Kind.FILE:
        given |= read_file_options(tag, report)
    _note_unknown(tag, report)
    return {name: value for name, value in given.items() if name == "placeholder" or has_option(kind, name)}


def options_of(values: dict[str, Any]) -> FieldOptions:
    """Return the options without what a field holds beside them."""
    return FieldOptions(**{name: value for name, value in values.items() if name != "placeholder"})


def read_count(tag: Tag) -> Count:
    """Return which way a count tag counts."""
    return Count.DOWN if tag.has("down") else Count.UP


def whole(text: str) -> int | None:
    """Return a small whole number, None for anything else."""
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(_MAX_NUMBER))
    return int(text) if is_number and 0 < int(text) <= _MAX_NUMBER else None


def _lengths(tag: Tag) -> Iterator[tuple[str, Any]]:
    sizes = {"min_length": tag.option("minlength"), "max_length": tag.option("maxlength")}
    sizes |= {"size": tag.option("size"), "rows": tag.option("rows")}
    for option in tag.options:
        if old := _OLD_AREA.fullmatch(option):
            sizes["rows"] = sizes["rows"] or old[2]
            sizes["max_length"] = sizes["max_length"] or (old[3] or "")
        elif old := _OLD_TEXT.fullmatch(option):
            sizes["size"] = sizes["size"] or old[1]
            sizes["max_length"] = sizes["max_length"] or old[2]
    most = {"size": 100, "rows": 40, "max_length": max(MAX_LENGTHS.values())}
    for name, text in sizes.items():
        number = whole(text)
        if number:
            yield name, min(number, most.get(name, number))


def _limits(tag: Tag, kind: Kind, report: Report) -> Iterator[tuple[str, Any]]:
    for option, name in (("min", "minimum"), ("max", "maximum"), ("step", "step")):
        text = tag.option(option)
        if not text:
            continue
        if kind in NUMERIC and NUMBER.fullmatch(text):
            yield name, text
        elif kind is Kind.DATE and name != "step" and (day := _day(text)):
            yield name, day
        elif kind in NUMERIC or kind is Kind.DATE:
            report.left(
                f"{option}:{text} … {tag.original}", _("Kaiin knows no such limit. Set it in the builder.")
            )


def _day(text: str) -> str:
    """Return a day as Kaiin counts it; underscores stand for blanks, and `+` may be missing."""
    day = text.replace("_", "").lower()
    day = {"tomorrow": "today+1day", "yesterday": "today-1day"}.get(day, day)
    day = re.sub(r"^(?=[+-])", "today", day)
    return day if resolve_day(day, dt.date(2026, 1, 31)) else ""


def _flags(tag: Tag) -> Iterator[tuple[str, Any]]:
    yield "readonly", tag.has("readonly")
    yield "autocomplete", tag.option("autocomplete")
    yield "exclusive", tag.has("exclusive")
    yield "free_text", tag.has("free_text")
    yield "multiple", tag.has("multiple")
    yield "include_blank", tag.has("include_blank")
    yield "first_as_label", tag.has("first_as_label")
    yield "inverted", tag.has("invert")


def _first_value(tag: Tag, kind: Kind, report: Report) -> dict[str, Any]:
    given: dict[str, Any] = {}
    defaults = [option[8:] for option in tag.options if option.startswith("default:")]
    for default in defaults:
        if default == "get":
            given["url_parameter"] = tag.name
        elif default in _USER_FIELDS:
            given["member_field"] = _USER_FIELDS[default]
        elif _DEFAULT.fullmatch(default) and tag.labels:
            chosen = (tag.labels[int(n) - 1 : int(n)] for n in default.split("_") if whole(n))
            given["default"] = "\n".join(label for some in chosen for label in some)
        elif default == "on" and kind is Kind.ACCEPTANCE:
            given["default"] = "1"
        else:
            report.left(
                f"default:{default} … {tag.original}", _("Kaiin has no such source of a first value.")
            )
    if kind in (Kind.QUIZ, Kind.ACCEPTANCE) or has_option(kind, "choices") or kind is Kind.PREFECTURE:
        return given
    value = tag.content.strip() or next(iter(tag.values), "")
    if tag.has("placeholder", "watermark"):
        given["placeholder"] = " ".join(value.split())[:200]
    elif value:
        given["default"] = value[:2_000]
    return given


def _note_unknown(tag: Tag, report: Report) -> None:
    for option in tag.options:
        if tag.type == "file" and option.startswith(_OF_FILES):
            continue
        if option in _FLAGS or option.startswith(_VALUED) or _LOOKS.fullmatch(option):
            continue
        if option == "consent_for:storage":
            report.changed(option, _("Kaiin keeps every message with the words that were agreed to."))
            continue
        report.left(f"{option} … {tag.original}", _("Kaiin has no such option."))
