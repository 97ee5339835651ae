"""The site's settings."""

from typing import Any

from flask import flash, redirect, request, url_for

from core.admin import permissions
from core.admin.blueprint import blueprint
from core.admin.rendering import render_admin
from core.admin.settings_form import SiteSettingsForm
from core.admin.signed_in import signed_in
from core.db import transaction
from core.i18n import _
from core.plugin_host.snapshot import current_snapshot
from core.security.access import permission_required
from core.settings.services import save_site_settings


@blueprint.get("/settings")
@permission_required(permissions.SETTINGS)
def settings() -> Any:
    """Show the settings."""
    site = current_snapshot().site
    return _page(SiteSettingsForm(obj=site, password_is_set=site.smtp_password_set))


@blueprint.post("/settings")
@permission_required(permissions.SETTINGS)
def settings_post() -> Any:
    """Save the settings."""
    site = current_snapshot().site
    form = SiteSettingsForm(request.form, password_is_set=site.smtp_password_set)
    if not form.validate():
        return _page(form), 422
    values = {name: value if value is not None else "" for name, value in form.data.items()}
    values["smtp_port"] = form.smtp_port.data or 587
    values["confirm_months"] = form.confirm_months.data or site.confirm_months
    with transaction():
        save_site_settings(values, by=signed_in().id)
    flash(_("The settings are saved."), "success")
    return redirect(url_for("admin.settings"))


def _page(form: SiteSettingsForm) -> str:
    return render_admin("admin/settings.html", form=form)
