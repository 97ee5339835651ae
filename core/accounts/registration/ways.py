"""What the log-in page offers beside the password."""

from flask import url_for

from core.accounts.registration.services import OPEN
from core.i18n import _
from core.plugin_host.snapshot import current_snapshot
from core.theming.views import LinkView


def log_in_ways(target: str = "") -> tuple[LinkView, ...]:
    """Return links to what is switched on: mailed code, forgotten password, registration."""
    site = current_snapshot().site
    ways = [LinkView(title=_("Forgot your password?"), url=url_for("member.forgotten"))]
    if site.log_in_by_code:
        ways.insert(
            0, LinkView(title=_("Log in with a mailed code"), url=url_for("member.code", next=target or None))
        )
    if site.registration == OPEN:
        ways.append(LinkView(title=_("Become a member"), url=url_for("member.register")))
    return tuple(ways)
