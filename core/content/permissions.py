"""The rights over pages and menus."""

from core.i18n import _l
from core.security.permissions import Permission

CONTENT_EDIT = "content.edit"
CONTENT_MENUS = "content.menus"

CORE_PERMISSIONS = (
    Permission(CONTENT_EDIT, _l("Edit pages"), _l("Write, publish and delete pages, whoever may read them.")),
    Permission(CONTENT_MENUS, _l("Edit menus"), _l("Decide what the menus of the site hold.")),
)
