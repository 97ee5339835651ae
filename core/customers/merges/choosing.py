"""What staff choose before a merge: a value for each field, and which contact points come along."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from core.conditions.fields import FieldType
from core.conditions.formatting import format_value
from core.customers.attributes import Attribute
from core.customers.contact_points.entry import KIND_TITLES, text_of
from core.customers.contact_points.merging import Gathered, gather
from core.customers.contact_points.models import PointKind
from core.customers.contact_points.step import primary_key
from core.customers.masking import is_masked
from core.customers.merging import BOTH, KEPT, MERGED
from core.customers.models import Customer
from core.customers.registry import customer_attributes, customer_fields
from core.customers.storage import read_values
from core.i18n import _


@dataclass(frozen=True, slots=True)
class Choice:
    """One field of both customers; without options there is nothing to choose."""

    name: str
    title: str
    kept: str
    merged: str
    options: tuple[str, ...]
    chosen: str

    @property
    def is_settled(self) -> bool:
        """Tell whether both say the same."""
        return not self.options


@dataclass(frozen=True, slots=True)
class PointChoice:
    """One further contact point of either customer."""

    name: str
    text: str
    kind: str
    owner: str


def list_choices(kept: Customer, merged: Customer, account: Any) -> list[Choice]:
    """Return every field that the account may see and that either has, those to be chosen first."""
    attributes, fields = customer_attributes(account), customer_fields(account)
    left, right = read_values(kept, attributes), read_values(merged, attributes)
    found = []
    for name, attribute in attributes.items():
        old, new = left[name], right[name]
        if name not in fields or (old in (None, []) and new in (None, [])):
            continue
        options, chosen = _options(attribute, old, new)
        texts = [format_value(fields[name], value) for value in (old, new)]
        found.append(Choice(name, str(attribute.title), texts[0], texts[1], options, chosen))
    return sorted(found, key=lambda choice: not choice.options)


def _options(attribute: Attribute, old: Any, new: Any) -> tuple[tuple[str, ...], str]:
    if attribute.locked:
        return (), KEPT
    if attribute.type is FieldType.MULTI:
        is_same = sorted(old or ()) == sorted(new or ())
        return ((), KEPT) if is_same or not new else ((KEPT, MERGED, BOTH), BOTH)
    # Nobody enters "not a decision maker"; a "no" in another field was said.
    old, new = (
        None if attribute.name == "is_decision_maker" and not value else value for value in (old, new)
    )
    if new is None or new == old:
        return (), KEPT
    if old is None:
        return (KEPT, MERGED), MERGED
    return ((KEPT, MERGED, BOTH) if attribute.multiline else (KEPT, MERGED)), KEPT


def list_points(kept: Customer, merged: Customer) -> list[PointChoice]:
    """Return the further contact points of both; the primary ones are fields."""
    found = []
    for one, owner in _further(kept, merged):
        kind = PointKind(one.place[0])
        if is_masked(kind):
            continue
        text = text_of(kind, one.values)
        found.append(
            PointChoice(one.name, text, str(KIND_TITLES[kind]), _("No. %(number)s", number=owner.number))
        )
    return found


def left_out(kept: Customer, merged: Customer, ticked: Collection[str]) -> list[str]:
    """Return the names of the further contact points that were shown and lost their tick."""
    return [
        one.name
        for one, _owner in _further(kept, merged)
        if one.name not in ticked and not is_masked(one.place[0])
    ]


def _further(kept: Customer, merged: Customer) -> list[tuple[Gathered, Customer]]:
    primaries = {
        (kind.value, "", primary_key(customer, kind))
        for kind in PointKind
        if kind is not PointKind.SOCIAL
        for customer in (kept, merged)
    } | {
        (PointKind.SOCIAL.value, row.service, primary_key(customer, PointKind.SOCIAL, row.service))
        for customer in (kept, merged)
        for row in customer.social_accounts
    }
    found: dict[str, tuple[Gathered, Customer]] = {}
    mine = {one.name for one in gather(kept, kept)}
    for one in gather(kept, merged):
        if (*one.place, one.key) not in primaries:
            found.setdefault(one.name, (one, kept if one.name in mine else merged))
    return list(found.values())
