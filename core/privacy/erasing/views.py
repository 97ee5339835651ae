"""Screens: what erasing a person takes and leaves, doing it, and the certificate."""

from typing import Any

from flask import flash, redirect, request, url_for
from sqlalchemy import select

from core.accounts.queries import staff_names
from core.admin.rendering import render_admin
from core.admin.signed_in import signed_in
from core.customers import permissions
from core.customers.blueprint import blueprint as customers
from core.customers.erasing import erase_customer, warnings_before_erasing
from core.customers.listings import customer_url
from core.customers.reach import customer_or_404
from core.db import db, transaction
from core.errors import Conflict, NotFound, PluginError
from core.i18n import _, current_language
from core.plugin_host.host import current_host
from core.privacy import queries, services
from core.privacy.blueprint import blueprint
from core.privacy.erasing.certificates import erasing_lines, get_certificate, lines_of
from core.privacy.kinds import State
from core.privacy.models import Certificate, PrivacyRequest
from core.security.access import permission_required
from core.security.step_up import recent_log_in

_SHOWN = 100


@customers.route("/customers/<int:customer_id>/erase", methods=["GET", "POST"])
@permission_required(permissions.ERASE)
@recent_log_in
def erase(customer_id: int) -> Any:
    """Show what goes and what stays, ask for a typed confirmation, then erase."""
    try:
        found = customer_or_404(customer_id)
    except NotFound:
        # A second click, or another tab.
        certificate = _certificate_for(customer_id) if request.method == "POST" else None
        if certificate is None:
            raise
        return redirect(url_for("privacy_admin.certificate", certificate_id=certificate.id), 303)
    asked = _request_of(customer_id)
    typed = request.form.get("confirm", "").strip()
    if request.method == "GET" or typed != found.number:
        return _erase_page(found, asked, wrong=request.method == "POST")
    try:
        with transaction():
            certificate_id = erase_customer(customer_id, by=signed_in().id)["certificate"]
            if asked is not None:
                _answer(asked.id, certificate_id)
    except (PluginError, Conflict) as problem:
        flash(str(problem), "error")
        return redirect(customer_url(customer_id), 303)
    flash(_("Customer %(number)s is erased.", number=f"{customer_id:08d}"), "success")
    return redirect(url_for("privacy_admin.certificate", certificate_id=certificate_id), 303)


def _erase_page(found: Any, asked: PrivacyRequest | None, *, wrong: bool) -> Any:
    hold = queries.hold_on(found.id)
    page = render_admin(
        "admin/customers/erase.html",
        customer=found,
        asked=asked,
        lines=[(_owner(name), line) for name, line in erasing_lines(found.id)],
        warnings=warnings_before_erasing(found.id),
        hold=hold if hold is not None and hold.kind == "legal" else None,
        wrong=wrong,
    )
    return (page, 422) if wrong else page


def _request_of(customer_id: int) -> PrivacyRequest | None:
    """Return the request that the erasure answers; its identity must be confirmed."""
    given = request.values.get("request", "")
    if not given:
        return None
    if not (given.isascii() and given.isdecimal() and len(given) < 19):
        raise NotFound(_("There is no such request."))
    row = queries.reachable_request(int(given))
    if row.customer_id != customer_id or row.state != State.OPEN:
        raise NotFound(_("There is no such request."))
    if row.identity_at is None:
        raise Conflict(_("Confirm the identity first. Until then nothing is erased."))
    return row


def _answer(request_id: int, certificate_id: int) -> None:
    by = signed_in().id
    get_certificate(certificate_id).request_id = request_id
    services.note_event(request_id, "erased", by=by)
    services.close(request_id, State.DONE, "", by=by)


def _certificate_for(customer_id: int) -> Certificate | None:
    query = select(Certificate).where(Certificate.customer_number == customer_id)
    return db.session.execute(query.order_by(Certificate.id.desc()).limit(1)).scalar()


def _owner(plugin: str) -> str:
    if plugin == "core":
        return _("Customer data")
    manifest = current_host().plugins.manifests.get(plugin)
    return str(manifest.title.get(current_language(), plugin)) if manifest is not None else plugin


@blueprint.get("/certificates")
@permission_required(permissions.ERASE)
def certificates() -> str:
    """List what was erased, newest first."""
    before = request.args.get("before", "")
    query = select(Certificate).order_by(Certificate.id.desc())
    if before.isascii() and before.isdecimal() and len(before) < 19:
        query = query.where(Certificate.id < int(before))
    rows = db.session.execute(query.limit(_SHOWN + 1)).scalars().all()
    return render_admin(
        "admin/privacy/certificates.html",
        rows=rows[:_SHOWN],
        older=rows[_SHOWN - 1].id if len(rows) > _SHOWN else None,
        names=staff_names({row.account_id for row in rows if row.account_id is not None}),
    )


@blueprint.get("/certificates/<int:certificate_id>")
@permission_required(permissions.ERASE)
def certificate(certificate_id: int) -> str:
    """Show what an erasure took and left; nothing about the person."""
    row = get_certificate(certificate_id)
    asked = db.session.get(PrivacyRequest, row.request_id) if row.request_id is not None else None
    return render_admin(
        "admin/privacy/certificate.html",
        certificate=row,
        asked=asked,
        lines=[(_owner(name), line) for name, line in lines_of(row)],
        who=staff_names({row.account_id}).get(row.account_id) if row.account_id else None,
    )
