"""Themes: previews of the owner's own home page, choosing one."""

from typing import Any

from flask import Response, flash, redirect, render_template, url_for

from core.admin import permissions
from core.admin.blueprint import blueprint
from core.admin.rendering import render_admin
from core.admin.signed_in import signed_in
from core.db import transaction
from core.errors import NotFound
from core.i18n import _
from core.plugin_host.snapshot import current_snapshot
from core.security.access import permission_required
from core.theming.rendering import site_engine
from core.theming.themes import Theme, activate_theme, get_theme


@blueprint.get("/themes")
@permission_required(permissions.THEMES)
def themes() -> Any:
    """Show the installed themes."""
    found = site_engine().themes.read_all()
    active = current_snapshot().theme
    found.sort(key=lambda theme: theme.name != active)
    return render_admin("admin/themes.html", themes=found, active=active, overrides=_overrides)


@blueprint.get("/themes/<name>/picture.svg")
@permission_required(permissions.THEMES)
def theme_picture(name: str) -> Response:
    """Draw a page in the theme's own colours, seen until the true preview is there."""
    theme = get_theme(name)
    if not theme.colors:
        raise NotFound(_("This theme does not say its colours."))
    drawn = render_template("admin/theme_picture.svg", colors=theme.colors)
    return Response(drawn, mimetype="image/svg+xml")


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
