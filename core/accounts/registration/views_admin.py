"""Admin screens: settings of registration, who waits, and inviting a customer."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for

from core.accounts.registration import services
from core.accounts.registration.consent_queries import count_agreed, count_members, list_versions
from core.accounts.registration.consent_texts import texts_in_use
from core.accounts.registration.consents import save_consent_texts
from core.accounts.registration.queries import list_waiting
from core.accounts.registration.settings_form import RegistrationSettingsForm, settings_form
from core.admin import permissions as admin_permissions
from core.admin.rendering import render_admin
from core.admin.signed_in import signed_in
from core.customers import permissions
from core.db import transaction
from core.errors import Conflict, NotFound
from core.i18n import _
from core.plugin_host.snapshot import current_snapshot
from core.security.access import permission_required
from core.settings.services import save_site_settings

blueprint = Blueprint("registration_admin", __name__)


@blueprint.get("/settings/registration")
@permission_required(admin_permissions.SETTINGS)
def settings() -> Any:
    """Show who may become a member and what is asked."""
    return _settings_page(settings_form(current_snapshot().site))


@blueprint.post("/settings/registration")
@permission_required(admin_permissions.SETTINGS)
def save_settings() -> Any:
    """Save it; a changed consent text becomes a new version."""
    form = settings_form(current_snapshot().site, request.form)
    if not form.validate():
        return _settings_page(form), 422
    by = signed_in().id
    with transaction():
        save_site_settings(form.values, by=by)
        save_consent_texts(form.drafts, by=by)
    flash(_("The settings are saved."), "success")
    return redirect(url_for("registration_admin.settings"))


def _settings_page(form: RegistrationSettingsForm) -> str:
    return render_admin(
        "admin/registration_settings.html",
        form=form,
        agreed=count_agreed(texts_in_use()),
        members=count_members(),
        versions=list_versions(),
    )


@blueprint.get("/registrations")
@permission_required(permissions.EDIT)
def registrations() -> Any:
    """List who waits to be let in."""
    return render_admin(
        "admin/registrations.html",
        waiting=list_waiting(),
        needs_approval=current_snapshot().site.registration_needs_approval,
    )


@blueprint.post("/registrations/<int:account_id>/approve")
@permission_required(permissions.EDIT)
def approve(account_id: int) -> Any:
    """Let somebody in."""
    return _decide(services.approve, account_id, _("The member is let in and gets a mail."))


@blueprint.post("/registrations/<int:account_id>/refuse")
@permission_required(permissions.EDIT)
def refuse(account_id: int) -> Any:
    """Refuse somebody; their log-in is deleted, the customer stays."""
    return _decide(services.refuse, account_id, _("The registration is refused. The person gets a mail."))


def _decide(verb: Any, account_id: int, message: str) -> Any:
    try:
        with transaction():
            verb(account_id, by=signed_in().id)
        flash(message, "success")
    except NotFound as gone:
        flash(str(gone), "error")
    return redirect(url_for("registration_admin.registrations"), 303)


@blueprint.post("/customers/<int:customer_id>/invite")
@permission_required(permissions.EDIT)
def invite(customer_id: int) -> Any:
    """Mail a customer an invitation to become a member."""
    try:
        with transaction():
            address = services.invite(customer_id, by=signed_in().id)
        flash(_("The invitation is sent to %(email)s.", email=address), "success")
    except Conflict as refusal:
        flash(str(refusal), "error")
    return redirect(url_for("customers_admin.customer", customer_id=customer_id), 303)
