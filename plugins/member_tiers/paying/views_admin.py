"""The admin's side: applications, invoices and payments, and how a tier is paid for."""

import datetime as dt
import secrets
from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from core.api import (
    Conflict,
    NotFound,
    ValidationFailed,
    _,
    current_language,
    current_snapshot,
    in_language,
    permission_required,
    render_admin,
    render_listing,
    site_today,
    transaction,
)

from ..admin_blueprint import admin
from ..memberships.models import WAITING, Membership
from ..memberships.tiers import find_tier
from ..requests import acting_account
from . import payments, services
from .forms import InvoiceForm, PaymentForm, PlanForm, ReferenceForm, RefuseForm, ReturnForm
from .lists import APPLICATIONS, APPLICATIONS_EDIT, INVOICES
from .models import Invoice, InvoiceKind
from .papers import has_receipt, invoice_paper, payments_of, receipt_paper
from .queries import customer_of, get_application, get_invoice, invoices_of_membership
from .services import customer_name, plan_of
from .views_site import pdf_answer
from .words import METHODS, STATES, title_of

TIERS_EDIT = "member_tiers.tiers.edit"


@admin.route("/applications", methods=["GET", "POST"])
@permission_required(APPLICATIONS_EDIT)
def applications() -> Any:
    """List who asked for a membership and has none yet."""
    return render_listing(APPLICATIONS, lead=_("Who would like to join, and who still has to pay."))


@admin.get("/applications/<int:membership_id>")
@permission_required(APPLICATIONS_EDIT)
def application(membership_id: int) -> Any:
    """Show an application with what can be done next."""
    return _application_page(membership_id, RefuseForm())


def _application_page(membership_id: int, refusing: RefuseForm, asking: InvoiceForm | None = None) -> Any:
    membership, asked = get_application(membership_id)
    if asking is None:
        asking = InvoiceForm()
        asking.method.data = asked.method if asked is not None else "bank"
        asking.due_on.data = site_today() + dt.timedelta(days=plan_of(membership.tier_id).due_days)
    page = render_admin(
        "member_tiers/admin/application.html",
        membership=membership,
        application=asked,
        customer=customer_of(membership),
        tier=membership.tier,
        invoices=invoices_of_membership(membership_id),
        states=STATES,
        methods=METHODS,
        refusing=refusing,
        asking=asking,
        waits=membership.status in WAITING,
    )
    return (page, 422) if refusing.errors or asking.errors else page


@admin.post("/applications/<int:membership_id>/approve")
@permission_required(APPLICATIONS_EDIT)
def approve_application(membership_id: int) -> Response:
    """Accept an application; the invoice follows by mail."""
    _within_reach(membership_id)
    return _act(
        lambda: services.approve(membership_id, by=acting_account()),
        _("The application was approved. The next step was sent by mail."),
        url_for(".application", membership_id=membership_id),
    )


@admin.post("/applications/<int:membership_id>/refuse")
@permission_required(APPLICATIONS_EDIT)
def refuse_application(membership_id: int) -> Any:
    """Turn an application down."""
    _within_reach(membership_id)
    form = RefuseForm(request.form)
    if not form.validate():
        return _application_page(membership_id, form)
    return _act(
        lambda: services.refuse(membership_id, reason=form.reason.data or "", by=acting_account()),
        _("The application was refused, and a mail was sent."),
        url_for(".application", membership_id=membership_id),
    )


@admin.post("/applications/<int:membership_id>/invoice")
@permission_required(APPLICATIONS_EDIT)
def issue_invoice(membership_id: int) -> Any:
    """Write an invoice; an earlier unpaid one becomes void."""
    _within_reach(membership_id)
    form = InvoiceForm(request.form)
    if form.validate():
        try:
            with transaction():
                new = services.issue_invoice(
                    membership_id, method=form.method.data, due_on=form.due_on.data, by=acting_account()
                )
        except ValidationFailed as problem:
            form.add_errors(problem.errors)
        except Conflict as problem:
            form.form_errors.append(str(problem))
        else:
            flash(_("The invoice was written and sent by mail."), "success")
            return redirect(url_for(".invoice", invoice_id=new.id), 303)
    return _application_page(membership_id, RefuseForm(), form)


def _within_reach(membership_id: int) -> Membership:
    membership, _asked = get_application(membership_id)
    customer_of(membership)
    return membership


@admin.post("/memberships/<int:membership_id>/renewal-invoice")
@permission_required(APPLICATIONS_EDIT)
def renewal_invoice(membership_id: int) -> Any:
    """Write the invoice of the next term; paying it renews the membership."""

    def write() -> Invoice:
        return services.issue_invoice(membership_id, kind=InvoiceKind.RENEWAL, by=acting_account())

    target = url_for(".membership", membership_id=membership_id)
    return _act(write, _("The invoice for the next term was sent by mail."), target)


@admin.route("/invoices", methods=["GET", "POST"])
@permission_required(APPLICATIONS_EDIT)
def invoices() -> Any:
    """List what was asked for, with what is overdue."""
    return render_listing(INVOICES, lead=_("What was asked for, what came in, and what is overdue."))


@admin.get("/invoices/<int:invoice_id>")
@permission_required(APPLICATIONS_EDIT)
def invoice(invoice_id: int) -> Any:
    """Show an invoice with its payments and what can be done."""
    return _invoice_page(get_invoice(invoice_id))


