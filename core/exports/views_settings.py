"""The settings of exports and of the logs."""

from typing import Any

from flask import flash, redirect, request, url_for

from core.admin.permissions import SETTINGS
from core.admin.rendering import render_admin
from core.admin.signed_in import signed_in
from core.db import transaction
from core.exports.blueprint import blueprint
from core.exports.settings_form import ExportSettingsForm, form_of, settings_of
from core.i18n import _
from core.plugin_host.snapshot import current_snapshot
from core.security.access import permission_required
from core.security.step_up import recent_log_in
from core.settings.services import save_site_settings


@blueprint.get("/settings/exports")
@permission_required(SETTINGS)
@recent_log_in
def settings() -> Any:
    """Show the settings."""
    return _page(form_of(current_snapshot().site))


@blueprint.post("/settings/exports")
@permission_required(SETTINGS)
@recent_log_in
def settings_post() -> Any:
    """Save the settings."""
    form = ExportSettingsForm(request.form)
    if not form.validate():
        return _page(form), 422
    with transaction():
        save_site_settings(settings_of(form), by=signed_in().id)
    flash(_("The settings are saved."), "success")
    return redirect(url_for(".settings"), 303)


def _page(form: ExportSettingsForm) -> str:
    return render_admin("admin/exports/settings.html", form=form)
