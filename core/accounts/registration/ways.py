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


def by_mail_ways(target: str = "") -> tuple[LinkView, ...]:
    """Return links to the ways in that prove who it is by mail."""
    ways = [LinkView(title=_("Choose a new password"), url=url_for("member.forgotten"))]
    if current_snapshot().site.log_in_by_code:
        code = url_for("member.code", next=target or None)
        ways.insert(0, LinkView(title=_("Log in with a mailed code"), url=code))
    return tuple(ways)


def by_mail_words() -> tuple[str, ...]:
    """Return in words what those ways do."""
    words = [_("With the link for a new password you choose one and log in with it at once.")]
    if current_snapshot().site.log_in_by_code:
        words.insert(0, _("With a mailed code, members log in at once."))
    return tuple(words)
