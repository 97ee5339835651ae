"""Which answers other people's caches may keep: those that are the same for every guest."""

from flask import Response, g, request
from werkzeug.wrappers import Response as AnyResponse

from core.i18n import LANGUAGE_COOKIE
from core.security.sessions import current_account
from core.theming.shared_pages import note_personal

PUBLIC_SECONDS = 60
PRIVATE = "private, no-store"


def cacheable_answer(
    html: str | bytes, status: int = 200, *, mimetype: str = "text/html", varies_on: str = ""
) -> AnyResponse:
    """Answer with a page; shared caches may keep it when nothing in it depends on the viewer.

    The engine notes in `g.answer_varies` whether anything asked who is looking: the gate, a tag
    that varies, a form's token, a message. A visitor with any cookie of ours but the language
    never gets a shared copy made from their visit. `varies_on` names further headers that chose it.
    """
    response = Response(html, status, mimetype=mimetype)
    if status != 200 or g.get("answer_varies") or current_account() is not None or _has_own_cookies():
        response.headers["Cache-Control"] = PRIVATE
        return response
    response.headers["Cache-Control"] = f"public, max-age={PUBLIC_SECONDS}"
    response.headers["Vary"] = "Cookie, Accept-Language" + (f", {varies_on}" if varies_on else "")
    response.add_etag()
    return response.make_conditional(request)


def keep_private() -> None:
    """Say that what is being drawn is for the present visitor only: no shared cache keeps the answer."""
    g.answer_varies = True
    note_personal()


def _has_own_cookies() -> bool:
    return any(name.startswith(("kaiin", "__Host-")) and name != LANGUAGE_COOKIE for name in request.cookies)
