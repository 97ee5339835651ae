"""The card of requests that are due, on the dashboard and on my day."""

from collections.abc import Sequence
from typing import Any

from core.admin.registrations import Card
from core.i18n import _l
from core.privacy.kinds import KINDS
from core.privacy.permissions import HANDLE
from core.privacy.queries import due_for


def privacy_cards(account: Any) -> Sequence[Card]:
    """Return the card for whoever answers requests, none when nothing of theirs is due."""
    lines = due_for(account.id) if account.can(HANDLE) else []
    if not lines:
        return []
    context = {"lines": lines, "kinds": KINDS}
    return [Card(_l("Privacy requests that are due"), "admin/privacy/_card.html", context, order=5)]
