"""The dashboard, global search and the look of the admin in this browser."""

from typing import Any

from flask import make_response, redirect, request, url_for

from core.admin.appearance import THEMES, remember_theme
from core.admin.blueprint import blueprint
from core.admin.rendering import render_admin
from core.security.access import permission_required
from core.security.redirects import safe_target


@blueprint.get("/")
@permission_required("admin.access")
def dashboard() -> Any:
    """Show the first page of the admin."""
    return render_admin("admin/dashboard.html")


@blueprint.get("/search")
@permission_required("admin.access")
def search() -> Any:
    """Search customers."""
    return render_admin("admin/dashboard.html")


@blueprint.get("/me")
@permission_required("admin.access")
def me() -> Any:
    """Show my account."""
    return render_admin("admin/dashboard.html")


@blueprint.post("/appearance")
@permission_required("admin.access")
def appearance() -> Any:
    """Choose light, dark or the system's look for this browser."""
    choice = request.form.get("theme", "")
    target = safe_target(request.form.get("next"), url_for("admin.dashboard"))
    response = make_response(redirect(target))
    if choice in THEMES:
        remember_theme(response, choice)
    return response
