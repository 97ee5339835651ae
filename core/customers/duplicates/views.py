"""Screens: pairs that may be one person, the search for them, and candidates while somebody types."""

from typing import Any

from flask import flash, redirect, request, url_for

from core.activity.services import record_audit
from core.admin.rendering import render_admin, render_admin_fragment
from core.customers import permissions
from core.customers.blueprint import blueprint
from core.customers.duplicates import jobs, showing
from core.customers.duplicates.candidates import find_candidates
from core.customers.duplicates.decisions import say_different, take_back_decision
from core.customers.duplicates.models import DuplicatePair, PairState
from core.customers.duplicates.reasons import TITLES
from core.customers.duplicates.rights import comparing_account
from core.db import db, transaction
from core.errors import NotFound
from core.i18n import _
from core.security.access import permission_required


@blueprint.get("/customers/duplicates")
@permission_required(permissions.EDIT)
def duplicates() -> Any:
    """Show pairs of customers who may be one person."""
    job = jobs.running_search()
    total, counts = showing.count_by_reason()
    state, reason = _state(), _reason()
    values = {
        "page": showing.list_pairs(
            comparing_account(), state=state, reason=reason, after=request.args.get("after", "")
        ),
        "state": state,
        "reason": reason,
        "total": total,
        "reasons": [(int(one), str(title), counts[one]) for one, title in TITLES.items() if counts[one]],
        "different": showing.count_different(),
        "job": job,
        "last": jobs.last_search(),
    }
    if "HX-Request" in request.headers:
        if job is None:
            # The pairs are new, too.
            return "", 200, {"HX-Refresh": "true"}
        return render_admin_fragment("admin/duplicates/_search.html", **values)
    return render_admin("admin/duplicates/index.html", **values)


@blueprint.post("/customers/duplicates/search")
@permission_required(permissions.EDIT)
def search_duplicates() -> Any:
    """Search now."""
    comparing_account()
    with transaction():
        began = jobs.start_search()
    flash(_("The search has begun.") if began else _("A search is under way already."), "success")
    return redirect(url_for("customers_admin.duplicates"), 303)


@blueprint.post("/customers/duplicates/<int:pair_id>/different")
@permission_required(permissions.EDIT)
def different_people(pair_id: int) -> Any:
    """Remember that a pair is two people."""
    account = comparing_account()
    with transaction():
        pair = _pair(pair_id)
        say_different(pair.first_id, pair.second_id, by=account.id)
        _audit("customer.not_the_same", pair)
    flash(_("Remembered: these are two people. You find the pair under “Two people”."), "success")
    return redirect(url_for("customers_admin.duplicates", reason=_reason() or None), 303)


@blueprint.post("/customers/duplicates/<int:pair_id>/open")
@permission_required(permissions.EDIT)
def open_pair_again(pair_id: int) -> Any:
    """Take back that a pair is two people."""
    comparing_account()
    with transaction():
        pair = _pair(pair_id)
        _audit("customer.maybe_the_same", pair)
        take_back_decision(pair.first_id, pair.second_id)
    flash(_("The pair is looked at again."), "success")
    return redirect(url_for("customers_admin.duplicates", state=PairState.DIFFERENT.value), 303)


@blueprint.post("/customers/duplicates/candidates")
@permission_required(permissions.EDIT)
def duplicate_candidates() -> Any:
    """Show who may be the person in a form that is not sent yet; nothing is kept."""
    account = comparing_account()
    but = request.args.get("but", "")
    number = int(but) if but.isascii() and but.isdigit() and len(but) <= 18 else 0
    found = find_candidates(request.form.to_dict(), but=number, account=account)
    return render_admin_fragment("admin/duplicates/_candidates.html", candidates=found, may_save=False)


def _pair(pair_id: int) -> DuplicatePair:
    pair = db.session.get(DuplicatePair, pair_id)
    if pair is None:
        raise NotFound(_("This pair is gone: somebody merged or erased one of the two."))
    return pair


def _audit(action: str, pair: DuplicatePair) -> None:
    target, by = ("customer", pair.first_id), comparing_account().id
    record_audit(action, target=target, by=by, data={"other_id": pair.second_id})


def _state() -> str:
    return PairState.DIFFERENT if request.args.get("state") == PairState.DIFFERENT else PairState.OPEN


def _reason() -> int:
    text = request.values.get("reason", "")
    wanted = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0
    return wanted if wanted in [int(reason) for reason in TITLES] else 0
