"""Turns the value of a test into typed values, or says what is wrong with it."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from core.conditions.fields import Field, FieldType
from core.conditions.limits import MAX_DAYS, MAX_INTEGER, MAX_ITEMS, MAX_TEXT
from core.conditions.operators import Operator, Shape
from core.customers.values import fold_email_part, normalise_email, phone_digits, phone_key
from core.i18n import _, select_timezone, to_site_time
from core.security.hygiene import is_clean

PREFECTURE_CODES = frozenset(f"{number:02d}" for number in range(1, 48))
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,19}")
_TRUTHS: Mapping[Any, bool] = {True: True, False: False, "true": True, "false": False, "1": True, "0": False}


class BadValue(ValueError):
    """The value does not fit the field and operator; the message says why."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Which day it is, in which zone."""

    today: dt.date
    zone: str

    @classmethod
    def at(cls, now: dt.datetime | None) -> "Clock":
        """Return the site's clock at `now`, by default at this moment."""
        return cls(to_site_time(now or dt.datetime.now(dt.UTC)).date(), select_timezone())

    def start_of(self, day: dt.date) -> dt.datetime:
        """Return the moment at which `day` begins on the site."""
        return dt.datetime.combine(day, dt.time.min, ZoneInfo(self.zone)).astimezone(dt.UTC)


@dataclass(frozen=True, slots=True)
class Moments:
    """What a datetime is compared with: one moment, or a whole day as `[start, end)`."""

    start: dt.datetime
    end: dt.datetime
    is_day: bool


@dataclass(frozen=True, slots=True)
class Operand:
    """The typed values of a test. A list of which some items were bad is not `complete`."""

    values: tuple[Any, ...] = ()
    complete: bool = True


def read_operand(field: Field, operator: Operator, raw: Any, clock: Clock) -> Operand:
    """Return the typed form of `raw`; raise BadValue when nothing in it is usable."""
    match operator.shape:
        case Shape.NONE:
            return Operand()
        case Shape.DAYS:
            return Operand((_day_span(field, operator, raw, clock),))
        case Shape.RANGE:
            if not isinstance(raw, list | tuple) or len(raw) != 2:
                raise BadValue(_("Give a list of two values."))
            return Operand(tuple(read_value(field, item, clock) for item in raw))
        case Shape.MANY:
            return _many(field, raw, clock)
    value = read_value(field, raw, clock)
    if operator.name in ("contains", "starts_with") and field.match_key is not None:
        return Operand((_key_of_part(field, raw),))
    return Operand((value,))


def _many(field: Field, raw: Any, clock: Clock) -> Operand:
    if not isinstance(raw, list | tuple) or not raw:
        raise BadValue(_("Give a list of values."))
    if len(raw) > MAX_ITEMS:
        raise BadValue(_("A condition may list at most %(limit)s values.", limit=MAX_ITEMS))
    values, complete = [], True
    for item in raw:
        try:
            values.append(read_value(field, item, clock))
        except BadValue:
            complete = False
    if not values:
        return Operand((read_value(field, raw[0], clock),))
    return Operand(tuple(values), complete)


def _day_span(field: Field, operator: Operator, raw: Any, clock: Clock) -> Any:
    days = _integer(raw)
    if not 0 <= days <= MAX_DAYS:
        raise BadValue(_("Give a number of days from 0 to %(limit)s.", limit=MAX_DAYS))
    try:
        edge = clock.today + dt.timedelta(days=days if operator.name == "within_next" else -days)
    except OverflowError:
        raise BadValue(_("This date is out of range.")) from None
    if operator.name == "older_than":
        return (edge if field.type is FieldType.DATE else _moments_of_day(edge, clock),)
    first, last = min(edge, clock.today), max(edge, clock.today)
    if field.type is FieldType.DATE:
        return (first, last)
    return (_moments_of_day(first, clock), _moments_of_day(last, clock))


def read_value(field: Field, raw: Any, clock: Clock) -> Any:
    """Return one typed value for `field`; raise BadValue with the reason when there is none."""
    if field.type in (FieldType.INTEGER, FieldType.MONEY):
        return _integer(raw)
    if field.type is FieldType.BOOLEAN:
        return _boolean(raw)
    if field.type is FieldType.DATE:
        return _date(raw)
    if field.type is FieldType.DATETIME:
        return _moments(raw, clock)
    text = _text(raw)
    if field.type is FieldType.PREFECTURE and text not in PREFECTURE_CODES:
        raise BadValue(_("“%(value)s” is not a prefecture code from 01 to 47.", value=text))
    if field.choices and not callable(field.choices) and not _is_choice(text, field.choices):
        raise BadValue(_("“%(value)s” is not one of the choices.", value=text))
    return _key(field, text)


def _key(field: Field, text: str) -> str:
    if field.match_key is None:
        return text
    if field.type is FieldType.EMAIL:
        return normalise_email(text)
    return _digits(phone_key(text)) if field.type is FieldType.PHONE else text


def _key_of_part(field: Field, text: str) -> str:
    if field.type is FieldType.EMAIL:
        return fold_email_part(text)
    return _digits(phone_digits(text)) if field.type is FieldType.PHONE else text


def _digits(key: str) -> str:
    if not key:
        raise BadValue(_("Give a telephone number."))
    return key


def _is_choice(text: str, choices: Sequence[Any]) -> bool:
    return any(choice.value == text for choice in choices)


def _text(raw: Any) -> str:
    if not isinstance(raw, str) or not raw or not is_clean(raw):
        raise BadValue(_("Give a text."))
    if len(raw) > MAX_TEXT:
        raise BadValue(_("Give at most %(limit)s characters.", limit=MAX_TEXT))
    return raw


def _integer(raw: Any) -> int:
    if isinstance(raw, str) and _WHOLE_NUMBER.fullmatch(raw):
        raw = int(raw)
    if isinstance(raw, bool) or not isinstance(raw, int) or abs(raw) > MAX_INTEGER:
        raise BadValue(_("Give a whole number."))
    return raw


def _boolean(raw: Any) -> bool:
    if not isinstance(raw, bool | str) or raw not in _TRUTHS:
        raise BadValue(_("Give true or false."))
    return _TRUTHS[raw]


def _date(raw: Any) -> dt.date:
    try:
        return dt.date.fromisoformat(raw)
    except (TypeError, ValueError):
        raise BadValue(_("Give a date like 2026-04-01.")) from None


def _moments(raw: Any, clock: Clock) -> Moments:
    if isinstance(raw, str) and len(raw) <= 10:
        return _moments_of_day(_date(raw), clock)
    try:
        moment = dt.datetime.fromisoformat(raw)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(clock.zone))
        moment = moment.astimezone(dt.UTC)
    except (TypeError, ValueError, OverflowError):
        raise BadValue(_("Give a date like 2026-04-01, or a time like 2026-04-01T09:30.")) from None
    return Moments(moment, moment, is_day=False)


def _moments_of_day(day: dt.date, clock: Clock) -> Moments:
    try:
        return Moments(clock.start_of(day), clock.start_of(day + dt.timedelta(days=1)), is_day=True)
    except OverflowError:
        raise BadValue(_("This date is out of range.")) from None
