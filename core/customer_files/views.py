"""Screens: files that lie with a customer."""

from typing import Any

from flask import Response, flash, redirect, request

from core.admin.rendering import render_admin
from core.admin.signed_in import signed_in
from core.customer_files import services
from core.customer_files.queries import files_of, get_file
from core.customer_files.uploads import MAX_BODY, MAX_FILE, MB, OWNER, taken
from core.customers import permissions
from core.customers.blueprint import blueprint
from core.customers.listings import customer_url
from core.customers.queries import get_customer
from core.db import transaction
from core.errors import NotFound, ValidationFailed
from core.exports.way_out import hands_back
from core.files.responses import download
from core.files.store import file_store
from core.i18n import _
from core.security.access import permission_required
from core.security.bodies import takes_up_to


@blueprint.get("/customers/<int:customer_id>/files")
@permission_required(permissions.SEE)
def customer_files(customer_id: int) -> str:
    """Show the files of a customer."""
    return _page(customer_id, {}, {"direction": "out"})


@blueprint.post("/customers/<int:customer_id>/files")
@permission_required(permissions.EDIT)
@takes_up_to(lambda customer_id: MAX_BODY)
def add_customer_files(customer_id: int) -> Any:
    """Keep files that were given to a customer or came from them."""
    typed = {name: request.form.get(name, "") for name in ("direction", "note")}
    get_customer(customer_id)
    try:
        with taken(request.files.getlist("files")) as files, transaction():
            services.add_files(
                customer_id, files, direction=typed["direction"], note=typed["note"], by=signed_in().id
            )
    except ValidationFailed as refusal:
        return _page(customer_id, refusal.errors, typed), 422
    flash(_("The files are kept."), "success")
    return redirect(f"{customer_url(customer_id)}#timeline", 303)


@blueprint.get("/customers/<int:customer_id>/files/<int:file_id>")
@permission_required(permissions.SEE)
@hands_back("a file as it was given or received")
def customer_file(customer_id: int, file_id: int) -> Response:
    """Hand a file to staff."""
    get_customer(customer_id)
    file = get_file(customer_id, file_id)
    try:
        stream = file_store(OWNER).open(file.stored)
    except FileNotFoundError:
        raise NotFound(_("This file is no longer there.")) from None
    return download(stream, file.name, file.size)


@blueprint.post("/customers/<int:customer_id>/files/<int:file_id>/delete")
@permission_required(permissions.EDIT)
def remove_customer_file(customer_id: int, file_id: int) -> Any:
    """Delete a file for good."""
    get_customer(customer_id)
    with transaction():
        services.delete_file(customer_id, file_id, by=signed_in().id)
    flash(_("The file is deleted."), "success")
    return redirect(customer_url(customer_id), 303)


def _page(customer_id: int, errors: Any, typed: Any) -> str:
    return render_admin(
        "admin/customers/files.html",
        customer=get_customer(customer_id),
        files=files_of(customer_id),
        errors=errors,
        typed=typed,
        limit_mb=MAX_FILE // MB,
        may_edit=signed_in().can(permissions.EDIT),
    )
