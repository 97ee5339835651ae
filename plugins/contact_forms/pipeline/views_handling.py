"""Screens of what happens to a form's messages: its receipt numbers."""

from dataclasses import asdict
from typing import Any

from flask import flash, redirect, request, url_for

from core.api import _, current_account, permission_required, render_admin, site_today, transaction

from ..blueprint import admin
from ..builder.building import get_form
from ..permissions import FORMS_EDIT
from ..sending.receipts import count_receipts
from .forms_handling import ReceiptForm
from .handling import read_handling, save_receipt_format


def account_id() -> int:
    """Return who is at work; the access rule has seen to it that somebody is."""
    account = current_account()
    assert account is not None
    return account.id


@admin.route("/<int:form_id>/receipts", methods=["GET", "POST"])
@permission_required(FORMS_EDIT)
def receipts(form_id: int) -> Any:
    """Set how the form's receipt numbers look."""
    stored = get_form(form_id)
    current = read_handling(stored.handling).receipt
    form = ReceiptForm(request.form) if request.method == "POST" else ReceiptForm(data=asdict(current))
    if request.method == "POST" and form.validate():
        with transaction():
            save_receipt_format(stored, form.receipt_format(), by=account_id())
        flash(_("Saved. The next message gets its number like this."), "success")
        return redirect(url_for(".receipts", form_id=form_id), 303)
    year = site_today().year
    given = count_receipts(form_id, year if current.with_year else 0)
    page = render_admin(
        "contact_forms/admin/receipts.html",
        stored=stored,
        form=form,
        last=current.write(year, given) if given else "",
        following=current.write(year, given + 1),
    )
    return (page, 422) if form.errors else page
