"""Sessions in our own table: who is signed in, and for how long.

The browser holds a 256-bit random token; the table keeps its SHA-256, so a stolen backup holds
no usable session. Idle and absolute limits live on the server only.
"""

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from flask import g, has_request_context, request
from flask_login import UserMixin
from sqlalchemy import LargeBinary, Select, bindparam, delete, select, update

from core.accounts.models import Account, AccountState, LoginSession, Role, RoleKind
from core.db import after_commit, db, transaction, utcnow
from core.plugin_host.host import current_host
from core.plugin_host.models import SiteState
from core.plugin_host.snapshot import current_snapshot
from core.prepared import PreparedQuery
from core.present_g import present_g
from core.security.device_words import device_of
from core.security.network import client_place
from core.security.session_limits import absolute_limit, idle_limit
from core.settings.models import SiteSettings

BROWSER_IS_KNOWN = dt.timedelta(days=400)
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
    has_second_factor: bool = False
    session_id: int | None = None
    authenticated_at: dt.datetime | None = field(default=None, compare=False)
    # A member with something to answer first: no member page opens to them until then.
    owes_consent: bool = False
    # Set while a member of staff sees the site as this member: who that is.
    viewed_by: int | None = None
    role_id: int | None = None
    # Whose customers the role sees, and whether those of nobody are among them.
    reach: str = "all"
    reaches_unassigned: bool = False

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
        """Whether the account belongs to a member, who is a customer and owes no consent."""
        return self.kind == RoleKind.MEMBER and self.customer_id is not None and not self.owes_consent

    def can(self, permission: str) -> bool:
        """Tell whether the account has a permission; unknown names mean no for all but owners."""
        if self.is_owner:
            return True
        return self.is_staff and (permission == ADMIN_ACCESS or permission in self.permissions)


def current_account() -> SignedInAccount | None:
    """Return the signed-in account of this request, or None."""
    here = present_g()
    account: SignedInAccount | None = here.get("account") if here is not None else None
    return account


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
    created_at: dt.datetime
    expires_at: dt.datetime
    authenticated_at: dt.datetime | None
    owes_consent: bool
    account_id: int
    email: str
    display_name: str
    customer_id: int | None
    language: str | None
    has_second_factor: bool
    state: str
    role_id: int
    kind: str
    permissions: list[str] | None
    reach: str
    reaches_unassigned: bool


def _select_head() -> Select[Any]:
    columns: tuple[Any, ...] = (
        SiteState.version,
        LoginSession.id,
        LoginSession.last_seen_at,
        LoginSession.created_at,
        LoginSession.expires_at,
        LoginSession.authenticated_at,
        LoginSession.owes_consent,
        Account.id,
        Account.email,
        Account.display_name,
        Account.customer_id,
        Account.language,
        Account.has_second_factor,
        Account.state,
        Account.role_id,
        Role.kind,
        Role.permissions,
        Role.reach,
        Role.reaches_unassigned,
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


def account_from_head(head: Head, site: SiteSettings) -> SignedInAccount | None:
    """Return the account of a head while its session is valid, else None.

    The limits in force count, also for sessions that began under longer ones.
    """
    if head.session_id is None or head.state != AccountState.ACTIVE:
        return None
    now = utcnow()
    if head.expires_at <= now or head.created_at + absolute_limit(site) <= now:
        return None
    if head.last_seen_at + idle_limit(site, head.kind) <= now:
        return None
    return SignedInAccount(
        id=head.account_id,
        email=head.email,
        display_name=head.display_name,
        kind=head.kind,
        customer_id=head.customer_id,
        language=head.language,
        permissions=frozenset(head.permissions or ()),
        has_second_factor=head.has_second_factor,
        session_id=head.session_id,
        authenticated_at=head.authenticated_at,
        owes_consent=head.owes_consent,
        role_id=head.role_id,
        reach=head.reach,
        reaches_unassigned=head.reaches_unassigned,
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


def start_session(
    account: Account, methods: Sequence[str], *, device_id: int | None = None, is_fresh: bool = True
) -> LoginSession:
    """Make a new session for `account`, hand its token to the browser; the one in use ends.

    A fresh token at every log-in defeats fixation. `methods` is what was shown, `is_fresh` false
    when that was no credential but a remembered device. Whether a member owes a consent is decided
    here, once. Needs an open transaction.
    """
    from core.accounts.registration.consents import owes_consent

    end_current_session()
    token = secrets.token_urlsafe(32)
    now = utcnow()
    made = LoginSession(
        token_hash=hash_token(token),
        account_id=account.id,
        device_id=device_id,
        expires_at=now + absolute_limit(current_snapshot().site),
        authenticated_at=now if is_fresh else None,
        methods=",".join(methods),
        device=device_of(request.user_agent.string),
        network=client_place(),
        owes_consent=owes_consent(account),
    )
    db.session.add(made)
    db.session.flush()
    signed_in = _signed_in(account, made)

    def hand_over() -> None:
        g.account = signed_in
        g.session_token = token
        g.new_session_token = token
        g.pop("session_ended", None)
        g.answer_varies = True

    after_commit(hand_over)
    return made


def _signed_in(account: Account, session: LoginSession) -> SignedInAccount:
    return SignedInAccount(
        id=account.id,
        email=account.email,
        display_name=account.display_name,
        kind=account.role.kind,
        customer_id=account.customer_id,
        language=account.language,
        permissions=frozenset(account.role.permissions),
        has_second_factor=account.has_second_factor,
        session_id=session.id,
        authenticated_at=session.authenticated_at,
        owes_consent=session.owes_consent,
        role_id=account.role_id,
        reach=account.role.reach,
        reaches_unassigned=account.role.reaches_unassigned,
    )


def renew_token(**noted: Any) -> bool:
    """Give the session of this request a new token, and note values on it; the former one is dead.

    Needs an open transaction. False, and nothing noted, when there is no session, or another
    request renewed or ended it meanwhile.
    """
    former = g.get("session_token") if has_request_context() else None
    if not former:
        return False
    token = secrets.token_urlsafe(32)
    renewed = (
        update(LoginSession)
        .where(LoginSession.token_hash == hash_token(former))
        .values(token_hash=hash_token(token), **noted)
        .execution_options(synchronize_session=False)
    )
    if db.session.connection().execute(renewed).rowcount != 1:
        return False

    def hand_over() -> None:
        g.session_token = g.new_session_token = token

    after_commit(hand_over)
    return True


def end_current_session() -> None:
    """Delete the session of this request. Needs an open transaction."""
    token = g.get("session_token")
    if token:
        db.session.execute(delete(LoginSession).where(LoginSession.token_hash == hash_token(token)))


def browser_token() -> str | None:
    """Return the token by which a browser is known again, or None outside requests and at first."""
    if not has_request_context():
        return None
    token: str | None = g.get("new_browser_token") or request.cookies.get(current_host().browser_cookie_name)
    return token
