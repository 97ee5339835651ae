"""Screens: companies that may be one, making one of two, and taking that back."""

from typing import Any

from flask import flash, redirect, request, url_for
from sqlalchemy import select

from core.accounts.queries import staff_names
from core.admin.rendering import render_admin
from core.admin.signed_in import signed_in
from core.conditions.formatting import format_value
from core.customers import permissions
from core.customers.blueprint import blueprint
from core.customers.company_attributes import COMPANY_ATTRIBUTES
from core.customers.company_fields import company_fields
from core.customers.company_merges import decisions, merging, queries
from core.customers.listings import company_url
from core.customers.merges.queries import kept_for
from core.customers.models import Company
from core.customers.queries import companies_matching, get_company
from core.customers.reach import scope_of
from core.customers.storage import read_values
from core.db import db, transaction
from core.errors import Conflict, NotAllowed
from core.i18n import _
from core.security.access import permission_required
from core.security.sessions import SignedInAccount

_FOUND = 20
_LONGEST_QUERY = 200


def _merging_account() -> SignedInAccount:
    """Return who is signed in; a merge moves people, so only who reaches all of them may begin one."""
    account = signed_in()
    if not account.can(permissions.SEE) or scope_of(account) is not None:
        raise NotAllowed(_("Only staff who see all customers can merge companies. Ask an owner."))
    return account


@blueprint.get("/companies/duplicates")
@permission_required(permissions.EDIT)
def company_duplicates() -> str:
    """Show pairs of companies that may be one."""
    _merging_account()
    different = request.args.get("state") == "different"
    page = queries.list_company_pairs(request.args.get("after", ""), different=different)
    return render_admin("admin/company_merges/index.html", page=page, different=different)


@blueprint.post("/companies/duplicates/<int:first_id>/<int:second_id>")
@permission_required(permissions.EDIT)
def decide_companies(first_id: int, second_id: int) -> Any:
    """Remember that a pair is two companies, or take that back."""
    _merging_account()
    is_over = request.form.get("again") == "1"
    with transaction():
        if is_over:
            decisions.take_back_two_companies(first_id, second_id)
        else:
            decisions.say_two_companies(first_id, second_id)
    flash(
        _("The pair is looked at again.") if is_over else _("Remembered: these are two companies."), "success"
    )
    state = "different" if is_over else None
    return redirect(url_for("customers_admin.company_duplicates", state=state), 303)


@blueprint.get("/companies/<int:company_id>/merge")
@permission_required(permissions.EDIT)
def merge_company(company_id: int) -> str:
    """Look for the other company, then show both side by side."""
    _merging_account()
    kept = get_company(company_id)
    other = _number(request.args.get("with", ""))
    if other is None:
        query = request.args.get("q", "").strip()[:_LONGEST_QUERY]
        found = _search(query) if query else queries.similar_companies(kept)
        return render_admin(
            "admin/company_merges/find.html",
            kept=kept,
            query=query,
            candidates=[company for company in found if company.id != kept.id],
        )
    if other == company_id:
        raise Conflict(_("Choose two different companies."))
    merged = get_company(other)
    return render_admin(
        "admin/company_merges/compare.html",
        kept=kept,
        merged=merged,
        lines=_lines(kept, merged),
        undo_days=kept_for().days,
    )


@blueprint.post("/companies/<int:company_id>/merge")
@permission_required(permissions.EDIT)
def merge_company_into(company_id: int) -> Any:
    """Merge the other company into this one."""
    account, other = _merging_account(), _number(request.form.get("with", "")) or 0
    take = [name for name in COMPANY_ATTRIBUTES if request.form.get(f"take-{name}") == "merged"]
    try:
        with transaction():
            kept = merging.merge_companies(company_id, other, take=take, by=account.id)
    except Conflict as problem:
        flash(str(problem), "error")
        return redirect(url_for("customers_admin.merge_company", company_id=company_id), 303)
    flash(_("Both are one company now: %(name)s.", name=kept.name), "success")
    return redirect(company_url(company_id), 303)


@blueprint.get("/companies/merges")
@permission_required(permissions.EDIT)
def company_merges() -> str:
    """Show the merges that can be taken back."""
    _merging_account()
    rows = queries.list_company_merges()
    names = {row.id: db.session.get_one(Company, row.kept_id).name for row in rows}
    who = staff_names({row.account_id for row in rows if row.account_id is not None})
    return render_admin(
        "admin/company_merges/merges.html", rows=rows, names=names, who=who, kept_for=kept_for()
    )


@blueprint.post("/companies/merges/<int:merge_id>/undo")
@permission_required(permissions.EDIT)
def undo_company_merge(merge_id: int) -> Any:
    """Take a merge back."""
    account = _merging_account()
    try:
        with transaction():
            merged, stayed = merging.undo_company_merge(merge_id, by=account.id)
    except Conflict as problem:
        flash(str(problem), "error")
        return redirect(url_for("customers_admin.company_merges"), 303)
    flash(_("%(name)s is a company of its own again.", name=merged.name), "success")
    if stayed:
        titles = _(", ").join(str(COMPANY_ATTRIBUTES[name].title) for name in stayed)
        flash(_("Changed since the merge, so left as it is: %(fields)s", fields=titles), "info")
    return redirect(company_url(merged.id), 303)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def _search(text: str) -> Any:
    query = select(Company).where(companies_matching(text)).order_by(Company.sort_key, Company.id)
    return db.session.scalars(query.limit(_FOUND)).all()


def _lines(kept: Company, merged: Company) -> list[tuple[str, str, str, str, bool]]:
    """Return name, title, both values in words, and whether there is something to choose."""
    fields = company_fields()
    left, right = read_values(kept, COMPANY_ATTRIBUTES), read_values(merged, COMPANY_ATTRIBUTES)
    found = []
    for name, attribute in COMPANY_ATTRIBUTES.items():
        old, new = left[name], right[name]
        if old in (None, []) and new in (None, []):
            continue
        is_open = old not in (None, []) and new not in (None, []) and old != new
        left_text, right_text = (format_value(fields[name], value) for value in (old, new))
        found.append((name, str(attribute.title), left_text, right_text, is_open))
    return sorted(found, key=lambda line: not line[4])
