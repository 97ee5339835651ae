"""Verbs of freshness."""

from collections.abc import Iterable

from core.customers.services import update_customer
from core.i18n import site_today


def confirm_today(customer_ids: Iterable[int], *, by: int | None = None) -> int:
    """Note that the data of customers was found right today; return of how many. Raises NotFound."""
    count = 0
    for customer_id in customer_ids:
        update_customer(customer_id, {"last_confirmed_on": site_today()}, by=by)
        count += 1
    return count
