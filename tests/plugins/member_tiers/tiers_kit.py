"""Short ways to make members, memberships, points and pages."""

import datetime as dt
from typing import Any

from core.content.access import ContentRef
from core.content.services import save_page
from core.db import transaction
from core.i18n import site_today
from core.testing.factories import make_account, make_customer
from plugins.member_tiers import services
from plugins.member_tiers.models import Tier
from plugins.member_tiers.points import ledger

# What must never reach anybody who is not entitled.
SECRET = "ひみつのかなりあ"


def days(number: int) -> dt.timedelta:
    return dt.timedelta(days=number)


def join(customer: Any, tier: Tier, since: int = -10, until: int | None = None) -> Any:
    """Put a customer on a tier from/until some days from today."""
    today = site_today()
    with transaction():
        return services.give_membership(
            customer.id,
            tier.id,
            starts_on=today + days(since),
            ends_on=today + days(until) if until is not None else None,
        )


_keys = iter(range(1, 1_000_000))


def give(customer: Any, amount: int, until: int | None = None, key: str | None = None) -> Any:
    """Give a customer points that last some days, or for ever."""
    movement = ledger.Movement(key or f"test:{next(_keys)}", "gift")
    expires_on = site_today() + days(until) if until is not None else None
    with transaction():
        return ledger.earn(customer.id, amount, movement, expires_on=expires_on)


class Customer:
    """A member's customer, by id alone."""

    def __init__(self, account: Any) -> None:
        self.id = account.customer_id


def make_member(**values: Any) -> Any:
    """Return a member's account; its customer has the given values."""
    return make_account("Member", customer=make_customer(**values))


def make_page(slug: str, *, rule: Any = None, price: int | None = None, body: str = "") -> ContentRef:
    """Write a published, restricted page whose text holds SECRET."""
    options = {"member_tiers": {"unlock_price": price}} if price is not None else {}
    values = {
        "slug": slug,
        "title": f"ページ {slug}",
        "body": body or f"{SECRET} {slug}",
        "status": "published",
        "visibility": "restricted",
        "rule": rule,
        "options": options,
    }
    with transaction():
        return save_page(values).ref
