"""Plugins that fail, or that trust more than they should."""

from types import SimpleNamespace
from typing import Any

import flask_login
from flask_login.utils import encode_cookie
from pytest import MonkeyPatch

from core.extensions import login_manager
from core.plugin_host import guards
from core.plugin_host.snapshot import Snapshot
from core.security.access import public
from core.security.login_manager import SessionTableLoginManager
from core.testing.factories import make_account, make_customer
from plugins.contact_forms.pipeline import customers as form_customers
from tests.defences.switchboard import Defence, Site, member, replaced


def _fails(*_given: Any, **_named: Any) -> Any:
    raise RuntimeError("a mistake in a plugin")


def failing_panel(site: Site) -> bool:
    """Close the pages of all customers with a plugin whose box on them fails."""
    site.enable("contact_forms")
    site.patch.setattr(form_customers, "panels", _fails)
    page = f"/admin/customers/{make_customer().id}"
    return bool(site.browser(make_account("Owner")).get(page).status_code != 200)


def failing_event(site: Site) -> bool:
    """Keep other plugins from hearing of a log-in with one that fails to."""
    heard: list[int] = []
    listening = [
        SimpleNamespace(plugin_name="first", function=_fails, argnames=()),
        SimpleNamespace(plugin_name="second", function=lambda: heard.append(1), argnames=()),
    ]
    real = Snapshot.implementations

    def implementations(snapshot: Snapshot, hook: str) -> Any:
        return listening if hook == "member_logged_in" else real(snapshot, hook)

    account = member()
    site.patch.setattr(Snapshot, "implementations", implementations)
    site.browser(account)
    return not heard


def replayed_cookie(site: Site) -> bool:
    """Copy the cookie that Flask-Login made for a plugin, and show it after the log-out."""
    account, thief = member(), site.browser()

    def page() -> str:
        return "in" if flask_login.current_user.is_authenticated else "out"

    site.patch.setitem(site.app.view_functions, "accounts.login", public(page))
    thief.set_cookie("remember_token", encode_cookie(str(account.id)))
    return bool(thief.get("/login").text == "in")


def _as_flask_login_does(patch: MonkeyPatch) -> None:
    patch.delattr(SessionTableLoginManager, "_load_user")
    patch.setattr(login_manager, "_user_callback", lambda _id: SimpleNamespace(is_authenticated=True))


def _call_straight(_plugin: str, function: Any, *given: Any, default: Any = None, **named: Any) -> Any:
    return function(*given, **named)


DEFENCES = (
    Defence(
        "plugin-pieces",
        "A piece of a page whose plugin fails is missing; the page is not.",
        replaced(guards, "call_plugin", _call_straight),
        failing_panel,
    ),
    Defence(
        "plugin-events",
        "A plugin that fails at an event keeps no other from it.",
        replaced(guards, "_deliver", lambda implementation, _values: implementation.function()),
        failing_event,
    ),
    Defence(
        "flask-login-cookie",
        "Flask-Login's own cookies identify nobody.",
        _as_flask_login_does,
        replayed_cookie,
    ),
)
