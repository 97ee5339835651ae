"""The screen that makes a form from a pasted definition of Contact Form 7."""

from typing import Any

from flask import flash, redirect, request, url_for

from core.api import (
    ValidationFailed,
    _,
    current_account,
    current_snapshot,
    permission_required,
    render_admin,
    render_site,
    render_site_fragment,
    transaction,
)

from ..blueprint import admin
from ..definition.kinds import KIND_TITLES
from ..permissions import FORMS_EDIT
from ..sending.presenting import page_around, present_preview
from .forms import PasteForm
from .importing import Imported, read_definition
from .pasted import Pasted, read_pasted
from .report import FATE_TITLES


@admin.route("/paste", methods=["GET", "POST"])
@permission_required(FORMS_EDIT)
def paste() -> Any:
    """Take a definition, show what becomes of it, and make the form."""
    if request.method == "GET":
        return _page(PasteForm())
    form = PasteForm(request.form)
    pasted = _read(form)
    form.title.data = form.title.data or pasted.title
    if not form.validate():
        return _page(form), 422
    imported = read_definition(pasted, current_snapshot().site.language)
    if not imported.fields:
        form.form.errors = [
            _("No question was found in it. Paste the text with the tags in square brackets.")
        ]
        return _page(form), 422
    if request.form.get("do") != "create":
        return _page(form, imported)
    account = current_account()
    assert account is not None
    try:
        with transaction():
            made = imported.create(form.title.data, form.slug.data, by=account.id)
    except ValidationFailed as error:
        form.slug.errors = [error.errors["slug"]]
        return _page(form, imported), 422
    flash(_("The form is made. Look it over; it is open from now on."), "success")
    return redirect(url_for(".edit", form_id=made.id), 303)


def _read(form: PasteForm) -> Pasted:
    return read_pasted(
        form.form.data or "", form.mail.data or "", form.mail_2.data or "", form.settings.data or ""
    )


def _page(form: PasteForm, imported: Imported | None = None) -> str:
    return render_admin(
        "contact_forms/admin/paste.html",
        form=form,
        imported=imported,
        fates=FATE_TITLES,
        kinds=KIND_TITLES,
        preview=_preview(imported, form.title.data) if imported else "",
    )


def _preview(imported: Imported, title: str) -> str:
    """Return the page as the theme draws it, to be framed."""
    definition = imported.define(title)
    body = render_site_fragment("contact_forms/form.html", contact_form=present_preview(definition))
    return str(
        render_site("contact_forms/page.html", page=page_around(title, definition.slug, body), gate=None)
    )
