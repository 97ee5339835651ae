"""Screens: the list of requests, a new one, and one with all that is done about it."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for

from core.accounts.queries import staff_names
from core.admin.forms import BaseForm
from core.admin.rendering import render_admin
from core.admin.signed_in import signed_in
from core.customers import permissions as customer_permissions
from core.customers.queries import search_customers
from core.customers.reach import customer_or_404
from core.db import transaction
from core.errors import Conflict, ValidationFailed
from core.exports.purposes import new_mark, purpose_choices
from core.i18n import _, site_today
from core.plugin_host.snapshot import current_snapshot
from core.privacy import forms, queries, services
from core.privacy.blueprint import blueprint
from core.privacy.kinds import CHECKS, EVENTS, KINDS, STATES, WAYS, State
from core.privacy.models import PrivacyRequest
from core.privacy.permissions import HANDLE
from core.security.access import permission_required


@blueprint.get("/")
@permission_required(HANDLE)
def requests() -> str:
    """List what is asked: late ones first, or what was answered."""
    state = "closed" if request.args.get("state") == "closed" else State.OPEN.value
    lines = queries.list_requests(state, _position())
    last = lines[queries.PAGE - 1].request if len(lines) > queries.PAGE else None
    return render_admin(
        "admin/privacy/requests.html",
        lines=lines[: queries.PAGE],
        counts=queries.count_requests(),
        state=state,
        older=f"{last.due_on.isoformat()}.{last.id}" if last is not None else None,
        names=staff_names({line.request.account_id for line in lines if line.request.account_id}),
        deadline_form=forms.DeadlineForm(data={"privacy_days": current_snapshot().site.privacy_days})
        if signed_in().can("settings.manage")
        else None,
        kinds=KINDS,
        states=STATES,
    )


def _position() -> tuple[dt.date, int] | None:
    day, _dot, key = request.args.get("after", "").partition(".")
    if not (key.isascii() and key.isdecimal() and len(key) < 19):
        return None
    try:
        return dt.date.fromisoformat(day), int(key)
    except ValueError:
        return None


@blueprint.route("/new", methods=["GET", "POST"])
@permission_required(HANDLE)
def new_request() -> Any:
    """Write a request down."""
    wanted = request.values.get("customer", "")
    is_number = wanted.isascii() and wanted.isdecimal() and len(wanted) < 19
    customer = customer_or_404(int(wanted)) if is_number else None
    if request.method == "GET":
        form = forms.RequestForm(data={"received_on": site_today(), "account_id": str(signed_in().id)})
        return _new_page(form, customer)
    form = forms.RequestForm(request.form)
    if not form.validate():
        return _new_page(form, customer), 422
    values = {**form.data, "account_id": form.staff_id, "customer_id": customer.id if customer else None}
    try:
        with transaction():
            row = services.receive(values, by=signed_in().id)
    except ValidationFailed as refusal:
        form.add_errors(refusal.errors)
        return _new_page(form, customer), 422
    flash(_("Request %(number)s is noted.", number=row.number), "success")
    return redirect(url_for("privacy_admin.show", request_id=row.id), 303)


def _new_page(form: forms.RequestForm, customer: Any) -> str:
    days = current_snapshot().site.privacy_days
    return render_admin("admin/privacy/new.html", form=form, customer=customer, days=days)


@blueprint.get("/<int:request_id>")
@permission_required(HANDLE)
def show(request_id: int) -> str:
    """Show a request with its history, and what is to be done next."""
    return request_page(queries.reachable_request(request_id))


def purpose_values(wrong: str = "") -> dict[str, Any]:
    """Return what the form part of a purpose needs."""
    return {
        "purposes": purpose_choices(),
        "purpose": request.form,
        "once": new_mark(),
        "purpose_error": wrong,
    }


def request_page(row: PrivacyRequest, wrong_purpose: str = "", **shown: BaseForm) -> str:
    """Return the page of a request; `shown` are forms with complaints, by name."""
    account, history = signed_in(), queries.history_of(row.id)
    query = request.args.get("find", "")
    packages = queries.packages_of(row.customer_id) if row.customer_id is not None else ()
    people = {row.account_id, row.identity_by, *(event.account_id for event in history)}
    certificate = queries.certificate_of(row.id)
    return render_admin(
        "admin/privacy/request.html",
        line=queries.line_of(row),
        request_row=row,
        history=history,
        names=staff_names({one for one in people if one is not None}),
        packages=[package for package in packages if package.request_id == row.id],
        certificate=certificate,
        hold=queries.hold_on(row.customer_id) if row.customer_id is not None else None,
        query=query,
        found=search_customers(query) if query and row.state == State.OPEN else (),
        identity_form=shown.get("identity") or forms.IdentityForm(),
        assign_form=shown.get("assign")
        or forms.AssignForm(data={"account_id": str(row.account_id or ""), "due_on": row.due_on}),
        close_form=shown.get("close") or forms.CloseForm(data={"reason": row.reason}),
        note_form=shown.get("note") or forms.NoteForm(),
        package_form=shown.get("package") or forms.PackageForm(),
        **purpose_values(wrong_purpose),
        may_export=account.can(customer_permissions.EXPORT),
        may_erase=account.can(customer_permissions.ERASE),
        kinds=KINDS,
        ways=WAYS,
        checks=CHECKS,
        states=STATES,
        events=EVENTS,
    )


@blueprint.post("/<int:request_id>/identity")
@permission_required(HANDLE)
def identity(request_id: int) -> Any:
    """Note how the identity was checked."""
    form = forms.IdentityForm(request.form)
    return _change(
        request_id,
        "identity",
        form,
        lambda by: services.confirm_identity(request_id, form.how.data, form.note.data or "", by=by),
        _("The identity is confirmed."),
    )


@blueprint.post("/<int:request_id>/identity/withdraw")
@permission_required(HANDLE)
def identity_withdraw(request_id: int) -> Any:
    """Take the confirmation back."""
    return _change(
        request_id,
        "",
        None,
        lambda by: services.withdraw_identity(request_id, by=by),
        _("The confirmation is taken back."),
    )


@blueprint.post("/<int:request_id>/customer/<int:customer_id>")
@permission_required(HANDLE)
def choose(request_id: int, customer_id: int) -> Any:
    """Say which customer asks."""
    customer_or_404(customer_id)
    return _change(
        request_id,
        "",
        None,
        lambda by: services.choose_customer(request_id, customer_id, by=by),
        _("The customer is chosen. Confirm now that it is them."),
    )


@blueprint.post("/<int:request_id>/assign")
@permission_required(HANDLE)
def assign(request_id: int) -> Any:
    """Say who answers, and until when."""
    form = forms.AssignForm(request.form)
    return _change(
        request_id,
        "assign",
        form,
        lambda by: services.assign(request_id, form.staff_id, form.due_on.data, by=by),
        _("The changes are saved."),
    )


@blueprint.post("/<int:request_id>/note")
@permission_required(HANDLE)
def note(request_id: int) -> Any:
    """Write something down."""
    form = forms.NoteForm(request.form)
    return _change(
        request_id,
        "note",
        form,
        lambda by: services.add_note(request_id, form.note.data, by=by),
        _("It is written down."),
    )


@blueprint.post("/<int:request_id>/close")
@permission_required(HANDLE)
def close(request_id: int) -> Any:
    """End the request."""
    form = forms.CloseForm(request.form)
    return _change(
        request_id,
        "close",
        form,
        lambda by: services.close(request_id, form.state.data, form.reason.data or "", by=by),
        _("The request is closed."),
    )


@blueprint.post("/<int:request_id>/reopen")
@permission_required(HANDLE)
def reopen(request_id: int) -> Any:
    """Open a closed request again."""
    return _change(
        request_id,
        "",
        None,
        lambda by: services.reopen(request_id, by=by),
        _("The request is open again."),
    )


def _change(request_id: int, name: str, form: BaseForm | None, act: Callable[[int], Any], done: str) -> Any:
    row = queries.reachable_request(request_id)
    if form is not None and not form.validate():
        return request_page(row, **{name: form}), 422
    try:
        with transaction():
            act(signed_in().id)
    except Conflict as problem:
        flash(str(problem), "error")
    except ValidationFailed as refusal:
        if form is not None:
            form.add_errors(refusal.errors)
            return request_page(queries.reachable_request(request_id), **{name: form}), 422
        flash("; ".join(str(message) for message in refusal.errors.values()), "error")
    else:
        flash(done, "success")
    return redirect(url_for("privacy_admin.show", request_id=request_id), 303)
