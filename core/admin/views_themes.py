"""Themes: previews of the owner's own home page, choosing one."""

from typing import Any

from flask import flash, redirect, url_for

from core.admin import permissions
from core.admin.blueprint import blueprint
from core.admin.rendering import render_admin
from core.admin.signed_in import signed_in
from core.db import transaction
from core.errors import NotFound, ValidationFailed
from core.i18n import _
from core.plugin_host.snapshot import current_snapshot
from core.security.access import permission_required
from core.settings.services import save_site_settings
from core.theming.rendering import site_engine
from core.theming.themes import Theme


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
    theme = next((theme for theme in site_engine().themes.read_all() if theme.name == name), None)
    if theme is None:
        raise NotFound(_("There is no such theme."))
    if theme.problem:
        raise ValidationFailed(
            {"theme": theme.problem}, _("This theme cannot be used: %(why)s", why=theme.problem)
        )
    with transaction():
        save_site_settings({"theme": name}, by=signed_in().id)
    flash(_("The site now wears “%(name)s”.", name=theme.title), "success")
    return redirect(url_for("admin.themes"))


def _overrides(theme: Theme) -> list[str]:
    """Return the templates of the site and of plugins that a theme replaces."""
    folder = theme.folder / "templates"
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*.html"))
