"""The rights that core's own admin screens ask for."""

from core.i18n import _l
from core.security.permissions import Permission

ACCESS = "admin.access"
SETTINGS = "settings.manage"
PLUGINS = "plugins.manage"
THEMES = "themes.manage"
STAFF = "staff.manage"
LOG_INS = "log_ins.manage"
VIEW_AS = "members.view_as"
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
    Permission(
        LOG_INS,
        _l("See and end log-ins"),
        _l("See on which devices a member or a colleague is logged in, and log them out."),
    ),
    Permission(
        VIEW_AS,
        _l("See the site as a member"),
        _l("Open the site as one member sees it, without changing anything."),
    ),
    Permission(AUDIT, _l("See the audit log")),
    Permission(MAIL, _l("See outgoing mail")),
    Permission(JOBS, _l("See background jobs")),
)
