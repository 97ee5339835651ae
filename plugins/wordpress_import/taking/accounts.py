"""Gives a member the account that they had: the old password goes on working."""

import datetime as dt

from core.api import Conflict, ValidationFailed, _, find_account, take_over_member


def give_account(
    customer_id: int | None, email: str, name: str, stored: str, since: dt.datetime | None, *, dry_run: bool
) -> str:
    """Make the account of a member unless there is one; return what the owner should know.

    An account that is here stays as it is, above all its password and its rights.
    """
    if not email:
        return _("Without an e-mail address nobody can log in: became a customer only.")
    if find_account(email) is not None:
        return _("An account with this address is here already. It stays as it is.")
    if dry_run or customer_id is None:
        return ""
    try:
        account = take_over_member(customer_id, email, password_hash=stored, display_name=name, since=since)
    except ValidationFailed:
        return _("The e-mail address cannot be used: became a customer only.")
    except Conflict:
        return _("This customer has an account with another address already. It stays as it is.")
    if stored and account.password_hash is None:
        return _("The password there is kept in a way that Kaiin does not know: they choose a new one.")
    return ""
