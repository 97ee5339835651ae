"""Who acts, in views that the gate opened for staff only."""

from werkzeug.exceptions import Unauthorized

from core.security.sessions import SignedInAccount, current_account


def signed_in() -> SignedInAccount:
    """Return the signed-in account; raise 401 when there is none."""
    account = current_account()
    if account is None:
        raise Unauthorized
    return account
