"""Protection of unsafe requests: where they come from, and a token bound to the session."""

import hashlib
import hmac
import secrets
from functools import lru_cache
from urllib.parse import urlsplit

from flask import Response, current_app, g, request
from markupsafe import Markup, escape
from werkzeug.exceptions import BadRequest, Forbidden

from core.i18n import _
from core.present_g import present_g

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
FIELD = "csrf_token"
HEADER = "X-CSRF-Token"


class CrossSiteRequest(Forbidden):
    """An unsafe request that another site may have caused."""


def csrf_token() -> str:
    """Return the token for forms of the present visitor.

    It is derived from the session's secret token, or from a random visitor cookie for guests.
    """
    g.answer_varies = True
    return token_for(_binding())


def csrf_input() -> Markup:
    """Return the hidden input that every form with an unsafe method holds."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(escape(csrf_token()))


def check_csrf() -> None:
    """Refuse the request unless it comes from this site and carries the right token."""
    if request.method in SAFE_METHODS:
        return
    _check_origin()
    if not _has_token():
        raise BadRequest(_("This page was open for too long. Go back, reload it and send it again."))


def check_csrf_of_cached_page() -> None:
    """Refuse the request unless it comes from this site; without a fitting token it is a guest's.

    A guest has nothing that a forged request could use, and a page that caches keep for everybody
    cannot hold one visitor's token.
    """
    if request.method in SAFE_METHODS:
        return
    _check_origin()
    if g.account is not None and not _has_token():
        g.account = None


def _has_token() -> bool:
    given = request.headers.get(HEADER) or request.form.get(FIELD, "")
    # A form that was open when the session ended still counts when the device is remembered.
    bindings = (_existing_binding(), g.get("former_session_token"))
    return any(binding and _fits(given, binding) for binding in bindings)


def _fits(given: str, binding: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), token_for(binding).encode())


def _check_origin() -> None:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in ("same-origin", "none"):
        raise CrossSiteRequest(_("This request came from another site and was not carried out."))
    origin = request.headers.get("Origin")
    if origin is None:
        referrer = request.headers.get("Referer")
        if referrer is None:
            return
        origin = _origin_of(referrer)
    if origin not in _own_origins():
        raise CrossSiteRequest(_("This request came from another site and was not carried out."))


def _origin_of(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}"


def _own_origins() -> tuple[str, str]:
    return (current_app.extensions["kaiin"].configuration.base_url, f"{request.scheme}://{request.host}")


def _existing_binding() -> str | None:
    token: str | None = g.get("session_token")
    return token or request.cookies.get(visitor_cookie_name())


def _binding() -> str:
    existing = _existing_binding()
    if existing:
        return existing
    if "new_visitor" not in g:
        g.new_visitor = secrets.token_urlsafe(24)
    return str(g.new_visitor)


def token_for(binding: str) -> str:
    """Return the token bound to a session token or a visitor cookie."""
    mac = _keyed(current_app.extensions["kaiin"].configuration.secret_key).copy()
    mac.update(b"csrf\0" + binding.encode("utf-8", "replace"))
    return mac.hexdigest()


@lru_cache(maxsize=8)
def _keyed(secret: str) -> hmac.HMAC:
    """Return the MAC with its key taken in, which takes longer than all that follows."""
    return hmac.new(secret.encode(), digestmod=hashlib.sha256)


def visitor_cookie_name() -> str:
    """Return the name of the cookie that binds a guest's forms."""
    name: str = current_app.extensions["kaiin"].cookie_name
    return f"{name}_visitor"


def set_visitor_cookie(response: Response) -> Response:
    """Give the guest whose page holds a form the cookie that its token is bound to."""
    here = present_g()
    value = here.get("new_visitor") if here is not None else None
    if value:
        secure = current_app.extensions["kaiin"].configuration.is_https
        response.set_cookie(
            visitor_cookie_name(), value, httponly=True, secure=secure, samesite="Lax", path="/"
        )
    return response
