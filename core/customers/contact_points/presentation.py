"""Contact points as the customer page shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.customers.choices import SOCIAL_SERVICES
from core.customers.contact_points.carriers import is_old_carrier_address
from core.customers.contact_points.entry import ADDRESS_PARTS, KIND_TITLES, text_of
from core.customers.contact_points.models import ContactPoint, Mark, PointKind
from core.customers.contact_points.queries import points_of
from core.customers.contact_points.store import primary_values, values_of
from core.customers.masking import is_masked, masked_values, unmasked
from core.customers.models import Customer
from core.customers.shared_attributes import SOCIAL_PREFIX

GROUPS: Mapping[str, Sequence[PointKind]] = {
    "contact": (PointKind.EMAIL, PointKind.PHONE),
    "address": (PointKind.ADDRESS,),
    "social": (PointKind.SOCIAL,),
}
# These facts are shown as contact points instead.
SHOWN_AS_POINTS = frozenset(
    {"email", "phone", *ADDRESS_PARTS, *(SOCIAL_PREFIX + choice.value for choice in SOCIAL_SERVICES)}
)
_ICONS = {"email": "mail", "phone": "phone", "address": "map-pin", "social": "at"}


@dataclass(frozen=True, slots=True)
class PointView:
    """One contact point in words; `place` names it in addresses of the admin."""

    place: str
    kind: str
    icon: str
    title: str
    text: str
    href: str
    label: str
    note: str
    is_primary: bool
    is_alone: bool
    is_failing: bool
    is_verified: bool
    is_old_carrier: bool
    is_masked: bool = False


def points_by_group(customer: Customer) -> dict[str, list[PointView]]:
    """Return all contact points of a customer by group of facts, the primary of each kind first."""
    rows = points_of([customer.id]).get(customer.id, ())
    return {
        group: [view for kind in kinds for view in _of_kind(customer, kind, rows)]
        for group, kinds in GROUPS.items()
    }


def plain_point(customer: Customer, place: str) -> PointView | None:
    """Return a contact point as it is, for those who may see it whole; None when there is none."""
    with unmasked():
        views = [view for views in points_by_group(customer).values() for view in views]
    return next((view for view in views if view.place == place), None)


def _of_kind(customer: Customer, kind: PointKind, rows: Sequence[ContactPoint]) -> list[PointView]:
    mine = [row for row in rows if row.kind == kind]
    services = [choice.value for choice in SOCIAL_SERVICES] if kind is PointKind.SOCIAL else [""]
    found = []
    for service in services:
        further = [row for row in mine if row.service == service and not row.is_primary]
        first = primary_values(customer, kind, service)
        if any(first.values()):
            remark = next((row for row in mine if row.service == service and row.is_primary), None)
            place = f"{kind}:{service}" if service else kind.value
            found.append(_view(place, kind, service, first, remark, is_alone=not further))
        found += [_view(str(row.id), kind, service, values_of(row), row, is_alone=False) for row in further]
    return found


def _view(
    place: str,
    kind: PointKind,
    service: str,
    values: Mapping[str, Any],
    said: ContactPoint | None,
    *,
    is_alone: bool,
) -> PointView:
    text, mark = text_of(kind, masked_values(kind, values)), said.mark if said is not None else None
    hides = is_masked(kind)
    return PointView(
        place=place,
        kind=kind.value,
        icon=_ICONS[kind],
        title=_title(kind, service),
        text=text,
        href="" if hides else _href(kind, text),
        label=(said.label or "") if said is not None else "",
        note=(said.note or "") if said is not None else "",
        is_primary=not place.isdigit(),
        is_alone=is_alone,
        is_failing=mark == Mark.FAILING,
        is_verified=mark == Mark.VERIFIED,
        is_old_carrier=kind is PointKind.EMAIL and is_old_carrier_address(str(values.get("value"))),
        is_masked=hides,
    )


def _title(kind: PointKind, service: str) -> str:
    labels = {choice.value: str(choice.label) for choice in SOCIAL_SERVICES}
    return labels.get(service) or str(KIND_TITLES[kind])


def _href(kind: PointKind, text: str) -> str:
    if kind is PointKind.EMAIL:
        return f"mailto:{text}"
    return f"tel:{text.replace(' ', '')}" if kind is PointKind.PHONE else ""
