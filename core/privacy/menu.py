"""The line of the privacy desk in the admin's navigation."""

from core.admin.registrations import MenuItem
from core.i18n import _l
from core.privacy.permissions import HANDLE
from core.privacy.queries import due_query


def menu_items() -> list[MenuItem]:
    """Return it; the badge counts what is late or due within three days."""
    return [
        MenuItem(
            *("customers", _l("Privacy desk"), "privacy_admin.requests", HANDLE),
            icon="shield-lock",
            order=90,
            badge=due_query,
        ),
    ]
