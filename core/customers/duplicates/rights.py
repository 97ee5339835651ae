"""Who may compare customers: whoever may edit them must see them, too."""

from core.admin.signed_in import signed_in
from core.customers.permissions import SEE
from core.errors import NotAllowed
from core.i18n import _
from core.security.sessions import SignedInAccount


def comparing_account() -> SignedInAccount:
    """Return who is signed in; raise NotAllowed for those who see no customers."""
    account = signed_in()
    if not account.can(SEE):
        raise NotAllowed(_("You may not see customers. Ask an owner."))
    return account
