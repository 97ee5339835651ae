"""Screens: the next contact with a customer, and my day."""

from typing import Any

from flask import flash, redirect, request

from core.admin.dashboard import plugin_cards
from core.admin.rendering import render_admin
from core.admin.signed_in import signed_in
from core.customers import permissions
from core.customers.blueprint import blueprint
from core.customers.listings import customer_url
from core.customers.lists import staff_choices
from core.customers.queries import get_customer
from core.db import transaction
from core.errors import Conflict, NotFound, ValidationFailed
from core.i18n import _, site_today
from core.next_actions import services
from core.next_actions.models import ActionState
from core.next_actions.queries import current_plan, my_day
from core.security.access import permission_required
from core.security.redirects import safe_target

_NAMES = ("title", "due_on", "account_id", "note", "reason", "next")


@blueprint.get("/my-day")
@permission_required(permissions.SEE)
def my_day_page() -> Any:
    """Show what whoever is signed in has to do: late, today, and in the week ahead."""
    account = signed_in()
    return render_admin(
        "admin/next_actions/my_day.html",
        today=site_today(),
        day=my_day(account.id),
        cards=plugin_cards(account),
        **_form_values(),
    )


@blueprint.route("/customers/<int:customer_id>/next", methods=["GET", "POST"])
@permission_required(permissions.EDIT)
def plan_next(customer_id: int) -> Any:
    """Plan the next contact with a customer, or change what is planned."""
    found, plan = get_customer(customer_id), current_plan(customer_id)
    is_open = plan is not None and plan.state == ActionState.OPEN
    if request.method == "GET":
        shown = {name: getattr(plan, name) for name in ("title", "due_on", "account_id")} if is_open else {}
        return _page("plan", found, {name: str(value or "") for name, value in shown.items()})
    typed = _typed()
    try:
        with transaction():
            if is_open:
                services.change_action(customer_id, typed)
            else:
                services.plan_action(customer_id, typed, by=signed_in().id)
    except (ValidationFailed, Conflict) as refusal:
        return _page("plan", get_customer(customer_id), typed, refusal), 422
    return _done(customer_id, _("The next contact is planned."))


@blueprint.route("/customers/<int:customer_id>/next/close", methods=["GET", "POST"])
@permission_required(permissions.EDIT)
def close_next(customer_id: int) -> Any:
    """Close the open action: what came of it, and what is next."""
    found, plan = get_customer(customer_id), current_plan(customer_id)
    if plan is None or plan.state != ActionState.OPEN:
        raise NotFound(_("Nothing is planned with this customer any more."))
    if request.method == "GET":
        return _page("close", found, {"next": "plan"}, plan=plan)
    typed = _typed()
    follow_up = typed if typed["next"] != "none" else None
    try:
        with transaction():
            services.close_action(customer_id, typed, follow_up=follow_up, by=signed_in().id)
    except ValidationFailed as refusal:
        return _page("close", get_customer(customer_id), typed, refusal, plan=plan), 422
    return _done(customer_id, _("It is written down."))


def _typed() -> dict[str, str]:
    return {name: request.form.get(name, "") for name in _NAMES}


def _done(customer_id: int, message: str) -> Any:
    flash(message, "success")
    return redirect(safe_target(request.form.get("back"), customer_url(customer_id)), 303)


def _form_values() -> dict[str, Any]:
    return {"staff": staff_choices(), "me": signed_in().id, "earliest": site_today().isoformat()}


def _page(name: str, customer: Any, typed: dict[str, str], refusal: Any = None, plan: Any = None) -> str:
    errors = {}
    if isinstance(refusal, ValidationFailed):
        errors = {field: str(message) for field, message in refusal.errors.items()}
    elif refusal is not None:
        errors = {"title": str(refusal)}
    return render_admin(
        f"admin/next_actions/{name}.html",
        customer=customer,
        typed=typed,
        errors=errors,
        plan=plan,
        back=request.values.get("back", ""),
        cancel_url=safe_target(request.values.get("back"), customer_url(customer.id)),
        **_form_values(),
    )
