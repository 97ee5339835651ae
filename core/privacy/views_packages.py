"""Screens: packages of a customer's data, with what keeps the customer; made, handed out, mailed."""

from typing import Any

from flask import Response, flash, redirect, request, url_for

from core.accounts.queries import staff_names
from core.admin.rendering import render_admin
from core.admin.signed_in import signed_in
from core.customers import permissions as customer_permissions
from core.customers.field_rights import sees_all
from core.customers.reach import customer_or_404
from core.db import transaction
from core.errors import Conflict, NotAllowed, NotFound, PluginError, ValidationFailed
from core.exports.purposes import read_purpose
from core.files.responses import download
from core.i18n import _
from core.privacy import forms, holds, queries
from core.privacy.blueprint import blueprint
from core.privacy.kinds import KINDS, STATES
from core.privacy.models import Package
from core.privacy.package import services
from core.privacy.package.languages import language_of
from core.privacy.permissions import HANDLE
from core.privacy.views_requests import purpose_values, request_page
from core.security.access import permission_required
from core.security.step_up import recent_log_in


@blueprint.get("/customers/<int:customer_id>")
@permission_required(HANDLE)
def person(customer_id: int) -> str:
    """Show requests, packages and holds of one customer."""
    return _person_page(customer_id)


def _person_page(customer_id: int, wrong_purpose: str = "", **shown: Any) -> str:
    customer, account = customer_or_404(customer_id), signed_in()
    packages, hold = queries.packages_of(customer_id), queries.hold_on(customer_id)
    people = {package.account_id for package in packages} | {hold.account_id if hold else None}
    return render_admin(
        "admin/privacy/person.html",
        customer=customer,
        requests=queries.requests_of(customer_id),
        packages=packages,
        hold=hold,
        names=staff_names({one for one in people if one is not None}),
        package_form=shown.get("package") or forms.PackageForm(),
        **purpose_values(wrong_purpose),
        hold_form=shown.get("hold") or forms.HoldForm(data={"kind": "legal"}),
        may_export=account.can(customer_permissions.EXPORT),
        may_erase=account.can(customer_permissions.ERASE),
        kinds=KINDS,
        states=STATES,
    )


@blueprint.post("/customers/<int:customer_id>/packages")
@permission_required(customer_permissions.EXPORT)
@recent_log_in
def make(customer_id: int) -> Any:
    """Make a package of everything that is kept about a customer."""
    customer_or_404(customer_id)
    # The person has a right to all of it; a part would pass for the whole.
    if not sees_all(signed_in()):
        raise NotAllowed(_("A package holds fields that you may not see. Ask an owner for it."))
    request_id = _request_of(customer_id)
    back = _back(customer_id, request_id)
    form = forms.PackageForm(request.form)
    try:
        purpose = read_purpose(request.form)
    except ValidationFailed as refusal:
        wrong = str(refusal.errors["purpose"])
        if request_id is not None:
            return request_page(queries.reachable_request(request_id), wrong, package=form), 422
        return _person_page(customer_id, wrong, package=form), 422
    try:
        with transaction():
            row = services.begin_package(
                customer_id,
                by=signed_in().id,
                purpose=purpose,
                request_id=request_id,
                with_notes=form.with_notes.data,
                language=language_of(customer_id),
            )
            package_id, waits = row.id, row.job_id is not None
        if not waits:
            services.make_package(package_id)
    except (Conflict, PluginError) as problem:
        flash(str(problem), "error")
        return redirect(back, 303)
    if waits:
        flash(_("The package is being made. It stands here when it is ready."), "success")
    else:
        flash(_("The package is ready."), "success")
    return redirect(back, 303)


def _request_of(customer_id: int) -> int | None:
    given = request.form.get("request", "")
    if not given:
        return None
    if not (given.isascii() and given.isdecimal() and len(given) < 19):
        raise NotFound(_("There is no such request."))
    row = queries.reachable_request(int(given))
    if row.customer_id != customer_id:
        raise NotFound(_("There is no such request."))
    return row.id


def _back(customer_id: int, request_id: int | None) -> str:
    if request_id is not None and signed_in().can(HANDLE):
        return url_for("privacy_admin.show", request_id=request_id, _anchor="packages")
    return url_for("privacy_admin.person", customer_id=customer_id)


def _reached(package_id: int) -> Package:
    row = services.get_package(package_id)
    customer_or_404(row.customer_id)
    if not sees_all(signed_in()):
        raise NotAllowed(_("A package holds fields that you may not see. Ask an owner for it."))
    return row


@blueprint.post("/packages/<int:package_id>/download")
@permission_required(customer_permissions.EXPORT)
@recent_log_in
def download_package(package_id: int) -> Any:
    """Hand the file to staff."""
    row = _reached(package_id)
    back = _back(row.customer_id, row.request_id)
    try:
        with transaction():
            found, stream = services.open_package(package_id, by=signed_in().id, event="package_downloaded")
            return send_package(found, stream)
    except Conflict as problem:
        flash(str(problem), "error")
        return redirect(back, 303)


def send_package(row: Package, stream: Any) -> Response:
    """Return the answer that saves a package."""
    return download(stream, f"personal-data-{row.customer_id:08d}.zip", row.size)


@blueprint.post("/packages/<int:package_id>/mail")
@permission_required(customer_permissions.EXPORT)
@recent_log_in
def mail_package(package_id: int) -> Any:
    """Mail a link to the customer."""
    row = _reached(package_id)
    back = _back(row.customer_id, row.request_id)
    try:
        with transaction():
            address = services.mail_package(package_id, by=signed_in().id)
    except (Conflict, ValidationFailed) as problem:
        flash(str(problem), "error")
    else:
        flash(_("A link is on its way to %(address)s.", address=address), "success")
    return redirect(back, 303)


@blueprint.post("/customers/<int:customer_id>/hold")
@permission_required(customer_permissions.ERASE)
def hold(customer_id: int) -> Any:
    """Keep a customer from being erased."""
    customer_or_404(customer_id)
    form = forms.HoldForm(request.form)
    if not form.validate():
        return _person_page(customer_id, hold=form), 422
    with transaction():
        holds.hold_customer(customer_id, form.kind.data, form.reason.data, by=signed_in().id)
    flash(_("Held. Nothing erases this customer until somebody releases it."), "success")
    return redirect(url_for("privacy_admin.person", customer_id=customer_id), 303)


@blueprint.post("/customers/<int:customer_id>/release")
@permission_required(customer_permissions.ERASE)
def release(customer_id: int) -> Any:
    """Take a hold away."""
    customer_or_404(customer_id)
    with transaction():
        holds.release_customer(customer_id, by=signed_in().id)
    flash(_("Released."), "success")
    return redirect(url_for("privacy_admin.person", customer_id=customer_id), 303)
