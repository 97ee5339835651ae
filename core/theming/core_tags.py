"""The tags that core itself brings."""

from flask import request, url_for
from markupsafe import Markup, escape

from core.i18n import _, _l
from core.plugin_host.snapshot import current_snapshot
from core.security.redirects import safe_target
from core.security.sessions import current_account
from core.theming.rendering import render_site_fragment
from core.theming.tags import Argument, TagContext, TemplateTag


def core_tags() -> tuple[TemplateTag, ...]:
    """Return core's tags."""
    return (LOGIN_LINK, LOGOUT_BUTTON, SITE_NAME)


def _login_link(context: TagContext, *, text: str, next: str) -> Markup:
    if current_account() is not None:
        return Markup("")
    target = safe_target(next or request.path, "/")
    url = url_for("accounts.login", next=target)
    return render_site_fragment("site/_login_link.html", url=url, text=text or _("Log in"))


def _logout_button(context: TagContext, *, text: str) -> Markup:
    if current_account() is None:
        return Markup("")
    return render_site_fragment("site/_logout_button.html", text=text or _("Log out"))


def _site_name(context: TagContext) -> Markup:
    return escape(current_snapshot().site.name)


_TEXT = Argument("text", default="", description=_l("What it says; empty for the usual words."))

LOGIN_LINK = TemplateTag(
    name="login_link",
    render=_login_link,
    description=_l("A link to log in that leads back to this page. Those who are logged in do not see it."),
    example='[login_link text="Log in and read on"]',
    arguments=(
        _TEXT,
        Argument("next", default="", description=_l("Where to go after the log-in, e.g. /news.")),
    ),
)
LOGOUT_BUTTON = TemplateTag(
    name="logout_button",
    render=_logout_button,
    description=_l("A button to log out. Only those who are logged in see it."),
    example="[logout_button]",
    arguments=(_TEXT,),
)
SITE_NAME = TemplateTag(
    name="site_name",
    render=_site_name,
    description=_l("The name of the site, from the settings."),
    example="[site_name]",
    varies=False,
)
