"""The line of background jobs in the admin's navigation."""

from core.admin.registrations import MenuItem
from core.i18n import _l
from core.jobs.lists import SEE


def menu_items() -> list[MenuItem]:
    """Return it."""
    return [MenuItem("settings", _l("Background jobs"), "jobs_admin.jobs", SEE, icon="clock", order=60)]
