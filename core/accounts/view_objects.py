"""What site templates see of an account."""

import datetime as dt

from core.customers.models import Customer
from core.db import db
from core.i18n import to_site_time
from core.security.sessions import SignedInAccount
from core.theming.view_objects import view_object


@view_object
class AccountView:
    """A member's own data, for the membership card."""

    name: str
    kana: str
    email: str
    member_number: str
    member_since: dt.date | None
    language: str | None


def account_view(account: SignedInAccount) -> AccountView:
    """Return the card of the signed-in account; staff without a customer show their name."""
    customer = db.session.get(Customer, account.customer_id) if account.customer_id is not None else None
    if customer is None:
        return AccountView(
            name=account.display_name or account.email,
            kana="",
            email=account.email,
            member_number="",
            member_since=None,
            language=account.language,
        )
    return AccountView(
        name=customer.name,
        kana=customer.kana,
        email=account.email,
        member_number=f"{customer.id:08d}",
        member_since=to_site_time(customer.created_at).date(),
        language=account.language,
    )
