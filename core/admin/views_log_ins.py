"""Where a member or a colleague is logged in, seen and ended by staff; and one's own devices."""

import math
from typing import Any

from flask import flash, g, redirect, request, url_for
from sqlalchemy import select

from core.accounts.log_ins import end_log_in, end_other_log_ins
from core.accounts.models import Account, RoleKind
from core.accounts.queries import get_account
from core.accounts.session_queries import list_log_ins
from core.accounts.waits import end_waits, waits_until
from core.admin import permissions
from core.admin.blueprint import blueprint
from core.admin.rendering import render_admin
from core.admin.search import customer_url
from core.admin.signed_in import signed_in
from core.db import db, transaction, utcnow
from core.errors import NotAllowed
from core.i18n import _
from core.security.access import permission_required


@blueprint.get("/log-ins/<int:account_id>")
@permission_required(permissions.ACCESS)
def log_ins(account_id: int) -> Any:
    """Show an account's log-ins: one's own, or with the right others'."""
    account = _account(account_id)
    here = signed_in().session_id
    return render_admin(
        "admin/log_ins.html",
        account=account,
        log_ins=list_log_ins(account.id, here),
        wait_minutes=_wait_minutes(account),
        customer_url=customer_url,
    )


@blueprint.get("/log-ins/customer/<int:customer_id>")
@permission_required(permissions.LOG_INS)
def customer_log_ins(customer_id: int) -> Any:
    """Go to the log-ins of a customer's account."""
    query = select(Account.id).where(Account.customer_id == customer_id)
    account_id = db.session.execute(query).scalar_one_or_none()
    if account_id is None:
        flash(_("This customer has no account."), "info")
        return redirect(customer_url(customer_id))
    return redirect(url_for("admin.log_ins", account_id=account_id))


@blueprint.post("/log-ins/<int:account_id>/end")
@permission_required(permissions.ACCESS)
def log_in_end(account_id: int) -> Any:
    """End one log-in of an account."""
    account = _account(account_id)
    key = request.form.get("key", "")
    here = signed_in().session_id
    is_here = any(view.is_here and view.key == key for view in list_log_ins(account.id, here))
    with transaction():
        end_log_in(account.id, key, by=signed_in().id)
    if is_here:
        g.session_ended = True
        return redirect(url_for("accounts.login"))
    flash(_("This device is logged out."), "success")
    return redirect(url_for("admin.log_ins", account_id=account.id))


@blueprint.post("/log-ins/<int:account_id>/end-all")
@permission_required(permissions.ACCESS)
def log_ins_end(account_id: int) -> Any:
    """End every log-in of an account, except the one in which this is asked for."""
    account, by = _account(account_id), signed_in()
    kept = by.session_id if account.id == by.id else None
    with transaction():
        end_other_log_ins(account.id, keep_session_id=kept, by=by.id)
    done = _("All other devices are logged out.") if kept else _("The account is logged out everywhere.")
    flash(done, "success")
    return redirect(url_for("admin.log_ins", account_id=account.id))


@blueprint.post("/log-ins/<int:account_id>/release")
@permission_required(permissions.LOG_INS)
def log_in_release(account_id: int) -> Any:
    """End the wait that failed log-ins put on somebody else's account."""
    account, by = _account(account_id), signed_in()
    if account.id == by.id:
        raise NotAllowed(_("Ask a colleague: nobody ends the wait of their own account."))
    with transaction():
        end_waits(account, by=by.id)
    flash(_("The wait is ended. The account can log in at once."), "success")
    return redirect(url_for("admin.log_ins", account_id=account.id))


def _wait_minutes(account: Account) -> int:
    """Return for how many minutes some log-ins to the account have to wait; 0 when none has."""
    until = waits_until(account)
    return 0 if until is None else math.ceil((until - utcnow()).total_seconds() / 60)


def _account(account_id: int) -> Account:
    """Return an account whose log-ins may be seen here: an owner's only by owners."""
    account, by = get_account(account_id), signed_in()
    if account.id == by.id:
        return account
    if not by.can(permissions.LOG_INS):
        raise NotAllowed(_("Your account does not have the right to open this page."))
    if account.role.kind == RoleKind.OWNER and not by.is_owner:
        raise NotAllowed(_("Only an owner may change an owner's account."))
    return account
