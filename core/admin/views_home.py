"""The dashboard, and the look of the admin in this browser."""

from typing import Any

from flask import make_response, redirect, request, url_for

from core.admin.appearance import COOKIE, THEMES, remember
from core.admin.blueprint import blueprint
from core.admin.dashboard import customer_news, plugin_cards
from core.admin.rendering import render_admin
from core.admin.setup_list import HIDDEN_COOKIE, setup_steps
from core.admin.signed_in import signed_in
from core.i18n import site_today
from core.next_actions.queries import my_day
from core.security.access import permission_required
from core.security.redirects import safe_target


@blueprint.get("/")
@permission_required("admin.access")
def dashboard() -> Any:
    """Show the first page of the admin."""
    account = signed_in()
    return render_admin(
        "admin/dashboard.html",
        today=site_today(),
        steps=setup_steps(account),
        news=customer_news(account),
        day=my_day(account.id) if account.can("customers.see") else None,
        cards=plugin_cards(account),
    )


@blueprint.post("/setup/hide")
@permission_required("admin.access")
def hide_setup() -> Any:
    """Take the list of first steps away in this browser."""
    response = make_response(redirect(url_for("admin.dashboard")))
    remember(response, HIDDEN_COOKIE, "1")
    return response


@blueprint.post("/appearance")
@permission_required("admin.access")
def appearance() -> Any:
    """Choose light, dark or the system's look for this browser."""
    choice = request.form.get("theme", "")
    response = make_response(redirect(safe_target(request.form.get("next"), url_for("admin.dashboard"))))
    if choice in THEMES:
        remember(response, COOKIE, choice)
    return response
