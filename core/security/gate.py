"""The one gate: the first thing that every request meets.

It chooses the snapshot, finds who asks, hides what inactive plugins own, enforces the view's
access rule and refuses forged requests, in this order. A view that reaches its first line has
passed all of it.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlsplit

from flask import Flask, Request, current_app, g, redirect, request, url_for
from flask.ctx import _AppCtxGlobals
from sqlalchemy import select
from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import Forbidden, HTTPException, MethodNotAllowed, NotFound, Unauthorized
from werkzeug.http import parse_accept_header
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response

from core.customers.reach.scope import scope_of
from core.i18n import _
from core.plugin_host.host import Kaiin
from core.plugin_host.models import SiteState
from core.plugin_host.snapshot import snapshot_for_version
from core.prepared import PreparedQuery
from core.security.access import AccessRule, RuleKind, access_rule_of
from core.security.bodies import allow_body
from core.security.csrf import SAFE_METHODS, check_csrf, check_csrf_of_cached_page
from core.security.hygiene import refuse_unprintable_address, refuse_unprintable_form
from core.security.owed_consent import lead_to_consent
from core.security.redirects import safe_target
from core.security.required_factor import lead_to_set_up, owes_factor
from core.security.sessions import (
    SignedInAccount,
    account_from_head,
    read_head,
    renew,
)
from core.security.signing import unsign
from core.security.view_as import see_as_member
from core.seen_by import put_in_force

_VERSION = PreparedQuery(lambda: select(SiteState.version).where(SiteState.id == 1))
SIGNED_LINK_MAX_AGE = 31 * 24 * 3600


def gate() -> Response | None:
    """Let the request through, or answer in its place."""
    # Looked up once: a proxy's look-up takes as long as most of what follows.
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    asked: Request = request._get_current_object()  # type: ignore[attr-defined]
    host: Kaiin = app.extensions["kaiin"]
    refuse_unprintable_address(asked)
    endpoint = asked.endpoint
    if endpoint in host.bare_endpoints:
        return None
    view = app.view_functions.get(endpoint or "")
    rule = access_rule_of(view) if view is not None else None
    if view is not None and rule is not None and rule.kind is RuleKind.OPEN_API:
        _let_program_in(asked, host, view)
        return None
    _take_snapshot_and_account(asked, host)
    account: SignedInAccount | None = g.account
    if account is not None and account.is_staff and not owes_factor(account, g.snapshot.site):
        see_as_member(asked, account)
    _hide_inactive_plugins(asked, host)
    if isinstance(asked.routing_exception, RequestRedirect):
        return _redirect_here(asked.routing_exception)
    if asked.routing_exception is not None:
        raise asked.routing_exception
    if view is None or rule is None:
        raise NotFound
    instead = _enforce(rule, view) or lead_to_set_up(g.account, g.snapshot.site, endpoint, view)
    if instead is not None:
        return instead
    if asked.method not in SAFE_METHODS:
        allow_body(asked, view)
        refuse_unprintable_form()
        if getattr(view, "accepts_cached_pages", False):
            check_csrf_of_cached_page()
        else:
            check_csrf()
    return None


def _let_program_in(asked: Request, host: Kaiin, view: Callable[..., Any]) -> None:
    """Choose the snapshot and no account: whatever cookies came along are not looked at."""
    found = _VERSION.first()
    g.account = None
    g.snapshot = snapshot_for_version(found[0] if found is not None else None)
    _hide_inactive_plugins(asked, host)
    if asked.method not in SAFE_METHODS:
        allow_body(asked, view)
        refuse_unprintable_form()


def _take_snapshot_and_account(asked: Request, host: Kaiin) -> None:
    here: _AppCtxGlobals = g._get_current_object()
    token = asked.cookies.get(host.cookie_name)
    if token is None:
        found = _VERSION.first()
        here.account = None
        here.snapshot = snapshot_for_version(found[0] if found is not None else None)
        _resume(asked, host)
        return
    head = read_head(token)
    here.snapshot = snapshot_for_version(head.version if head is not None else None)
    account = account_from_head(head, here.snapshot.site) if head is not None else None
    here.account = account
    # Whatever was said so far was said before it was known who asks.
    here.pop("language", None)
    if account is None or head is None:
        here.session_ended = True
        here.former_session_token = token
        _resume(asked, host)
        return
    here.session_token = token
    renew(head)


def _resume(asked: Request, host: Kaiin) -> None:
    if host.device_cookie_name in asked.cookies:
        from core.accounts.remembered import resume

        resume()


def _hide_inactive_plugins(asked: Request, host: Kaiin) -> None:
    # A wrong method or a missing slash must not tell that a plugin is installed.
    owner = _owner_of(asked, host)
    if owner is None or g.snapshot.is_active(owner):
        return
    raise NotFound


def _redirect_here(wanted: RequestRedirect) -> Response:
    # The router builds a whole address from the Host header; only its path counts.
    parts = urlsplit(wanted.new_url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    return redirect(safe_target(target, "/"), wanted.code)


def _owner_of(asked: Request, host: Kaiin) -> str | None:
    if asked.endpoint is not None:
        return host.blueprint_owners.get(asked.endpoint.partition(".")[0])
    if isinstance(asked.routing_exception, RequestRedirect | MethodNotAllowed):
        for prefix, plugin in host.plugin_prefixes:
            if asked.path == prefix or asked.path.startswith(prefix + "/"):
                return plugin
    return None


def _enforce(rule: AccessRule, view: Callable[..., Any]) -> Response | None:
    if rule.kind is RuleKind.PUBLIC:
        return None
    account: SignedInAccount | None = g.account
    g.answer_varies = True
    if rule.kind is RuleKind.SIGNED:
        _read_signature(rule.name)
        return None
    if account is None:
        return _ask_to_log_in()
    if rule.kind is RuleKind.MEMBER and account.is_member:
        return None
    if rule.kind is RuleKind.MEMBER and account.owes_consent:
        return lead_to_consent(view)
    if rule.kind is RuleKind.PERMISSION and account.can(rule.name):
        # From here on each statement finds only customers that the account may see.
        put_in_force(scope_of(account))
        return None
    raise Forbidden(_("Your account does not have the right to open this page."))


def _read_signature(purpose: str) -> None:
    data = unsign(purpose, request.values.get("token", ""), max_age=SIGNED_LINK_MAX_AGE)
    if data is None:
        raise Forbidden(_("This link is no longer valid."))
    g.signed_data = data


def signed_data() -> Any:
    """Return what the link of a `@signed` view carries."""
    return g.signed_data


def _ask_to_log_in() -> Response:
    if wants_json() or request.headers.get("HX-Request"):
        raise Unauthorized(_("Please log in."))
    login = url_for("accounts.login")
    if request.method in ("GET", "HEAD"):
        login += "?next=" + quote(request.full_path.rstrip("?"), safe="/")
    return redirect(login)


def wants_json() -> bool:
    """Tell whether the caller asked for JSON rather than a page."""
    return _prefers_json(request.environ.get("HTTP_ACCEPT", ""))


@lru_cache(maxsize=256)
def _prefers_json(header: str) -> bool:
    accept = parse_accept_header(header, MIMEAccept)
    return accept["application/json"] > accept["text/html"]


def failed_early(error: HTTPException) -> bool:
    """Tell whether the error arose before a snapshot was chosen."""
    return "snapshot" not in g
