"""Turns cells into values to store: what people and other programs write, and our own exports."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Any

from email_validator import EmailNotValidError, validate_email

from core.conditions.fields import Choice, FieldType
from core.customers.attributes import Attribute, clean
from core.customers.cleaning import MAX_ITEMS, BadInput
from core.customers.values import display_phone
from core.exports.columns import CELL_SEPARATOR
from core.exports.guard import unguard_cell
from core.i18n import LANGUAGES, _, in_language

Converter = Callable[[str], Any]
_MIDNIGHT = re.compile(r"[ T]0{1,2}:00(:00)?$")
_SEPARATORS = re.compile(r"[,、，;；\n]+")
_EVERYDAY_EMAIL = re.compile(r"([A-Za-z0-9_+-]{1,30}(?:\.[A-Za-z0-9_+-]{1,30})?)@([A-Za-z0-9.-]{4,100})")
_SHORT_EMAIL = 160
_MOBILE = re.compile(r"(0[789]0)-?([1-9][0-9]{3})-?([0-9]{4})")
_AT_HOME = re.compile(r"0[1-9][0-9]{0,4}-?[0-9]{1,4}-?[0-9]{4}")
_DIGITS_AT_HOME, _LAST_PART = (10, 11), 4
_ONE_LINE_CACHE = 4096
_SHORT_LIST = 100
_TRUTHS: Mapping[str, bool] = {
    **dict.fromkeys(
        ("yes", "y", "true", "t", "1", "on", "はい", "有", "あり", "可", "済", "○", "〇", "o", "✓"), True
    ),
    **dict.fromkeys(
        ("no", "n", "false", "f", "0", "off", "いいえ", "無", "なし", "不可", "未", "×", "x"), False
    ),
}


def converter_of(attribute: Attribute, known: Iterable[str] = ()) -> Converter:
    """Return what makes a value of a filled cell, or raises BadInput with the reason.

    `known` are values of a free list, so that one with a comma in it stays whole.
    """
    match attribute.type:
        case FieldType.BOOLEAN:
            return _remembering(_truth)
        case FieldType.CHOICE:
            return _remembering(_choice(attribute))
        case FieldType.MULTI:
            return _remembering_lists(
                _choices(attribute) if attribute.choices else _free_list(attribute, known)
            )
        case FieldType.EMAIL:
            return lambda text: _plain_email(text) or clean(attribute, text)
        case FieldType.PHONE:
            return lambda text: _mobile_phone(text) or _phone_at_home(text) or clean(attribute, text)
        case FieldType.DATE:
            return _remembering(lambda text: clean(attribute, _MIDNIGHT.sub("", text.strip())))
    convert: Converter = lambda text: clean(attribute, text)  # noqa: E731
    return convert if attribute.multiline else _remembering(convert)


def _remembering(convert: Converter) -> Converter:
    """Let a converter remember what it gave: names, towns and days come again and again."""
    return lru_cache(_ONE_LINE_CACHE)(convert)


def _remembering_lists(convert: Converter) -> Converter:
    """Let a converter of lists remember; each row gets a list of its own."""
    remembered = lru_cache(_ONE_LINE_CACHE)(convert)
    return lambda text: list(remembered(text)) if len(text) <= _SHORT_LIST else convert(text)


@lru_cache(_ONE_LINE_CACHE)
def _domain(name: str) -> str:
    """Return a domain as the form would store it, empty for one to be looked at with its address."""
    try:
        found = validate_email(f"a@{name}", check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return ""
    return found.normalized.removeprefix("a@")


def _plain_email(text: str) -> str:
    """Return what the form makes of an everyday address, much quicker; empty for any other."""
    found = _EVERYDAY_EMAIL.fullmatch(text)
    if found is None or len(text) > _SHORT_EMAIL:
        return ""
    domain = _domain(found[2])
    return f"{found[1]}@{domain}" if domain else ""


def _mobile_phone(text: str) -> str:
    """Return what the form makes of a Japanese mobile number, much quicker; empty for any other."""
    found = _MOBILE.fullmatch(text)
    return f"{found[1]}-{found[2]}-{found[3]}" if found else ""


def _phone_at_home(text: str) -> str:
    """Return what the form makes of a number of ten or eleven digits, much quicker; empty for any other."""
    digits = text.replace("-", "")
    if len(digits) not in _DIGITS_AT_HOME or not _AT_HOME.fullmatch(text):
        return ""
    cuts = _cuts(digits[:-_LAST_PART])
    pieces = [digits[start:end] for start, end in pairwise([0, *cuts, len(digits)])]
    return "-".join(pieces) if cuts else text


@lru_cache(4 * _ONE_LINE_CACHE)
def _cuts(beginning: str) -> tuple[int, ...]:
    """Return where numbers with this beginning are cut; none are left as typed, being in no use.

    The last four digits have no say in it.
    """
    odd = f"{beginning[0]}-{beginning[1:]}0000"
    shown = display_phone(odd) or ""
    if shown == odd:
        return ()
    return tuple(accumulate(len(piece) for piece in shown.split("-")[:-1]))


def cell_text(cell: str) -> str:
    """Return what a cell says: without outer space and without the guard of our exports."""
    text = cell.strip()
    return unguard_cell(text) if text.startswith("'") else text


def split_name(text: str) -> tuple[str, str | None]:
    """Return family name and given name of a whole name, which a space divides."""
    family, _space, given = unicodedata.normalize("NFKC", text).strip().partition(" ")
    return family, given.strip() or None


def _key(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _truth(text: str) -> bool:
    found = _TRUTHS.get(_key(text))
    if found is None:
        raise BadInput(_("Choose yes or no."))
    return found


class _Names(dict[str, str | None]):
    """Value by the words for it, in every language; None where two values are called alike."""

    def __init__(self, choices: Iterable[Choice]) -> None:
        super().__init__()
        offered = list(choices)
        for language in LANGUAGES:
            with in_language(language):
                for choice in offered:
                    self._add(_key(str(choice.label)), choice.value)
        # The value itself always means itself.
        self.update({_key(choice.value): choice.value for choice in offered})

    def _add(self, word: str, value: str) -> None:
        self[word] = value if self.get(word, value) == value else None

    def find(self, text: str) -> str | None:
        word = _key(text)
        if word in self and self[word] is None:
            raise BadInput(_("Several choices are called so: %(name)s.", name=text[:60]))
        return self.get(word)


def _choice(attribute: Attribute) -> Converter:
    names = _Names(attribute.list_choices())

    def convert(text: str) -> str:
        value = names.find(text)
        if value is None:
            raise BadInput(_("There is no choice “%(name)s”.", name=text[:60]))
        return value

    return convert


def _choices(attribute: Attribute) -> Converter:
    names = _Names(attribute.list_choices())

    def convert(text: str) -> list[str]:
        found: dict[str, None] = {}
        for piece, value in _pieces(text, names.find):
            if value is None:
                raise BadInput(_("There is no choice “%(name)s”.", name=piece[:60]))
            found[value] = None
        return _bounded(found)

    return convert


def _free_list(attribute: Attribute, known: Iterable[str]) -> Converter:
    have = frozenset(known)

    def convert(text: str) -> list[str]:
        pieces = _pieces(text, lambda piece: piece if piece in have else None)
        return _bounded(dict.fromkeys(clean(attribute, [piece])[0] for piece, _value in pieces))

    return convert


def _bounded(found: Iterable[str]) -> list[str]:
    values = list(found)
    if len(values) > MAX_ITEMS:
        raise BadInput(_("Give at most %(limit)s.", limit=MAX_ITEMS))
    return values


def _pieces(text: str, find: Callable[[str], str | None]) -> list[tuple[str, str | None]]:
    """Cut a list; a known name may hold the signs that cut, so the longest known ones go first."""
    parts = text.split(CELL_SEPARATOR)
    found: list[tuple[str, str | None]] = []
    place = 0
    while place < len(parts):
        for end in range(len(parts), place, -1):
            whole = CELL_SEPARATOR.join(parts[place:end]).strip()
            value = find(whole) if whole else None
            if value is not None:
                found.append((whole, value))
                place = end
                break
        else:
            small = [piece.strip() for piece in _SEPARATORS.split(parts[place])]
            found.extend((piece, find(piece)) for piece in small if piece)
            place += 1
    return found
