"""The member's side of joining and paying: apply, see where it stands, invoices and receipts."""

from typing import Any

from flask import Response, flash, redirect, request, url_for

from core.api import (
    Conflict,
    NotFound,
    ValidationFailed,
    _,
    current_member_id,
    form_view,
    format_money,
    keep_private,
    member_required,
    render_site,
    transaction,
)

from ..site_blueprint import site
from ..view_objects import tier_view
from . import services
from .forms import ApplicationForm, MethodForm, method_choices
from .models import Invoice
from .papers import Paper, has_receipt, invoice_paper, receipt_paper
from .pdf import pdf_of
from .queries import find_open_tier, own_invoice, waiting_of
from .services import is_free, plan_of
from .showing import price_text, term_text
from .tags import memberships_of
from .ways import payment_ways


def member_id() -> int:
    """Return the customer id of the signed-in member."""
    member = current_member_id()
    if member is None:
        raise NotFound(_("There is no such page."))
    return member


@site.get("/memberships")
@member_required
def memberships() -> Any:
    """Show the member's own memberships, seats and papers."""
    return render_site("member_tiers/memberships.html", memberships=memberships_of(member_id()))


@site.route("/join/<key>", methods=["GET", "POST"])
@member_required
def join(key: str) -> Any:
    """Ask for a membership: what it costs, how to pay, a message."""
    tier = find_open_tier(key)
    if tier.id in waiting_of(member_id()):
        return redirect(url_for("member_tiers.memberships"), 303)
    form = ApplicationForm(request.form)
    plan = plan_of(tier.id)
    form.method.choices = method_choices(plan.methods)
    if is_free(tier) or not form.method.choices:
        del form.method
    elif len(form.method.choices) == 1 and request.method == "GET":
        form.method.data = form.method.choices[0].value
    if request.method == "POST" and form.validate():
        method = form.method.data if "method" in form else ""
        try:
            with transaction():
                services.apply(member_id(), tier.id, method=method, message=form.message.data or "")
        except (Conflict, ValidationFailed) as problem:
            _add(form, problem)
        else:
            flash(_("Thank you. Below you see where your application stands."), "success")
            return redirect(url_for("member_tiers.memberships"), 303)
    page = render_site(
        "member_tiers/join.html",
        tier=tier_view(tier),
        fee=format_money(tier.fee, tier.currency) if tier.fee else _("Free"),
        joining_fee=format_money(tier.joining_fee, tier.currency) if tier.joining_fee else "",
        total=price_text(tier),
        term=term_text(tier),
        needs_approval=tier.needs_approval,
        is_free=is_free(tier),
        form=form_view(form, action=url_for("member_tiers.join", key=key), submit=_("Apply")),
    )
    return (page, 422) if request.method == "POST" else page


def _add(form: Any, problem: Conflict | ValidationFailed) -> None:
    """Show what kept the application back, at its field where the form has it."""
    errors = problem.errors if isinstance(problem, ValidationFailed) else {"": str(problem)}
    form.form_errors += [str(text) for name, text in errors.items() if name not in form]
    form.add_errors({name: text for name, text in errors.items() if name in form})


@site.get("/invoices/<int:invoice_id>")
@member_required
def invoice(invoice_id: int) -> Any:
    """Show one's own invoice, how to pay it, and another way where that is possible."""
    found = own_invoice(invoice_id, member_id())
    return _invoice_page(found, _method_form(found))


def _method_form(invoice: Invoice) -> MethodForm | None:
    if not invoice.is_owed or invoice.paid or invoice.membership_id is None:
        return None
    form = MethodForm(request.form)
    methods = services.methods_of(invoice)
    form.method.choices = [one for one in method_choices(methods) if one.value != invoice.method]
    return form if form.method.choices else None


def _invoice_page(invoice: Invoice, form: MethodForm | None, status: int = 200) -> Any:
    action = url_for("member_tiers.choose_method", invoice_id=invoice.id)
    page = render_site(
        "member_tiers/paper.html",
        paper=invoice_paper(invoice),
        pdf_url=url_for("member_tiers.invoice_pdf", invoice_id=invoice.id),
        other_url=url_for("member_tiers.receipt", invoice_id=invoice.id) if has_receipt(invoice) else "",
        ways=payment_ways(invoice),
        form=form_view(form, action=action, submit=_("Change the way to pay")) if form is not None else None,
    )
    return page, status


@site.post("/invoices/<int:invoice_id>/method")
@member_required
def choose_method(invoice_id: int) -> Any:
    """Pay in another way: the invoice is replaced by a new one."""
    found = own_invoice(invoice_id, member_id())
    form = _method_form(found)
    if form is None:
        return redirect(url_for("member_tiers.invoice", invoice_id=invoice_id), 303)
    if not form.validate():
        return _invoice_page(found, form, 422)
    try:
        with transaction():
            new = services.choose_method(invoice_id, form.method.data, customer_id=member_id())
    except (Conflict, ValidationFailed) as problem:
        flash(str(problem), "error")
        return redirect(url_for("member_tiers.invoice", invoice_id=invoice_id), 303)
    flash(_("Here is your new invoice; the former one is void."), "success")
    return redirect(url_for("member_tiers.invoice", invoice_id=new.id), 303)


@site.get("/invoices/<int:invoice_id>/receipt")
@member_required
def receipt(invoice_id: int) -> Any:
    """Show the receipt of one's own paid invoice."""
    found = own_invoice(invoice_id, member_id())
    return render_site(
        "member_tiers/paper.html",
        paper=_receipt(found),
        pdf_url=url_for("member_tiers.receipt_pdf", invoice_id=invoice_id),
        other_url="",
        ways=(),
        form=None,
    )


@site.get("/invoices/<int:invoice_id>/invoice.pdf")
@member_required
def invoice_pdf(invoice_id: int) -> Response:
    """Hand one's own invoice out as PDF."""
    return pdf_answer(invoice_paper(own_invoice(invoice_id, member_id())))


@site.get("/invoices/<int:invoice_id>/receipt.pdf")
@member_required
def receipt_pdf(invoice_id: int) -> Response:
    """Hand the receipt out as PDF."""
    return pdf_answer(_receipt(own_invoice(invoice_id, member_id())))


def _receipt(invoice: Invoice) -> Paper:
    if not has_receipt(invoice):
        raise NotFound(_("There is no such receipt."))
    return receipt_paper(invoice)


def pdf_answer(paper: Paper) -> Response:
    """Return a paper as a file for its reader only."""
    kind = "receipt" if paper.is_receipt else "invoice"
    answer = Response(pdf_of(paper), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{kind}-{paper.number}.pdf"'
    keep_private()
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
