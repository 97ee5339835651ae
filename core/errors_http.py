"""Turns errors into answers: JSON for programs, a page of the theme or the admin for people."""

import logging
from http import HTTPStatus
from typing import Any

from flask import Flask, current_app, g, jsonify, make_response, request, url_for
from markupsafe import escape
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response

from core import errors
from core.i18n import _
from core.logs import log_server_error
from core.security.gate import wants_json

log = logging.getLogger("kaiin.request")

_STATUS: tuple[tuple[type[errors.KaiinError], int], ...] = (
    (errors.NotAllowed, 403),
    (errors.NotFound, 404),
    (errors.Conflict, 409),
    (errors.ValidationFailed, 422),
    (errors.PluginError, 409),
)


def init_error_pages(app: Flask) -> None:
    """Install the handlers."""
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(errors.KaiinError, _answer_kaiin)
    app.register_error_handler(Exception, _answer_unexpected)


def _answer_http(error: HTTPException) -> Any:
    if isinstance(error, RequestRedirect) or error.response is not None:
        return error.get_response()
    status = error.code or 500
    if isinstance(error, SecurityError):
        # An unknown host: no link of a styled page can be built for it, and its name is not repeated.
        return make_response(_plain_page(_title(status), _message(status)), status)
    if isinstance(error, InternalServerError) and error.original_exception is not None:
        log_server_error(error.original_exception)
    return answer(status, _own_words(error))


def _own_words(error: HTTPException) -> str:
    # Werkzeug's English standard sentences are not for visitors; our own descriptions are.
    return "" if error.description == type(error).description else str(error.description or "")


def _answer_kaiin(error: errors.KaiinError) -> Any:
    status = next((code for kind, code in _STATUS if isinstance(error, kind)), 500)
    if status == 500:
        log_server_error(error)
    return answer(status, str(error) if status < 500 else "")


def _answer_unexpected(error: Exception) -> Any:
    log_server_error(error)
    plugin = current_app.extensions["kaiin"].blueprint_owners.get(request.blueprint or "")
    if plugin is not None:
        current_app.extensions["kaiin"].errors.record(plugin, str(request.endpoint), error)
    if isinstance(error, OperationalError):
        return answer(503, _("The database is busy or full. Nothing was stored; please try again."))
    return answer(500, "")


def answer(status: int, message: str) -> Response:
    """Return the answer for an error: JSON, or a page in the theme or the admin."""
    title = _title(status)
    message = message or _message(status)
    if wants_json():
        response = jsonify(status="error", message=message, code=status)
    else:
        response = make_response(_page(status, title, message))
    response.status_code = status
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _page(status: int, title: str, message: str) -> str:
    if "snapshot" not in g:
        return _plain_page(title, message)
    try:
        return _styled_page(status, title, message)
    except Exception:
        log.exception("error page failed")
        return _plain_page(title, message)


def _styled_page(status: int, title: str, message: str) -> str:
    from core.admin.rendering import render_admin
    from core.theming.error_view import ErrorView
    from core.theming.rendering import render_site

    account = g.get("account")
    if account is not None and account.is_staff and request.path.startswith("/admin"):
        return render_admin("admin/error.html", status=status, title=title, message=message)
    back = (_("Log in"), url_for("accounts.login")) if status == 401 else (_("To the home page"), "/")
    view = ErrorView(status=status, title=title, message=message, action_title=back[0], action_url=back[1])
    return str(render_site("site/error.html", error=view))


def _plain_page(title: str, message: str) -> str:
    return (
        '<!doctype html><html><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title></head><body><h1>{escape(title)}</h1><p>{escape(message)}</p>"
        f'<p><a href="/">{escape(_("To the home page"))}</a></p></body></html>'
    )


def _title(status: int) -> str:
    titles = {
        400: _("This request could not be understood"),
        401: _("Please log in"),
        403: _("You may not open this"),
        404: _("This page does not exist"),
        405: _("This page cannot be used like that"),
        409: _("This is not possible at the moment"),
        413: _("This is too much at once"),
        422: _("Please check what you entered"),
        429: _("Too many requests"),
        503: _("The site cannot answer at the moment"),
    }
    if status in titles:
        return titles[status]
    return _("Something went wrong") if status >= 500 else HTTPStatus(status).phrase


def _message(status: int) -> str:
    messages = {
        400: _("Go back, reload the page and try again."),
        401: _("This page is for people who are logged in."),
        403: _("Your account does not have the right to open this page."),
        404: _("It may have moved, or the address was mistyped."),
        413: _("Send less at a time. Nothing was stored."),
        429: _("Wait a few minutes and try again."),
    }
    if status in messages:
        return messages[status]
    return _("We have noted the error. Please try again in a few minutes.") if status >= 500 else ""
