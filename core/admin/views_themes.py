"""Themes: previews of the owner's own home page, choosing one."""

from typing import Any

from flask import flash, redirect, url_for

from core.admin import permissions
from core.admin.blueprint import blueprint
from core.admin.rendering import render_admin
from core.admin.signed_in import signed_in
from core.db import transaction
from core.i18n import _
from core.plugin_host.snapshot import current_snapshot
from core.security.access import permission_required
from core.theming.rendering import site_engine
from core.theming.themes import Theme, activate_theme


@blueprint.get("/themes")
@permission_required(permissions.THEMES)
def themes() -> Any:
    """Show the installed themes."""
    found = site_engine().themes.read_all()
    active = current_snapshot().theme
    found.sort(key=lambda theme: theme.name != active)
    return render_admin("admin/themes.html", themes=found, active=active, overrides=_overrides)


@blueprint.post("/themes/<name>/activate")
@permission_required(permissions.THEMES)
def theme_activate(name: str) -> Any:
    """Use a theme, for every visitor from the next request on."""
    with transaction():
        theme = activate_theme(name, by=signed_in().id)
    flash(_("The site now wears “%(name)s”.", name=theme.title), "success")
    return redirect(url_for("admin.themes"))


def _overrides(theme: Theme) -> list[str]:
    """Return the templates of the site and of plugins that a theme replaces."""
    folder = theme.folder / "templates"
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*.html"))
