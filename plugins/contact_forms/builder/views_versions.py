"""A form's earlier versions, and copies of a form."""

from typing import Any

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from core.api import ValidationFailed, _, current_account, permission_required, render_admin, transaction

from ..blueprint import admin
from ..permissions import FORMS_EDIT
from .building import duplicate_form, get_form, save_form
from .versions import list_versions, read_version


def _account_id() -> int:
    account = current_account()
    assert account is not None
    return account.id


@admin.get("/<int:form_id>/versions")
@permission_required(FORMS_EDIT)
def versions(form_id: int) -> str:
    """Show who changed what, and when."""
    stored = get_form(form_id)
    return render_admin("contact_forms/admin/versions.html", stored=stored, versions=list_versions(form_id))


@admin.post("/<int:form_id>/versions/<int:version_id>/restore")
@permission_required(FORMS_EDIT)
def restore(form_id: int, version_id: int) -> Any:
    """Make an earlier version the one that visitors see."""
    settings, fields = read_version(form_id, version_id)
    try:
        with transaction():
            save_form(form_id, settings, fields, by=_account_id())
    except ValidationFailed as error:
        flash(str(error.errors["slug"]), "error")
        return redirect(url_for(".versions", form_id=form_id), 303)
    flash(_("The earlier version is back. The one before it is kept in the list, too."), "success")
    return redirect(url_for(".edit", form_id=form_id), 303)


@admin.post("/<int:form_id>/duplicate")
@permission_required(FORMS_EDIT)
def duplicate(form_id: int) -> Response:
    """Make a closed copy of a form."""
    with transaction():
        copy = duplicate_form(form_id, by=_account_id())
    flash(_("This is the copy. It is closed until you open it."), "success")
    return redirect(url_for(".edit", form_id=copy.id), 303)
