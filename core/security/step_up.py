"""Step-up: what harms most when a browser was left open asks for the password once more."""

import datetime as dt
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import g, redirect, request, url_for
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response

from core.db import utcnow
from core.i18n import _
from core.security.redirects import safe_target
from core.security.sessions import SignedInAccount, current_account

RECENT = dt.timedelta(minutes=10)

View = TypeVar("View", bound=Callable[..., Any])


def recent_log_in(view: View) -> View:
    """Let only people call the view who showed a credential in the last minutes; under the access rule.

    Others confirm it is them at `/login/again` first. What they sent is not carried out: they come
    back to the page and send it again.
    """

    @wraps(view)
    def guarded(*args: Any, **values: Any) -> Any:
        account = current_account()
        if account is None or is_recent(account):
            return view(*args, **values)
        return _ask_again()

    guarded.asks_recent_log_in = True  # type: ignore[attr-defined]
    return guarded  # type: ignore[return-value]


def is_recent(account: SignedInAccount) -> bool:
    """Tell whether the account showed a credential in this session in the last minutes."""
    return account.authenticated_at is not None and utcnow() - account.authenticated_at < RECENT


def needs_log_in_again() -> Response | None:
    """Return the answer that asks for a recent log-in, or None when there was one.

    For views in which only some requests need it.
    """
    account = current_account()
    return None if account is None or is_recent(account) else _ask_again()


def _ask_again() -> Response:
    from core.security.gate import wants_json

    g.answer_varies = True
    account = current_account()
    if account is not None and account.viewed_by is not None:
        # Their own password would open nothing in the member's name.
        raise Forbidden(_("You see the site as a member does. This page is the member's alone."))
    if wants_json():
        raise Forbidden(_("Log in again to do this: your log-in is too long ago."))
    again = url_for("sessions.log_in_again", **_way_back())
    if request.headers.get("HX-Request"):
        return Response(status=204, headers={"HX-Redirect": again})
    return redirect(again)


def _way_back() -> dict[str, Any]:
    if request.method in ("GET", "HEAD"):
        return {"next": request.full_path.rstrip("?")}
    # The form is on the page before; nothing of what was typed is carried along.
    return {"next": safe_target(_page_before(), "/"), "sent": "1"}


def _page_before() -> str | None:
    try:
        parts = urlsplit(request.referrer or "")
    except ValueError:
        return None
    here = parts.path + (f"?{parts.query}" if parts.query else "")
    return here if parts.netloc in ("", request.host) else None
