"""Plugins: what is installed, switching it on and off, its settings, removing its data."""

from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.exceptions import NotFound as PageNotFound
from wtforms import Form

from core.admin import permissions
from core.admin.blueprint import blueprint
from core.admin.rendering import render_admin
from core.admin.signed_in import signed_in
from core.db import transaction
from core.errors import Conflict, KaiinError, PluginError
from core.exports.queries import list_exports
from core.i18n import _
from core.plugin_host import lifecycle
from core.plugin_host.guards import call_plugin
from core.plugin_host.queries import consequences, get_plugin, list_plugins
from core.plugin_host.snapshot import current_snapshot
from core.security.access import permission_required
from core.security.step_up import recent_log_in
from core.settings.services import save_plugin_settings


@blueprint.get("/plugins")
@permission_required(permissions.PLUGINS)
def plugins() -> Any:
    """List the installed plugins."""
    return render_admin("admin/plugins.html", plugins=list_plugins())


@blueprint.post("/plugins/<name>/enable")
@permission_required(permissions.PLUGINS)
@recent_log_in
def plugin_enable(name: str) -> Any:
    """Switch a plugin on, for every process from its next request on."""
    plugin = get_plugin(name)
    try:
        lifecycle.enable(name, by=signed_in().id)
    except KaiinError as error:
        flash(_("“%(name)s” could not be enabled. %(reason)s", name=plugin.title, reason=str(error)), "error")
    else:
        flash(_("“%(name)s” is enabled.", name=plugin.title), "success")
    return redirect(url_for("admin.plugins") + f"#plugin-{plugin.name}")


@blueprint.get("/plugins/<name>/disable")
@permission_required(permissions.PLUGINS)
@recent_log_in
def plugin_disable_question(name: str) -> Any:
    """Say with numbers what disabling will do, and ask."""
    plugin = get_plugin(name)
    if not plugin.is_enabled:
        return redirect(url_for("admin.plugins"))
    return render_admin("admin/plugin_disable.html", plugin=plugin, consequences=consequences(name))


@blueprint.post("/plugins/<name>/disable")
@permission_required(permissions.PLUGINS)
@recent_log_in
def plugin_disable(name: str) -> Any:
    """Switch a plugin off and keep its data."""
    plugin = get_plugin(name)
    try:
        lifecycle.disable(name, by=signed_in().id)
    except KaiinError as error:
        flash(str(error), "error")
    else:
        flash(_("“%(name)s” is disabled. Its data are kept.", name=plugin.title), "success")
    return redirect(url_for("admin.plugins") + f"#plugin-{plugin.name}")


@blueprint.get("/plugins/<name>/uninstall")
@permission_required(permissions.PLUGINS)
@recent_log_in
def plugin_uninstall_question(name: str) -> Any:
    """Ask for the plugin's name before its data go."""
    return _uninstall_page(name)


@blueprint.post("/plugins/<name>/uninstall")
@permission_required(permissions.PLUGINS)
@recent_log_in
def plugin_uninstall(name: str) -> Any:
    """Delete a disabled plugin's tables, settings and grants for good."""
    plugin = get_plugin(name)
    typed = request.form.get("confirm", "")
    try:
        lifecycle.uninstall(name, confirm=typed.strip(), by=signed_in().id)
    except (Conflict, PluginError) as error:
        return _uninstall_page(name, error=str(error), typed=typed[:100]), 422
    flash(_("All data of “%(name)s” are deleted.", name=plugin.title), "success")
    return redirect(url_for("admin.plugins"))


def _uninstall_page(name: str, *, error: str = "", typed: str = "") -> str:
    plugin = get_plugin(name)
    if plugin.is_enabled or not plugin.keeps_data:
        raise PageNotFound
    exports_url = url_for("csv_export_admin.index") if _can_export() else ""
    return render_admin(
        "admin/plugin_uninstall.html", plugin=plugin, error=error, typed=typed, exports_url=exports_url
    )


def _can_export() -> bool:
    return current_snapshot().is_active("csv_export") and bool(list_exports(signed_in()))


@blueprint.get("/plugins/<name>/settings")
@permission_required(permissions.PLUGINS)
def plugin_settings(name: str) -> Any:
    """Show a plugin's settings."""
    return _settings_page(name, _settings_form(name, None))


@blueprint.post("/plugins/<name>/settings")
@permission_required(permissions.PLUGINS)
def plugin_settings_post(name: str) -> Any:
    """Save a plugin's settings."""
    form = _settings_form(name, request.form)
    if not call_plugin(name, form.validate, default=False):
        return _settings_page(name, form), 422
    with transaction():
        save_plugin_settings(name, form.data, by=signed_in().id)
    flash(_("The settings are saved."), "success")
    return redirect(url_for("admin.plugin_settings", name=name))


def _settings_form(name: str, posted: Any) -> Form:
    page = current_snapshot().settings_pages.get(name)
    if page is None:
        raise PageNotFound
    form: Form | None = call_plugin(name, page.form, posted, data=dict(current_snapshot().settings(name)))
    if form is None:
        raise PluginError(name, _("The plugin's settings cannot be shown now."))
    return form


def _settings_page(name: str, form: Form) -> str:
    page = current_snapshot().settings_pages[name]
    return render_admin("admin/plugin_settings.html", plugin=get_plugin(name), form=form, groups=page.groups)
