"""Screens: put a company below another one, or take it out again."""

from typing import Any

from flask import flash, redirect, request
from sqlalchemy import select

from core.admin.rendering import render_admin
from core.admin.signed_in import signed_in
from core.customers import permissions
from core.customers.blueprint import blueprint
from core.customers.company_group.services import remove_parent, set_parent
from core.customers.listings import company_url
from core.customers.models import Company
from core.customers.queries import companies_matching, get_company
from core.db import db, transaction
from core.errors import Conflict, NotFound
from core.i18n import _
from core.security.access import permission_required

_SHOWN = 20


@blueprint.get("/companies/<int:company_id>/group")
@permission_required(permissions.EDIT)
def find_for_group(company_id: int) -> Any:
    """Look for the company that stands above or, with `as=child`, below this one."""
    return _page(company_id, request.args.get("q", ""), request.args.get("as", ""))


@blueprint.post("/companies/<int:company_id>/group")
@permission_required(permissions.EDIT)
def join_group(company_id: int) -> Any:
    """Put this company below another one, or another one below this."""
    get_company(company_id)
    chosen = request.form.get("other", "")
    other_id = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) <= 18 else 0
    as_child = request.form.get("as") == "child"
    child_id, parent_id = (other_id, company_id) if as_child else (company_id, other_id)
    try:
        with transaction():
            set_parent(child_id, parent_id, by=signed_in().id)
    except (Conflict, NotFound) as refusal:
        page = _page(company_id, request.form.get("q", ""), request.form.get("as", ""), str(refusal))
        return page, 422
    flash(_("The group is changed."), "success")
    return redirect(f"{company_url(company_id)}#group", 303)


@blueprint.post("/companies/<int:company_id>/group/leave")
@permission_required(permissions.EDIT)
def leave_group(company_id: int) -> Any:
    """Take a company out from below its parent; what stands below it comes along."""
    with transaction():
        remove_parent(company_id, by=signed_in().id)
    flash(_("The group is changed."), "success")
    return redirect(f"{company_url(company_id)}#group", 303)


def _page(company_id: int, query: str, role: str, problem: str = "") -> str:
    found, query = get_company(company_id), query.strip()[:200]
    candidates: Any = []
    if query:
        matching = select(Company).where(companies_matching(query), Company.id != company_id)
        candidates = db.session.execute(matching.order_by(Company.sort_key).limit(_SHOWN)).scalars().all()
    return render_admin(
        "admin/customers/company_group.html",
        company=found,
        query=query,
        as_child=role == "child",
        candidates=candidates,
        problem=problem,
    )
