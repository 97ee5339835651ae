"""Screens: the rule on inactive leads with its preview, who is marked, who is held, and the deadline."""

from typing import Any

from flask import flash, redirect, request, url_for

from core.activity.services import record_audit
from core.admin.rendering import render_admin
from core.admin.signed_in import signed_in
from core.customers import permissions
from core.customers.reach import customer_or_404, scope_of
from core.db import db, transaction
from core.errors import NotAllowed
from core.i18n import _
from core.plugin_host.snapshot import current_snapshot
from core.privacy import forms, holds
from core.privacy.blueprint import blueprint
from core.privacy.models import Mark
from core.privacy.permissions import HANDLE
from core.privacy.retention import queries
from core.privacy.retention.running import start_over
from core.security.access import permission_required
from core.security.step_up import recent_log_in
from core.settings.services import save_site_settings

MANAGE = "settings.manage"


@blueprint.get("/retention")
@permission_required(permissions.ERASE)
def retention() -> str:
    """Show the rule and whom it marked."""
    _may_see_all()
    return _page(_form())


@blueprint.post("/retention")
@permission_required(permissions.ERASE)
@recent_log_in
def save_retention() -> Any:
    """Save the rule, after showing whom just this one finds today."""
    _may_see_all()
    form = forms.RetentionForm(request.form)
    if not form.validate():
        return _page(form), 422
    if form.months.data and request.form.get("previewed") != form.as_told():
        return _page(form, preview=queries.preview(form.months.data))
    values = {
        "lead_retention_months": form.months.data,
        "lead_retention_then": form.then.data,
        "lead_retention_days": form.days.data,
    }
    site = current_snapshot().site
    with transaction():
        if any(getattr(site, name) != value for name, value in values.items()):
            start_over(form.then.data, form.days.data)
        save_site_settings(values, by=signed_in().id)
        record_audit("privacy.retention_saved", by=signed_in().id, data=values)
    flash(
        _("The rule is saved. Once a day it marks whom it finds.")
        if form.months.data
        else _("The rule is off. Nobody is marked any more."),
        "success",
    )
    return redirect(url_for("privacy_admin.retention"), 303)


@blueprint.post("/retention/<int:customer_id>/keep")
@permission_required(permissions.ERASE)
def keep(customer_id: int) -> Any:
    """Keep a marked lead, whatever the rule says, until somebody releases it."""
    customer_or_404(customer_id)
    with transaction():
        if db.session.get(Mark, customer_id) is not None:
            reason = _("Kept by staff when the rule on inactive leads had marked them")
            holds.hold_customer(customer_id, holds.RETENTION, reason, by=signed_in().id)
    flash(_("This lead stays."), "success")
    return redirect(url_for("privacy_admin.retention", after=request.form.get("after") or None), 303)


@blueprint.post("/settings")
@permission_required(HANDLE)
def save_deadline() -> Any:
    """Save in how many days requests are answered."""
    if not signed_in().can(MANAGE):
        raise NotAllowed
    form = forms.DeadlineForm(request.form)
    if not form.validate():
        flash(_("Enter a number of days from 1 to 365."), "error")
        return redirect(url_for("privacy_admin.requests"), 303)
    with transaction():
        save_site_settings({"privacy_days": form.privacy_days.data}, by=signed_in().id)
    flash(_("The settings are saved."), "success")
    return redirect(url_for("privacy_admin.requests"), 303)


def _may_see_all() -> None:
    """Raise NotAllowed for whoever reaches some customers only: the rule is about all leads."""
    if scope_of(signed_in()) is not None:
        raise NotAllowed(_("This is about all customers. Ask an owner."))


def _form() -> forms.RetentionForm:
    site = current_snapshot().site
    return forms.RetentionForm(
        data={
            "months": site.lead_retention_months,
            "then": site.lead_retention_then,
            "days": site.lead_retention_days,
        }
    )


def _page(form: forms.RetentionForm, preview: queries.Preview | None = None) -> str:
    given = request.args.get("after", "")
    after = int(given) if given.isascii() and given.isdecimal() and len(given) < 19 else 0
    marks = queries.list_marks(after)
    return render_admin(
        "admin/privacy/retention.html",
        form=form,
        preview=preview,
        site=current_snapshot().site,
        marks=marks[: queries.PAGE],
        after=after,
        older=marks[queries.PAGE - 1].mark.customer_id if len(marks) > queries.PAGE else None,
        count=queries.count_marks(),
        runs=queries.list_runs(),
        held=queries.list_held(),
    )
