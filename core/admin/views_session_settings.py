"""The limits of log-ins, and logging everyone out."""

from typing import Any

from flask import flash, redirect, request, url_for

from core.accounts.log_ins import log_everyone_out
from core.admin import permissions
from core.admin.blueprint import blueprint
from core.admin.rendering import render_admin
from core.admin.session_settings_form import SessionSettingsForm, form_of, settings_of
from core.admin.signed_in import signed_in
from core.db import transaction
from core.errors import NotAllowed
from core.i18n import _, ngettext
from core.plugin_host.snapshot import current_snapshot
from core.security.access import permission_required
from core.security.step_up import recent_log_in
from core.settings.services import save_site_settings


@blueprint.get("/settings/sessions")
@permission_required(permissions.SETTINGS)
@recent_log_in
def session_settings() -> Any:
    """Show the limits."""
    return _page(form_of(current_snapshot().site))


@blueprint.post("/settings/sessions")
@permission_required(permissions.SETTINGS)
@recent_log_in
def session_settings_post() -> Any:
    """Save the limits; they count for open log-ins, too."""
    form = SessionSettingsForm(request.form)
    if not form.validate():
        return _page(form), 422
    with transaction():
        save_site_settings(settings_of(form), by=signed_in().id)
    flash(_("The settings are saved."), "success")
    return redirect(url_for("admin.session_settings"))


@blueprint.post("/settings/sessions/end-all")
@permission_required(permissions.SETTINGS)
@recent_log_in
def end_every_session() -> Any:
    """Log everyone out but the owner who asks."""
    account = signed_in()
    if not account.is_owner:
        raise NotAllowed(_("Only an owner may log everyone out."))
    with transaction():
        count = log_everyone_out(keep_session_id=account.session_id, by=account.id)
    done = ngettext("%(num)s log-in was ended.", "%(num)s log-ins were ended.", count)
    flash(done, "success")
    return redirect(url_for("admin.session_settings"))


def _page(form: SessionSettingsForm) -> str:
    return render_admin("admin/session_settings.html", form=form)
