"""The second step of a log-in: who must take it, and what is remembered between the two."""

from core.accounts.models import Account


def must_ask(account: Account) -> bool:
    """Tell whether a first step alone does not log the account in."""
    return False
