"""The line of outgoing mail in the admin's navigation."""

from core.admin.registrations import MenuItem
from core.i18n import _l
from core.mail.lists import SEE
from core.mail.queries import failing_query


def menu_items() -> list[MenuItem]:
    """Return it."""
    return [
        MenuItem(
            *("settings", _l("Outgoing mail"), "mail_admin.outbox", SEE),
            icon="mail",
            order=50,
            badge=failing_query,
        )
    ]
