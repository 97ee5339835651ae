"""Seeing the site as one member does: for staff with the right, read-only, marked and audited.

A signed cookie, bound to the session of the member of staff and good for an hour, names the
member. The admin stays the admin; on the site every page is answered as the member's own, and
every request that could change something is refused.
"""

from collections.abc import Mapping
from typing import Any

from flask import Request, Response, g
from sqlalchemy import select, true
from werkzeug.exceptions import Forbidden

from core.accounts.models import Account, AccountState, LoginSession, Role, RoleKind
from core.activity.services import record_audit
from core.customers.models import Customer
from core.customers.reach import reachable, scope_of
from core.db import after_commit, db
from core.errors import NotFound
from core.i18n import _
from core.plugin_host.host import current_host
from core.present_g import present_g
from core.security.csrf import SAFE_METHODS
from core.security.made_up import clean_wishes, make_up, member_view
from core.security.sessions import SignedInAccount
from core.security.signing import sign, unsign

PERMISSION = "members.view_as"  # registered in core.admin.permissions
PURPOSE = "view-as"
GOOD_FOR_SECONDS = 3600
# Where the member of staff stays who they are.
_OWN_PATHS = ("/admin", "/static/", "/logout", "/language", "/login")


def start(account_id: int, by: SignedInAccount) -> None:
    """Show the site to `by` as to this member, from the next request on. Needs a transaction.

    Raises NotFound when nobody can log in with the account.
    """
    if _member(account_id, by) is None:
        raise NotFound(_("This member cannot log in."))
    record_audit("account.viewed_as", target=("account", account_id), by=by.id)
    token = sign(PURPOSE, [*_this_session(by), account_id])
    after_commit(lambda: setattr(g, "view_as_token", token))


def start_made_up(wishes: Mapping[str, Any], by: SignedInAccount) -> None:
    """Show the site to `by` as to a member who has what is wished for. Needs a transaction."""
    record_audit("account.viewed_as_made_up", by=by.id, data=clean_wishes(wishes))
    token = sign(PURPOSE, [*_this_session(by), clean_wishes(wishes)])
    after_commit(lambda: setattr(g, "view_as_token", token))


def end() -> None:
    """Show the site as itself again."""
    g.view_as_token = ""


def see_as_member(asked: Request, staff: SignedInAccount) -> None:
    """Put the member in the place of the member of staff who asked for it."""
    wanted = None if asked.path.startswith(_OWN_PATHS) else _wanted(asked, staff)
    member = _seen_as(wanted, staff)
    if member is None:
        return
    if asked.method not in SAFE_METHODS:
        raise Forbidden(_("You see the site as a member does. Nothing can be changed in this way."))
    g.account = make_up(wanted, staff) if isinstance(wanted, dict) else member
    g.answer_varies = True


def viewed_by(asked: Request, staff: SignedInAccount) -> SignedInAccount | None:
    """Return the member whose view `staff` has switched on, or None; a made-up one has no customer here."""
    return _seen_as(_wanted(asked, staff), staff)


def _wanted(asked: Request, staff: SignedInAccount) -> Any:
    """Return the account's id or what a made-up member is to have, as the cookie says; None without one."""
    token = asked.cookies.get(_cookie_name())
    if token is None or not staff.can(PERMISSION):
        return None
    data = unsign(PURPOSE, token, max_age=GOOD_FOR_SECONDS)
    if not isinstance(data, list) or len(data) != 3 or data[:2] != _this_session(staff):
        return None
    return data[2]


def _seen_as(wanted: Any, staff: SignedInAccount) -> SignedInAccount | None:
    if isinstance(wanted, dict):
        return member_view(staff, 0, "", _("Made-up member"), None)
    found = _member(wanted, staff) if type(wanted) is int else None
    if found is None:
        return None
    return member_view(staff, found.id, found.email, found.display_name, found.customer_id)


def _this_session(staff: SignedInAccount) -> list[Any]:
    # Its number alone is not enough: SQLite gives the number of a deleted row to the next one.
    began = db.session.scalar(select(LoginSession.created_at).where(LoginSession.id == staff.session_id))
    return [staff.session_id, began.isoformat() if began is not None else ""]


def _member(account_id: Any, staff: SignedInAccount) -> Any:
    reached = select(Customer.id).where(reachable(staff))
    query = (
        select(Account.id, Account.email, Account.display_name, Account.customer_id)
        .join(Role)
        .where(Account.id == account_id, Role.kind == RoleKind.MEMBER, Account.state == AccountState.ACTIVE)
        .where(true() if scope_of(staff) is None else Account.customer_id.in_(reached))
    )
    return db.session.execute(query).first()


def _cookie_name() -> str:
    return f"{current_host().cookie_name}_view_as"


def set_view_as_cookie(response: Response) -> Response:
    """Hand the token to the browser, or take it away."""
    here = present_g()
    token: str | None = here.get("view_as_token") if here is not None else None
    if token is None:
        return response
    secure = current_host().configuration.is_https
    if token:
        response.set_cookie(_cookie_name(), token, httponly=True, secure=secure, samesite="Strict", path="/")
    else:
        response.delete_cookie(_cookie_name(), httponly=True, secure=secure, samesite="Strict", path="/")
    return response
