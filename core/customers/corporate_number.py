"""The corporate number (法人番号): 12 digits of the register behind their check digit."""

import re
import unicodedata

from core.customers.cleaning import BadInput
from core.i18n import _

_BASE, _WHOLE = 12, 13
_GAPS = re.compile(r"[\s\-‐‑‒–—―−ー.]")


def check_digit(base: str) -> str:
    """Return the digit that stands before the 12 digits `base`.

    Nine less the remainder by nine of the digits' sum, every second one from the right doubled.
    """
    weighted = sum(int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(base)))
    return str(9 - weighted % 9)


def is_corporate_number(number: str) -> bool:
    """Tell whether a text is 13 digits of which the first fits the others."""
    is_whole = len(number) == _WHOLE and number.isascii() and number.isdecimal()
    return is_whole and number[0] == check_digit(number[1:])


def check_corporate_number(text: str) -> str:
    """Return a number as 13 digits, however it was typed; raise BadInput with what to do."""
    number = _GAPS.sub("", unicodedata.normalize("NFKC", text)).upper().removeprefix("T")
    if is_corporate_number(number):
        return number
    if not (number.isascii() and number.isdecimal()):
        raise BadInput(_("Enter 13 digits, like 7000012050002."))
    if len(number) == _BASE:
        whole = check_digit(number) + number
        raise BadInput(
            _("This is the number of the company register. The corporate number is %(number)s.", number=whole)
        )
    if len(number) != _WHOLE:
        raise BadInput(
            _(
                "A corporate number has 13 digits; here are %(count)s. Example: 7000012050002.",
                count=len(number),
            )
        )
    raise BadInput(
        _("A digit is wrong: the check digit in front does not fit. Compare it with the original.")
    )
