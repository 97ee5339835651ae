"""The line of the leak test in the admin's navigation."""

from core.admin.registrations import MenuItem
from core.content.permissions import CONTENT_EDIT
from core.i18n import _l


def menu_items() -> list[MenuItem]:
    """Return it."""
    return [
        MenuItem("members", _l("Leak test"), "leaks_admin.index", CONTENT_EDIT, icon="shield-check", order=45)
    ]
