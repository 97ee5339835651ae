"""Contact points when two customers become one: none is lost, none stands there twice."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.customers.contact_points.entry import key_of
from core.customers.contact_points.models import PointKind
from core.customers.contact_points.queries import find_remark, points_of
from core.customers.contact_points.step import primary_key
from core.customers.contact_points.store import (
    insert_point,
    primary_values,
    remark_on,
    remarks_of,
    values_of,
)
from core.customers.models import Customer
from core.db import db

_Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Gathered:
    """One contact point of either customer, with its remark."""

    place: _Place
    key: str
    values: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Return what tells it from the others of both customers."""
        return f"{self.place[0]}:{self.place[1]}:{self.key}"


def gather(kept: Customer, merged: Customer) -> list[Gathered]:
    """Return the contact points of both, primary ones first, before one of the customers goes."""
    return [*_of(kept), *_of(merged)]


def _of(customer: Customer) -> Iterator[Gathered]:
    services = [row.service for row in customer.social_accounts]
    places = [
        *((kind.value, "") for kind in PointKind if kind is not PointKind.SOCIAL),
        *((PointKind.SOCIAL.value, service) for service in services),
    ]
    for kind, service in places:
        first = primary_values(customer, kind, service)
        if any(first.values()):
            remark = find_remark(customer.id, kind, service)
            said = remarks_of(remark) if remark is not None else {}
            yield Gathered(
                (kind, service), primary_key(customer, kind, service), {**first, "service": service, **said}
            )
    for point in points_of([customer.id]).get(customer.id, ()):
        if not point.is_primary:
            kept_as = {**values_of(point), **remarks_of(point), "created_at": point.created_at}
            yield Gathered((point.kind, point.service), point.key, kept_as)


def settle(kept: Customer, gathered: list[Gathered]) -> None:
    """Give the kept customer every contact point of both, once the other customer is gone."""
    for point in points_of([kept.id]).get(kept.id, ()):
        db.session.delete(point)
    db.session.flush()
    placed: set[tuple[_Place, str]] = set()
    for one in gathered:
        kind, service = one.place
        if (one.place, one.key) in placed:
            continue
        placed.add((one.place, one.key))
        if one.key == primary_key(kept, kind, service):
            remark_on(kept.id, kind, service, one.values)
        elif key_of(kind, one.values):
            insert_point(kept.id, kind, one.values)
