"""The cookies of a log-in: the session's, a remembered device's, and a known browser's."""

import datetime as dt

from flask import Response, g

from core.db import utcnow
from core.plugin_host.host import current_host
from core.security.sessions import BROWSER_IS_KNOWN


def set_log_in_cookies(response: Response) -> Response:
    """Hand new tokens to the browser, and take dead ones away."""
    here = g._get_current_object()
    if "new_session_token" in here or "session_ended" in here:
        _session(response, here.get("new_session_token"))
    if "new_device" in here or "device_ended" in here:
        _device(response, here.get("new_device"))
    if "new_browser_token" in here:
        _set(response, current_host().browser_cookie_name, here.new_browser_token, BROWSER_IS_KNOWN)
    return response


def _session(response: Response, token: str | None) -> None:
    _set(response, current_host().cookie_name, token, None)


def _device(response: Response, new: tuple[str, dt.datetime] | None) -> None:
    value, expires_at = new or (None, utcnow())
    _set(response, current_host().device_cookie_name, value, expires_at - utcnow())


def _set(response: Response, name: str, value: str | None, age: dt.timedelta | None) -> None:
    secure = current_host().configuration.is_https
    if value is None:
        response.delete_cookie(name, httponly=True, secure=secure, samesite="Lax")
    else:
        response.set_cookie(name, value, max_age=age, httponly=True, secure=secure, samesite="Lax")
