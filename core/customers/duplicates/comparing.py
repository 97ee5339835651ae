"""Says what two people have in common, and how much that speaks for one person."""

from core.customers.duplicates.people import Person
from core.customers.duplicates.reasons import (
    NOTHING_ELSE,
    ONLY_KANA,
    OTHER_BIRTHDAY,
    OTHER_GIVEN_NAME,
    WEIGHTS,
    Reason,
)


def compare(one: Person, other: Person) -> tuple[int, int]:
    """Return the reasons as a sum of bits, and the score from 0 to 100."""
    reasons = _in_common(one, other)
    score = sum(weight for reason, weight in WEIGHTS.items() if reasons & reason)
    if reasons & Reason.KANA and not (one.name and other.name):
        score += ONLY_KANA
    if not reasons & Reason.EMAIL and _is_another_given_name(one, other):
        score += OTHER_GIVEN_NAME
    if one.birthday and other.birthday and one.birthday != other.birthday:
        score += OTHER_BIRTHDAY
    if _is_reached_elsewhere(one, other):
        score += NOTHING_ELSE
    return int(reasons), max(0, min(100, score))


def _in_common(one: Person, other: Person) -> Reason:
    found = Reason(0)
    if one.emails & other.emails:
        found |= Reason.EMAIL
    if one.phones & other.phones:
        found |= Reason.PHONE
    if one.name and one.name == other.name:
        found |= Reason.NAME
    if one.kana and one.kana == other.kana:
        found |= Reason.KANA
    if one.family and one.family == other.family:
        if one.postal_code and one.postal_code == other.postal_code:
            found |= Reason.ADDRESS
        if one.company and one.company == other.company:
            found |= Reason.WORK
    if found and one.birthday and one.birthday == other.birthday:
        found |= Reason.BIRTHDAY
    return found


def _is_reached_elsewhere(one: Person, other: Person) -> bool:
    """Tell whether at least two of e-mail, telephone and postal code are known of both, none the same."""
    places = [
        frozenset([person.postal_code]) if person.postal_code else frozenset() for person in (one, other)
    ]
    ways = ((one.emails, other.emails), (one.phones, other.phones), (places[0], places[1]))
    known = [mine & theirs for mine, theirs in ways if mine and theirs]
    return len(known) >= 2 and not any(known)


def _is_another_given_name(one: Person, other: Person) -> bool:
    if one.name and other.name and one.name == other.name:
        return False
    if one.given_kana and other.given_kana:
        return one.given_kana != other.given_kana
    return bool(one.given and other.given and one.given != other.given)
