"""Screens: the list of customers, one customer, new, edit, erase, report."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, request, url_for

from core.accounts.queries import member_account_id, staff_names
from core.admin.listing import render_listing
from core.admin.rendering import render_admin, render_admin_fragment
from core.admin.signed_in import signed_in
from core.bulk.showing import just_ran
from core.customers import permissions
from core.customers.attributes import Attribute, defaults
from core.customers.blueprint import blueprint
from core.customers.contact_points.presentation import SHOWN_AS_POINTS, points_by_group
from core.customers.duplicates.candidates import Candidate
from core.customers.duplicates.entry import candidates_before_saving
from core.customers.entry_form import EntryForm, entry_form, in_groups
from core.customers.freshness.queries import freshness_of
from core.customers.listings import CUSTOMERS, customer_url
from core.customers.masking import is_masked
from core.customers.models import Customer
from core.customers.page import composer_view, consents_panel, fact_groups, panels_for, timeline_view
from core.customers.queries import company_names, get_customer
from core.customers.reach import is_handed_over
from core.customers.registry import customer_attributes, customer_fields
from core.customers.relations.queries import list_related
from core.customers.services import (
    EmailTaken,
    create_customer,
    update_customer,
)
from core.customers.storage import read_values
from core.db import transaction
from core.errors import NotFound, ValidationFailed
from core.i18n import _, site_today
from core.looks.services import note_look
from core.next_actions.queries import current_plan
from core.security.access import permission_required


@blueprint.route("/customers/", methods=["GET", "POST"])
@permission_required(permissions.SEE)
def list_customers() -> Any:
    """Show the list of customers."""
    may_add = signed_in().can(permissions.EDIT)
    new_url = url_for("customers_admin.new_customer") if may_add else None
    ran = just_ran(request.args.get("ran", ""), signed_in())
    return render_listing(CUSTOMERS, new_title=_("New customer"), new_url=new_url, ran=ran)


@blueprint.get("/customers/new")
@permission_required(permissions.EDIT)
def new_customer() -> Any:
    """Ask for a new customer."""
    wanted = {name: request.args[name] for name in ("company_name",) if name in request.args}
    attributes = customer_attributes(signed_in())
    return _new_page(entry_form(attributes, {**defaults(_open(attributes)), "stage": "customer", **wanted}))


@blueprint.post("/customers/new")
@permission_required(permissions.EDIT)
def add_customer() -> Any:
    """Add a customer."""
    form = entry_form(customer_attributes(signed_in()), {}, request.form)
    if not form.validate():
        return _new_page(form), 422
    candidates = candidates_before_saving(form.values)
    if candidates:
        return _new_page(form, candidates=candidates), 422
    try:
        with transaction():
            made = create_customer(form.values, by=signed_in().id)
    except (ValidationFailed, EmailTaken) as refusal:
        return _new_page(form, _refuse(form, refusal)), 422
    flash(_("%(name)s is added.", name=made.name), "success")
    return redirect(customer_url(made.id), 303)


@blueprint.get("/customers/<int:customer_id>")
@permission_required(permissions.SEE)
def customer(customer_id: int) -> Any:
    """Show one customer with the timeline and the panels of plugins."""
    found, may_edit = get_customer(customer_id), signed_in().can(permissions.EDIT)
    note_look("customer", customer_id)
    has_account = member_account_id(customer_id) is not None
    own_panels = consents_panel(found, is_member=has_account, may_edit=may_edit)
    return render_admin(
        "admin/customers/customer.html",
        customer=found,
        has_account=has_account,
        groups=fact_groups(
            found, customer_attributes(signed_in()), customer_fields(signed_in()), without=SHOWN_AS_POINTS
        ),
        points=points_by_group(found),
        timeline=timeline_view(
            customer_id, kind=request.args.get("kind", ""), before=request.args.get("before")
        ),
        panels=[*panels_for(found, signed_in()), *own_panels],
        related=list_related(customer_id),
        freshness=freshness_of(found),
        plan=(plan := current_plan(customer_id)),
        planner=staff_names({plan.account_id}).get(plan.account_id, "") if plan and plan.account_id else "",
        today=site_today(),
        composer=composer_view(signed_in().id) if may_edit else None,
        may_edit=may_edit,
        may_write=may_edit and not is_masked("email"),
    )


@blueprint.get("/customers/<int:customer_id>/edit")
@permission_required(permissions.EDIT)
def edit_customer(customer_id: int) -> Any:
    """Show the whole form of a customer, or one group of it in place."""
    found, chosen = get_customer(customer_id), _chosen_attributes()
    return _edit_page(found, entry_form(chosen, read_values(found, chosen)))


@blueprint.post("/customers/<int:customer_id>/edit")
@permission_required(permissions.EDIT)
def save_customer(customer_id: int) -> Any:
    """Save the form of a customer, or of one group."""
    found, chosen = get_customer(customer_id), _chosen_attributes()
    form = entry_form(chosen, read_values(found, chosen), request.form)
    if not form.validate():
        return _edit_page(found, form), 422
    candidates = candidates_before_saving(form.values, found)
    if candidates:
        return _edit_page(found, form, candidates=candidates), 422
    try:
        with transaction():
            update_customer(customer_id, form.values, by=signed_in().id)
    except (ValidationFailed, EmailTaken) as refusal:
        return _edit_page(get_customer(customer_id), form, _refuse(form, refusal)), 422
    if is_handed_over(customer_id):
        flash(_("The customer is handed over, and no longer among those whom you see."), "success")
        everybody_else = url_for("customers_admin.list_customers")
        return ("", 204, {"HX-Redirect": everybody_else}) if _is_in_place() else redirect(everybody_else, 303)
    if _is_in_place():
        # Head and timeline show the change, too.
        return "", 204, {"HX-Refresh": "true"}
    flash(_("The changes are saved."), "success")
    return redirect(customer_url(customer_id), 303)


@blueprint.get("/customers/<int:customer_id>/facts")
@permission_required(permissions.SEE)
def customer_facts(customer_id: int) -> Any:
    """Return one group of facts, after its form was left."""
    return _group_fragment(customer_id)


def _chosen_attributes() -> Mapping[str, Attribute]:
    attributes, group = customer_attributes(signed_in()), request.args.get("group")
    if group is None:
        return attributes
    chosen = in_groups(attributes, [group])
    if not chosen:
        raise NotFound(_("There is no such group of fields."))
    return chosen


def _open(attributes: Mapping[str, Attribute]) -> dict[str, Attribute]:
    return {name: attribute for name, attribute in attributes.items() if not attribute.locked}


def _is_in_place() -> bool:
    return "HX-Request" in request.headers and "group" in request.args


def _group_fragment(customer_id: int) -> str:
    found, chosen, wanted = get_customer(customer_id), _chosen_attributes(), request.args.get("group", "")
    if not wanted:
        raise NotFound(_("There is no such group of fields."))
    (group,) = fact_groups(found, chosen, customer_fields(signed_in()), [wanted], without=SHOWN_AS_POINTS)
    return render_admin_fragment(
        "admin/customers/_facts.html",
        customer=found,
        group=group,
        points=points_by_group(found),
        may_edit=signed_in().can(permissions.EDIT),
    )


def _new_page(form: EntryForm, twin: int | None = None, candidates: Sequence[Candidate] = ()) -> str:
    values = _form_values(form, None, twin, candidates)
    return render_admin("admin/customers/form.html", **values)


def _edit_page(
    found: Customer, form: EntryForm, twin: int | None = None, candidates: Sequence[Candidate] = ()
) -> str:
    values = _form_values(form, found, twin, candidates)
    if _is_in_place():
        return render_admin_fragment("admin/customers/_group_form.html", **values)
    return render_admin("admin/customers/form.html", **values)


def _form_values(
    form: EntryForm, found: Customer | None, twin: int | None, candidates: Sequence[Candidate]
) -> dict[str, Any]:
    return {
        "form": form,
        "customer": found,
        "twin": _twin(twin),
        "companies": company_names(),
        "candidates": candidates,
        "may_save": True,
        "may_compare": signed_in().can(permissions.SEE),
    }


def _refuse(form: EntryForm, refusal: ValidationFailed | EmailTaken) -> int | None:
    """Show what a service refused; return the customer who has the e-mail address already."""
    if isinstance(refusal, EmailTaken):
        form.add_errors({"email": refusal})
        return refusal.customer_id
    form.add_errors(refusal.errors)
    return None


def _twin(customer_id: int | None) -> Customer | None:
    return get_customer(customer_id) if customer_id is not None else None
