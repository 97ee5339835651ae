"""What the views read from requests."""

from core.api import (
    Customer,
    ValidationFailed,
    _,
    current_account,
    db,
    find_customer_by_email,
)


def acting_account() -> int | None:
    """Return the id of the signed-in staff account."""
    account = current_account()
    return account.id if account is not None else None


def known_customer(text: str) -> Customer | None:
    """Return whom a form is about, None while nobody or somebody unknown was entered."""
    try:
        return find_customer(text)
    except ValidationFailed:
        return None


def find_customer(text: str) -> Customer:
    """Return the customer with this e-mail address or number; raise ValidationFailed."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        number = int(text) if len(text) <= 18 else 0
        found = db.session.get(Customer, number)
    else:
        found = find_customer_by_email(text) if text else None
    if found is None:
        raise ValidationFailed({"customer": _("There is no customer with this address or number.")})
    return found
