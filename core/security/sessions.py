"""Sessions in our own table: who is signed in, and for how long.

The browser holds a 256-bit random token; the table keeps its SHA-256, so a stolen backup holds
no usable session. Idle and absolute limits live on the server only.
"""

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from flask import Response, current_app, g, has_app_context, request
from flask_login import UserMixin
from sqlalchemy import LargeBinary, Select, bindparam, delete, select, update

from core.accounts.models import Account, AccountState, LoginSession, Role, RoleKind
from core.db import after_commit, db, transaction, utcnow
from core.plugin_host.models import SiteState
from core.prepared import PreparedQuery
from core.security.network import client_network

IDLE_LIMIT = dt.timedelta(minutes=60)
ABSOLUTE_LIMIT = dt.timedelta(hours=12)
# A write per request would cost more than the page; this is how stale `last_seen_at` may be.
RENEW_AFTER = dt.timedelta(minutes=5)

ADMIN_ACCESS = "admin.access"


@dataclass(frozen=True, slots=True, eq=False)
class SignedInAccount(UserMixin):
    """The account of the present request, frozen; `customer_id` is set for members."""

    id: int
    email: str
    display_name: str
    kind: str
    customer_id: int | None
    language: str | None
    permissions: frozenset[str]
    session_id: int | None = None
    authenticated_at: dt.datetime | None = field(default=None, compare=False)

    @property
    def is_owner(self) -> bool:
        """Whether the account may do everything."""
        return self.kind == RoleKind.OWNER

    @property
    def is_staff(self) -> bool:
        """Whether the admin is open to the account (owners included)."""
        return self.kind in (RoleKind.OWNER, RoleKind.STAFF)

    @property
    def is_member(self) -> bool:
        """Whether the account belongs to a member, who is a customer."""
        return self.kind == RoleKind.MEMBER and self.customer_id is not None

    def can(self, permission: str) -> bool:
        """Tell whether the account has a permission; unknown names mean no for all but owners."""
        if self.is_owner:
            return True
        return self.is_staff and (permission == ADMIN_ACCESS or permission in self.permissions)


def current_account() -> SignedInAccount | None:
    """Return the signed-in account of this request, or None."""
    return g.get("account") if has_app_context() else None


def current_member_id() -> int | None:
    """Return the customer id of the signed-in member, or None for guests and staff."""
    account = current_account()
    return account.customer_id if account is not None and account.is_member else None


def hash_token(token: str) -> bytes:
    """Return what the table keeps of a session token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


class Head(NamedTuple):
    """What starts a signed-in request: the site's version, and who asks if the token is known."""

    version: int
    session_id: int | None
    last_seen_at: dt.datetime
    expires_at: dt.datetime
    authenticated_at: dt.datetime
    account_id: int
    email: str
    display_name: str
    customer_id: int | None
    language: str | None
    state: str
    kind: str
    permissions: list[str] | None


def _select_head() -> Select[Any]:
    columns: tuple[Any, ...] = (
        SiteState.version,
        LoginSession.id,
        LoginSession.last_seen_at,
        LoginSession.expires_at,
        LoginSession.authenticated_at,
        Account.id,
        Account.email,
        Account.display_name,
        Account.customer_id,
        Account.language,
        Account.state,
        Role.kind,
        Role.permissions,
    )
    return (
        select(*columns)
        .select_from(SiteState)
        .join(
            LoginSession,
            LoginSession.token_hash == bindparam("token_hash", None, type_=LargeBinary(32)),
            isouter=True,
        )
        .join(Account, Account.id == LoginSession.account_id, isouter=True)
        .join(Role, Role.id == Account.role_id, isouter=True)
        .where(SiteState.id == 1)
    )


_HEAD = PreparedQuery(_select_head)


def read_head(token: str) -> Head | None:
    """Return the one query's answer that starts a signed-in request; None without a site."""
    row = _HEAD.first(token_hash=hash_token(token))
    return Head(*row) if row is not None else None


def account_from_head(head: Head) -> SignedInAccount | None:
    """Return the account of a head while its session is valid, else None."""
    if head.session_id is None or head.state != AccountState.ACTIVE:
        return None
    now = utcnow()
    if head.expires_at <= now or head.last_seen_at + IDLE_LIMIT <= now:
        return None
    return SignedInAccount(
        id=head.account_id,
        email=head.email,
        display_name=head.display_name,
        kind=head.kind,
        customer_id=head.customer_id,
        language=head.language,
        permissions=frozenset(head.permissions or ()),
        session_id=head.session_id,
        authenticated_at=head.authenticated_at,
    )


def renew(head: Head) -> None:
    """Note that the session is in use, at most once in RENEW_AFTER."""
    now = utcnow()
    if now - head.last_seen_at < RENEW_AFTER:
        return
    with transaction() as session:
        session.execute(
            update(LoginSession).where(LoginSession.id == head.session_id).values(last_seen_at=now)
        )


def start_session(account: Account) -> str:
    """Make a new session for `account` and return its token; the one in use ends.

    A fresh token at every log-in defeats fixation. Needs an open transaction.
    """
    end_current_session()
    token = secrets.token_urlsafe(32)
    now = utcnow()
    db.session.add(
        LoginSession(
            token_hash=hash_token(token),
            account_id=account.id,
            expires_at=now + ABSOLUTE_LIMIT,
            network=client_network(),
            user_agent=_printable(request.user_agent.string)[:300],
        )
    )
    db.session.flush()

    def hand_over() -> None:
        g.session_token = token
        g.new_session_token = token

    after_commit(hand_over)
    return token


def _printable(text: str) -> str:
    return "".join(c for c in text if c.isprintable())


def end_current_session() -> None:
    """Delete the session of this request. Needs an open transaction."""
    token = g.get("session_token")
    if token:
        db.session.execute(delete(LoginSession).where(LoginSession.token_hash == hash_token(token)))


def end_all_sessions(account_id: int, *, keep_session_id: int | None = None) -> None:
    """End every session of an account, except one. Needs an open transaction."""
    ended = delete(LoginSession).where(LoginSession.account_id == account_id)
    if keep_session_id is not None:
        ended = ended.where(LoginSession.id != keep_session_id)
    db.session.execute(ended)


def prune_expired() -> int:
    """Delete sessions past a limit and return how many. Needs an open transaction."""
    now = utcnow()
    over = (LoginSession.expires_at <= now) | (LoginSession.last_seen_at <= now - IDLE_LIMIT)
    return db.session.connection().execute(delete(LoginSession).where(over)).rowcount


def set_session_cookie(response: Response) -> Response:
    """Hand a new session's token to the browser, or take a dead one away."""
    here = g._get_current_object()
    token, has_ended = here.get("new_session_token"), here.get("session_ended")
    if not token and not has_ended:
        return response
    kaiin = current_app.extensions["kaiin"]
    options = {
        "httponly": True,
        "secure": kaiin.configuration.is_https,
        "samesite": "Lax",
        "path": "/",
    }
    if token:
        response.set_cookie(kaiin.cookie_name, token, **options)
    else:
        response.delete_cookie(kaiin.cookie_name, **options)
    return response
