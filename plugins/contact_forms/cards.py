"""The dashboard's card of new messages."""

from typing import Any

from core.api import Card, _

from .permissions import INBOX_SEE
from .queries import count_unread, latest_messages
from .rights.showing import show


def dashboard_cards(account: Any) -> list[Card]:
    """Return the newest messages, for those who may read them."""
    if not account.can(INBOX_SEE):
        return []
    context = {"messages": [(show(one), title) for one, title in latest_messages()], "unread": count_unread()}
    return [Card(_("New messages"), "contact_forms/admin/card.html", context, order=20)]
