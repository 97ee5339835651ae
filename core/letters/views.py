"""Screen: write a mail to a customer."""

import secrets
from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, request

from core.admin.rendering import render_admin
from core.admin.signed_in import signed_in
from core.customer_files.queries import files_of
from core.customer_files.uploads import taken
from core.customers import permissions
from core.customers.blueprint import blueprint
from core.customers.listings import customer_url
from core.customers.masking import is_masked
from core.customers.models import Customer
from core.customers.queries import get_customer, get_customer_for_change
from core.customers.registry import customer_fields
from core.db import transaction
from core.errors import NotAllowed, ValidationFailed
from core.i18n import _
from core.letters.addresses import letter_addresses
from core.letters.services import MAX_SUBJECT, MAX_TEXT, salutation, send_letter
from core.letters.wishes import wish_about_mail
from core.mail.attachments import MAX_TOTAL, MB
from core.plugin_host.snapshot import current_snapshot
from core.security.access import permission_required
from core.security.bodies import takes_up_to

_NAMES = ("to", "subject", "text", "needed", "once")
_ROOM = 2 * MB


@blueprint.get("/customers/<int:customer_id>/mail")
@permission_required(permissions.EDIT)
def write_letter(customer_id: int) -> str:
    """Ask for the mail, begun with the customer's name."""
    _refuse_masked()
    customer = get_customer(customer_id)
    once = secrets.token_urlsafe(16)
    return _page(customer, {"text": salutation(customer), "once": once, "to": request.args.get("to", "")}, {})


@blueprint.post("/customers/<int:customer_id>/mail")
@permission_required(permissions.EDIT)
@takes_up_to(lambda customer_id: MAX_TOTAL + _ROOM)
def send_customer_letter(customer_id: int) -> Any:
    """Queue the mail."""
    _refuse_masked()
    typed = {name: request.form.get(name, "") for name in _NAMES}
    chosen = request.form.getlist("enclosed")
    try:
        with taken(request.files.getlist("files"), limit=MAX_TOTAL) as uploads, transaction():
            customer = get_customer_for_change(customer_id)
            is_new = send_letter(
                customer, typed, once=typed["once"], uploads=uploads, enclosed=chosen, by=signed_in().id
            )
            if not is_new:
                raise _SentBefore
    except _SentBefore:
        return redirect(f"{customer_url(customer_id)}#timeline", 303)
    except ValidationFailed as refusal:
        return _page(get_customer(customer_id), typed, refusal.errors, chosen), 422
    flash(_("The mail is on its way."), "success")
    return redirect(f"{customer_url(customer_id)}#timeline", 303)


class _SentBefore(Exception):
    """The same page came a second time; its files are not kept again."""


def _refuse_masked() -> None:
    if is_masked("email"):
        raise NotAllowed(_("You see e-mail addresses only in part; somebody else has to write."))


def _page(customer: Customer, typed: Mapping[str, str], errors: Mapping[str, Any], chosen: Any = ()) -> str:
    site = current_snapshot().site
    return render_admin(
        "admin/customers/letter.html",
        customer=customer,
        addresses=letter_addresses(customer),
        wish=wish_about_mail(customer, customer_fields(signed_in())),
        files=files_of(customer.id),
        typed=typed,
        errors=errors,
        chosen=chosen,
        sender=site.mail_from,
        limits={"subject": MAX_SUBJECT, "text": MAX_TEXT, "mb": MAX_TOTAL // MB},
    )
