"""The lines of exports and looks in the admin's navigation."""

from core.admin.registrations import MenuItem
from core.exports.log import SEE_LOG
from core.i18n import _l


def menu_items() -> list[MenuItem]:
    """Return them; the settings are reached from those of the site, too."""
    return [
        MenuItem(
            *("customers", _l("Log of exports"), "exports_admin.log", SEE_LOG), icon="file-export", order=92
        ),
        MenuItem(*("customers", _l("Log of looks"), "looks_admin.index", SEE_LOG), icon="eye", order=94),
    ]
