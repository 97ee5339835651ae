"""Who must have a second factor, and help for those who lost theirs."""

from typing import Any

from flask import flash, redirect, request, url_for

from core.accounts.factors import services
from core.accounts.factors.forms import RequiredFactorsForm
from core.accounts.queries import get_account
from core.admin import permissions
from core.admin.blueprint import blueprint
from core.admin.rendering import render_admin
from core.admin.signed_in import signed_in
from core.db import transaction
from core.errors import NotAllowed
from core.i18n import _
from core.plugin_host.snapshot import current_snapshot
from core.security.access import permission_required
from core.security.step_up import recent_log_in
from core.settings.services import save_site_settings


@blueprint.get("/settings/factors")
@permission_required(permissions.SETTINGS)
def factor_settings() -> Any:
    """Show which roles need a second factor."""
    return _page(
        RequiredFactorsForm(data={"second_factor_roles": current_snapshot().site.second_factor_roles})
    )


@blueprint.post("/settings/factors")
@permission_required(permissions.SETTINGS)
@recent_log_in
def factor_settings_post() -> Any:
    """Save which roles need a second factor; it acts on the next request."""
    form = RequiredFactorsForm(request.form)
    if not form.validate():
        return _page(form), 422
    with transaction():
        save_site_settings({"second_factor_roles": form.second_factor_roles.data or []}, by=signed_in().id)
    flash(_("The settings are saved."), "success")
    return redirect(url_for("admin.factor_settings"))


@blueprint.post("/log-ins/<int:account_id>/reset-factors")
@permission_required(permissions.ACCESS)
@recent_log_in
def factors_reset(account_id: int) -> Any:
    """Take the factors from an account whose person lost them."""
    if not signed_in().is_owner or account_id == signed_in().id:
        raise NotAllowed(_("Only an owner may do this, and only for others."))
    account = get_account(account_id)
    with transaction():
        services.reset_factors(account.id, by=signed_in().id)
    flash(_("The second factors are removed, and the account is logged out everywhere."), "success")
    return redirect(url_for("admin.log_ins", account_id=account_id))


def _page(form: RequiredFactorsForm) -> str:
    return render_admin("admin/factor_settings.html", form=form)
