"""The lines of core's own admin screens in the navigation."""

from core.admin import permissions
from core.admin.registrations import MenuItem
from core.i18n import _l


def menu_items() -> list[MenuItem]:
    """Return them; areas such as customers and content bring their own."""
    return [
        MenuItem("content", _l("Themes"), "admin.themes", permissions.THEMES, icon="palette", order=80),
        MenuItem("settings", _l("Site"), "admin.settings", permissions.SETTINGS, icon="settings", order=10),
        MenuItem("settings", _l("Plugins"), "admin.plugins", permissions.PLUGINS, icon="plug", order=20),
        MenuItem("settings", _l("Staff"), "admin.staff", permissions.STAFF, icon="shield", order=30),
        MenuItem("settings", _l("Audit log"), "admin.audit", permissions.AUDIT, icon="history", order=90),
    ]