def _invoice_page(
    found: Invoice, paying: PaymentForm | None = None, returning: ReturnForm | None = None
) -> Any:
    if paying is None:
        paying = PaymentForm(data={"amount": found.due, "method": found.method, "paid_on": site_today()})
        paying.token.data = secrets.token_urlsafe(24)
    if returning is None:
        returning = ReturnForm(data={"returned": found.paid})
        returning.token.data = secrets.token_urlsafe(24)
    page = render_admin(
        "member_tiers/admin/invoice.html",
        invoice=found,
        title=title_of(found, current_language()),
        name=customer_name(found.customer_id) if found.customer_id is not None else "",
        payments=payments_of(found.id),
        state=STATES[found.state],
        methods=METHODS,
        paying=paying,
        returning=returning,
        naming=ReferenceForm(obj=found),
        has_receipt=has_receipt(found),
        is_overdue=found.is_overdue(site_today()),
    )
    return (page, 422) if paying.errors or returning.errors else page


@admin.post("/invoices/<int:invoice_id>/payments")
@permission_required(APPLICATIONS_EDIT)
def pay_invoice(invoice_id: int) -> Any:
    """Note money that came in, whole or in part."""
    found, form = get_invoice(invoice_id), PaymentForm(request.form)
    if form.validate():
        try:
            with transaction():
                payments.record_payment(
                    invoice_id,
                    form.amount.data,
                    key=f"staff:{invoice_id}:{form.token.data}",
                    method=form.method.data,
                    paid_on=form.paid_on.data,
                    note=form.note.data or "",
                    by=acting_account(),
                )
        except ValidationFailed as problem:
            form.add_errors(problem.errors)
        except Conflict as problem:
            form.form_errors.append(str(problem))
        else:
            flash(_("The payment was recorded."), "success")
            return redirect(url_for(".invoice", invoice_id=invoice_id), 303)
    return _invoice_page(found, form)


@admin.post("/invoices/<int:invoice_id>/returns")
@permission_required(APPLICATIONS_EDIT)
def return_payment(invoice_id: int) -> Any:
    """Note money that went back."""
    found, form = get_invoice(invoice_id), ReturnForm(request.form)
    if form.validate():
        try:
            with transaction():
                payments.return_payment(
                    invoice_id,
                    form.returned.data,
                    key=f"staff:{invoice_id}:{form.token.data}",
                    note=form.why.data or "",
                    by=acting_account(),
                )
        except ValidationFailed as problem:
            form.add_errors({"returned": next(iter(problem.errors.values()))})
        except Conflict as problem:
            form.form_errors.append(str(problem))
        else:
            flash(_("It was noted that the money went back."), "success")
            return redirect(url_for(".invoice", invoice_id=invoice_id), 303)
    return _invoice_page(found, None, form)


@admin.post("/invoices/<int:invoice_id>/reference")
@permission_required(APPLICATIONS_EDIT)
def name_payment(invoice_id: int) -> Response:
    """Keep the number with which the member pays."""
    form = ReferenceForm(request.form)
    if not form.validate():
        flash(_("Use at most %(limit)s characters.", limit=60), "error")
        return redirect(url_for(".invoice", invoice_id=invoice_id), 303)
    return _act(
        lambda: services.name_payment(invoice_id, form.reference.data or "", by=acting_account()),
        _("Saved."),
        url_for(".invoice", invoice_id=invoice_id),
    )


@admin.post("/invoices/<int:invoice_id>/fail")
@permission_required(APPLICATIONS_EDIT)
def fail_invoice(invoice_id: int) -> Response:
    """Note that a way to pay is closed."""
    return _act(
        lambda: services.fail_invoice(invoice_id, by=acting_account()),
        _("It was noted, and a mail was sent. Money that comes later still counts."),
        url_for(".invoice", invoice_id=invoice_id),
    )


@admin.post("/invoices/<int:invoice_id>/void")
@permission_required(APPLICATIONS_EDIT)
def void_invoice(invoice_id: int) -> Response:
    """Take an invoice back."""
    return _act(
        lambda: services.void_invoice(invoice_id, by=acting_account()),
        _("The invoice is void."),
        url_for(".invoice", invoice_id=invoice_id),
    )


@admin.get("/invoices/<int:invoice_id>/invoice.pdf")
@permission_required(APPLICATIONS_EDIT)
def invoice_pdf(invoice_id: int) -> Response:
    """Hand an invoice out as PDF, in the site's language."""
    found = get_invoice(invoice_id)
    with in_language(current_snapshot().site.language):
        return pdf_answer(invoice_paper(found))


@admin.get("/invoices/<int:invoice_id>/receipt.pdf")
@permission_required(APPLICATIONS_EDIT)
def receipt_pdf(invoice_id: int) -> Response:
    """Hand a receipt out as PDF, in the site's language."""
    found = get_invoice(invoice_id)
    if not has_receipt(found):
        raise NotFound(_("There is no such receipt."))
    with in_language(current_snapshot().site.language):
        return pdf_answer(receipt_paper(found))


@admin.route("/tiers/<int:tier_id>/payment", methods=["GET", "POST"])
@permission_required(TIERS_EDIT)
def plan(tier_id: int) -> Any:
    """Say how a tier is paid for, and how many seats it has."""
    tier = find_tier(tier_id)
    form = PlanForm(request.form, obj=plan_of(tier_id))
    if request.method == "POST" and form.validate():
        try:
            with transaction():
                services.save_plan(tier_id, form.data, by=acting_account())
        except ValidationFailed as problem:
            form.add_errors(problem.errors)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for(".tiers"), 303)
    page = render_admin("member_tiers/admin/plan.html", form=form, tier=tier)
    return (page, 422) if request.method == "POST" else page


def _act(verb: Any, done: str, target: str) -> Response:
    try:
        with transaction():
            verb()
    except (Conflict, ValidationFailed) as problem:
        flash(str(problem), "error")
    else:
        flash(done, "success")
    return redirect(target, 303)
