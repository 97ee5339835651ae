"""A member who has yet to answer what the owner asks is led there before member pages open.

Whether they owe an answer is decided at the log-in and kept with the session, which every request
reads anyway.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import g, redirect, request, url_for
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response

from core.i18n import _

View = TypeVar("View", bound=Callable[..., Any])


def opens_without_consent(view: View) -> View:
    """Let the view be called by members who owe an answer: to answer, to leave, to take their data."""
    view.opens_without_consent = True  # type: ignore[attr-defined]
    return view


def lead_to_consent(view: Callable[..., Any]) -> Response | None:
    """Return the way to the question, or None for a view that opens without an answer."""
    if getattr(view, "opens_without_consent", False):
        return None
    g.answer_varies = True
    if request.method not in ("GET", "HEAD") or request.headers.get("HX-Request"):
        raise Forbidden(_("Something has changed that we need your answer to. Please open your page first."))
    return redirect(consent_url(request.full_path.rstrip("?")))


def consent_url(target: str = "") -> str:
    """Return the address of the question, which leads on to `target` afterwards."""
    return url_for("member.agree", next=target or None)
