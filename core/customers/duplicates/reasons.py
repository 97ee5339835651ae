"""Why two customers may be one person: bits that are kept as a sum, and what each weighs."""

import enum
from collections.abc import Mapping
from typing import Any

from core.i18n import _l


class Reason(enum.IntFlag):
    """One thing that two customers have in common."""

    EMAIL = 1
    PHONE = 2
    NAME = 4
    KANA = 8
    ADDRESS = 16
    WORK = 32
    BIRTHDAY = 64


TITLES: Mapping[Reason, Any] = {
    Reason.EMAIL: _l("Same mailbox"),
    Reason.PHONE: _l("Same telephone"),
    Reason.NAME: _l("Same name"),
    Reason.KANA: _l("Same reading"),
    Reason.ADDRESS: _l("Same family name and postal code"),
    Reason.WORK: _l("Same family name and company"),
    Reason.BIRTHDAY: _l("Same birthday"),
}
WEIGHTS: Mapping[Reason, int] = {
    Reason.EMAIL: 60,
    Reason.PHONE: 40,
    Reason.NAME: 40,
    Reason.KANA: 30,
    Reason.ADDRESS: 40,
    Reason.WORK: 40,
    Reason.BIRTHDAY: 20,
}
# Customers with one of these in common are compared, unless so many have it that it says nothing:
# a switchboard, a frequent name. A birthday alone never makes anybody a candidate.
MOST: Mapping[Reason, int] = {
    Reason.EMAIL: 50,
    Reason.PHONE: 20,
    Reason.NAME: 10,
    Reason.KANA: 10,
    Reason.ADDRESS: 20,
    Reason.WORK: 20,
}
# Spouses share address and telephone: other given names count against it, and so do birthdays.
OTHER_GIVEN_NAME, OTHER_BIRTHDAY = -60, -40
# Namesakes: two ways to reach them are known of both, and none is the same.
NOTHING_ELSE = -40
# No kanji to contradict: the reading is the name.
ONLY_KANA = 10
THRESHOLD, LIKELY, VERY_LIKELY = 40, 60, 80


def titles_of(reasons: int) -> list[str]:
    """Return the reasons in words."""
    return [str(title) for reason, title in TITLES.items() if reasons & reason]
