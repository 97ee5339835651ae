"""The rights that core's own admin screens ask for."""

from core.i18n import _l
from core.security.permissions import Permission

ACCESS = "admin.access"
SETTINGS = "settings.manage"
PLUGINS = "plugins.manage"
THEMES = "themes.manage"
STAFF = "staff.manage"
AUDIT = "audit.see"
MAIL = "mail.see"
JOBS = "jobs.see"

# `admin.access` is not in this list: every staff account has it, nobody chooses it.
CORE_PERMISSIONS = (
    Permission(SETTINGS, _l("Change the site's settings")),
    Permission(
        PLUGINS, _l("Manage plugins"), _l("Enable, disable and remove plugins and change their settings.")
    ),
    Permission(THEMES, _l("Manage themes"), _l("Preview themes and choose the one in use.")),
    Permission(STAFF, _l("Manage staff"), _l("Create staff accounts and decide what each may do.")),
    Permission(AUDIT, _l("See the audit log")),
    Permission(MAIL, _l("See outgoing mail")),
    Permission(JOBS, _l("See background jobs")),
)
