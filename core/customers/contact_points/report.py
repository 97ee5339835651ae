"""Further contact points in what people are told about themselves."""

from typing import Any

from core.customers.contact_points.entry import text_of
from core.customers.contact_points.queries import points_of
from core.customers.contact_points.store import values_of


def report_points(customer_id: int, *, for_member: bool = False) -> list[dict[str, Any]]:
    """Return the further contact points and the remarks on primary ones, as JSON values.

    Members get the values; notes and marks are the staff's.
    """
    found = []
    for point in points_of([customer_id]).get(customer_id, ()):
        if for_member and point.is_primary:
            continue
        entry: dict[str, Any] = {"kind": point.kind, "is_primary": point.is_primary}
        if point.service:
            entry["service"] = point.service
        if not point.is_primary:
            entry["value"] = text_of(point.kind, values_of(point))
        if not for_member:
            entry |= {"label": point.label, "note": point.note, "mark": point.mark}
        found.append(entry)
    return found
