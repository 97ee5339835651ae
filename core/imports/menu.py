"""The line of imports in the admin's navigation."""

from core.admin.registrations import MenuItem
from core.customers.permissions import IMPORT
from core.i18n import _l


def menu_items() -> list[MenuItem]:
    """Return it."""
    return [
        MenuItem("customers", _l("Import"), "imports_admin.index", IMPORT, icon="file-import", order=75),
    ]
