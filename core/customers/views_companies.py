"""Screens: the list of companies, one company, new, edit, delete."""

from contextlib import suppress
from typing import Any

from flask import flash, redirect, request, url_for

from core.admin.listing import render_listing
from core.admin.rendering import render_admin
from core.admin.signed_in import signed_in
from core.customers import permissions
from core.customers.blueprint import blueprint
from core.customers.cleaning import BadInput
from core.customers.company_attributes import COMPANY_ATTRIBUTES
from core.customers.company_fields import company_fields
from core.customers.company_group.queries import list_group
from core.customers.company_services import create_company, delete_company, update_company
from core.customers.corporate_number import check_corporate_number
from core.customers.entry_form import EntryForm, entry_form
from core.customers.listings import COMPANIES, company_url
from core.customers.models import Company
from core.customers.page import composer_view, fact_groups
from core.customers.queries import (
    count_contacts,
    find_companies_named,
    find_companies_numbered,
    get_company,
    list_contacts,
)
from core.customers.storage import read_values
from core.customers.views_company_people import company_history, seen_of_people
from core.db import transaction
from core.errors import ValidationFailed
from core.i18n import _
from core.looks.services import note_look
from core.security.access import permission_required

_GROUPS = ("contact", "address", "profile", "relation", "social", "notes")


@blueprint.route("/companies/", methods=["GET", "POST"])
@permission_required(permissions.SEE)
def list_companies() -> Any:
    """Show the list of companies."""
    may_add = signed_in().can(permissions.EDIT)
    new_url = url_for("customers_admin.new_company") if may_add else None
    return render_listing(COMPANIES, new_title=_("New company"), new_url=new_url)


@blueprint.get("/companies/new")
@permission_required(permissions.EDIT)
def new_company() -> Any:
    """Ask for a new company."""
    return _form_page(entry_form(COMPANY_ATTRIBUTES, {}), None)


@blueprint.post("/companies/new")
@permission_required(permissions.EDIT)
def add_company() -> Any:
    """Add a company; one with the same name is shown first."""
    form = entry_form(COMPANY_ATTRIBUTES, {}, request.form)
    if not form.validate():
        return _form_page(form, None), 422
    twins = _twins(form)
    if twins and "anyway" not in request.form:
        return _form_page(form, None, twins), 422
    try:
        with transaction():
            made = create_company(form.values, by=signed_in().id)
    except ValidationFailed as refusal:
        form.add_errors(refusal.errors)
        return _form_page(form, None), 422
    flash(_("%(name)s is added.", name=made.name), "success")
    return redirect(company_url(made.id), 303)


@blueprint.get("/companies/<int:company_id>")
@permission_required(permissions.SEE)
def company(company_id: int) -> Any:
    """Show one company with its group, its people, and what happened with them."""
    found, may_edit = get_company(company_id), signed_in().can(permissions.EDIT)
    note_look("company", company_id)
    return render_admin(
        "admin/customers/company.html",
        company=found,
        groups=fact_groups(found, COMPANY_ATTRIBUTES, company_fields(), _GROUPS),
        contacts=list_contacts(company_id),
        sees=seen_of_people(),
        contact_count=count_contacts(company_id),
        group_members=list_group(company_id),
        composer=composer_view(signed_in().id) if may_edit else None,
        may_edit=may_edit,
        **company_history(company_id, kind=request.args.get("kind", ""), before=request.args.get("before")),
        may_delete=signed_in().can(permissions.ERASE),
    )


@blueprint.get("/companies/<int:company_id>/edit")
@permission_required(permissions.EDIT)
def edit_company(company_id: int) -> Any:
    """Show the form of a company."""
    found = get_company(company_id)
    return _form_page(entry_form(COMPANY_ATTRIBUTES, read_values(found, COMPANY_ATTRIBUTES)), found)


@blueprint.post("/companies/<int:company_id>/edit")
@permission_required(permissions.EDIT)
def save_company(company_id: int) -> Any:
    """Save the form of a company."""
    found = get_company(company_id)
    form = entry_form(COMPANY_ATTRIBUTES, {}, request.form)
    if not form.validate():
        return _form_page(form, found), 422
    try:
        with transaction():
            update_company(company_id, form.values, by=signed_in().id)
    except ValidationFailed as refusal:
        form.add_errors(refusal.errors)
        return _form_page(form, get_company(company_id)), 422
    flash(_("The changes are saved."), "success")
    return redirect(company_url(company_id), 303)


@blueprint.post("/companies/<int:company_id>/delete")
@permission_required(permissions.ERASE)
def remove_company(company_id: int) -> Any:
    """Delete a company; its contact persons stay."""
    name = get_company(company_id).name
    with transaction():
        delete_company(company_id, by=signed_in().id)
    flash(_("%(name)s is deleted. Its contact persons stay.", name=name), "success")
    return redirect(url_for("customers_admin.list_companies"), 303)


def _twins(form: EntryForm) -> list[Company]:
    """Return the companies with the same name or corporate number."""
    found = [*find_companies_named(form["name"].data or "")]
    number = (form["corporate_number"].data or "").strip()
    if number:
        # What is wrong with a number, the service says.
        with suppress(BadInput):
            found += find_companies_numbered(check_corporate_number(number))
    return list(dict.fromkeys(found))


def _form_page(form: EntryForm, found: Company | None, twins: Any = ()) -> str:
    return render_admin("admin/customers/company_form.html", form=form, company=found, twins=twins)
