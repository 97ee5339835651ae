"""Light, dark or as the system says: a cookie of the browser, because screens differ."""

from flask import current_app, request
from werkzeug.wrappers import Response

COOKIE = "kaiin_theme"
THEMES = ("light", "dark", "auto")
_YEAR = 365 * 24 * 3600


def theme_choice() -> str:
    """Return the theme that this browser asked for."""
    choice = request.cookies.get(COOKIE, "auto")
    return choice if choice in THEMES else "auto"


def remember(response: Response, name: str, value: str) -> None:
    """Keep a choice in this browser."""
    secure = current_app.extensions["kaiin"].configuration.is_https
    response.set_cookie(
        name, value, max_age=_YEAR, path="/admin", secure=secure, httponly=True, samesite="Lax"
    )
