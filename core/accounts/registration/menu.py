"""The line of the admin's navigation for people who wait to be let in."""

from core.accounts.registration.queries import waiting_query
from core.admin.registrations import MenuItem
from core.customers import permissions
from core.i18n import _l


def menu_items() -> list[MenuItem]:
    """Return it, with how many wait."""
    return [
        MenuItem(
            *("members", _l("Registrations"), "registration_admin.registrations", permissions.EDIT),
            icon="user-check",
            order=10,
            badge=waiting_query,
        )
    ]
