"""The lines of the admin's navigation for pages and menus."""

from core.admin.registrations import MenuItem
from core.content.permissions import CONTENT_EDIT, CONTENT_MENUS
from core.i18n import _l


def menu_items() -> tuple[MenuItem, ...]:
    """Return core's lines of the content group."""
    return (
        MenuItem("content", _l("Pages"), "content_admin.pages", CONTENT_EDIT, icon="file-text", order=10),
        MenuItem("content", _l("Menus"), "content_admin.menus", CONTENT_MENUS, icon="menu-2", order=20),
    )
