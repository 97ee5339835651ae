"""Languages: one merged catalogue per language, read from the `.po` files of core, plugins, themes.

Messages are English in the code. Every owner keeps `translations/<language>/<area>.po`; where
two owners translate the same message, core's wins.
"""

import datetime as dt
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.messages.pofile import read_po
from flask import Flask, Request, Response, g, has_request_context, request
from flask_babel import force_locale
from flask_babel.speaklater import LazyString

from core.present_g import present_g

LANGUAGES = ("ja", "en")
DEFAULT_LANGUAGE = "ja"
LANGUAGE_COOKIE = "kaiin_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
DEFAULT_TIMEZONE = "Asia/Tokyo"

Catalog = dict[str, Any]

_forced: ContextVar[str | None] = ContextVar("kaiin_language", default=None)


class _Catalogs:
    """The folders of translations and, read at first use, their messages per language."""

    def __init__(self) -> None:
        self._folders: list[Path] = []
        self._read: dict[str, Catalog] = {}
        self._lock = threading.Lock()

    def add(self, folders: Iterable[Path]) -> None:
        with self._lock:
            for folder in folders:
                if folder not in self._folders:
                    self._folders.append(folder)
                    self._read = {}

    def messages(self, language: str) -> Catalog:
        found = self._read.get(language)
        if found is None:
            with self._lock:
                found = self._read.get(language)
                if found is None:
                    found = self._load(language)
                    self._read = {**self._read, language: found}
        return found

    def _load(self, language: str) -> Catalog:
        catalog: Catalog = {}
        for folder in self._folders:
            for file in sorted((folder / language).glob("*.po")):
                for key, value in _read_file(file).items():
                    catalog.setdefault(key, value)
        return catalog


def _read_file(file: Path) -> Catalog:
    with file.open("rb") as source:
        parsed = read_po(source, ignore_obsolete=True)
    found: Catalog = {}
    for message in parsed:
        if not message.id or "fuzzy" in message.flags:
            continue
        key = message.id[0] if isinstance(message.id, tuple | list) else message.id
        text = message.string
        if text and (isinstance(text, str) or all(text)):
            found[key] = text
    return found


_catalogs = _Catalogs()


def add_translations(*folders: Path) -> None:
    """Add `translations/` folders; the first folder that knows a message wins."""
    _catalogs.add(folders)


def current_language() -> str:
    """Return `ja` or `en` for the person being answered."""
    forced = _forced.get()
    if forced is not None:
        return forced
    here = present_g()
    if here is None or not has_request_context():
        return DEFAULT_LANGUAGE
    language: str | None = here.get("language")
    if language is None:
        language = here.language = select_language()
    return language


def translate(language: str, message: str) -> str:
    """Return `message` in `language`, or itself where no translation is known."""
    found = _catalogs.messages(language).get(message, message)
    return found if isinstance(found, str) else found[0]


def gettext(message: str, **values: Any) -> str:
    """Translate `message` for the current person; `%(name)s` marks are replaced by `values`."""
    text = translate(current_language(), message)
    return text % values if values else text


def ngettext(singular: str, plural: str, n: int, **values: Any) -> str:
    """Translate with the plural form for `n`; `%(num)s` is `n`."""
    return _plural(singular, plural, n) % {"num": n, **values}


def _plural(singular: str, plural: str, n: int) -> str:
    """Return the translated form for `n` with its marks; Jinja fills them in by itself."""
    found = _catalogs.messages(current_language()).get(singular)
    if found is None:
        return singular if n == 1 else plural
    if isinstance(found, str):
        return found
    form: str = found[0] if len(found) == 1 or n == 1 else found[1]
    return form


def lazy_gettext(message: str, **values: Any) -> LazyString:
    """Return a string that is translated when it is used, for titles declared at import."""
    return LazyString(gettext, message, **values)


_ = gettext
_l = lazy_gettext


def select_language() -> str:
    """Choose the language of a request: `?lang`, the account's, the cookie's, the browser's."""
    if not has_request_context():
        return DEFAULT_LANGUAGE
    asked = request._get_current_object()  # type: ignore[attr-defined]
    for language in _wanted_languages(asked):
        if language in LANGUAGES:
            return str(language)
    return _browser_language(asked.headers.get("Accept-Language", ""))


def _wanted_languages(asked: Request) -> Iterator[str | None]:
    if asked.query_string:
        yield asked.args.get("lang")
    account = g.get("account")
    if account is not None:
        yield account.language
    # Werkzeug's `get` raises and catches an exception for each cookie that is not there.
    if LANGUAGE_COOKIE in asked.cookies:
        yield asked.cookies[LANGUAGE_COOKIE]


def keep_asked_language(response: Response) -> Response:
    """Let a guest's `?lang=` hold for the pages that follow; nothing is stored on the server.

    A link does it, because a form with a token in every footer would keep all pages of guests
    out of caches. Accounts choose by form (`POST /language`).
    """
    asked = request.args.get("lang") if request.query_string else None
    if asked not in LANGUAGES or g.get("account") is not None:
        return response
    response.set_cookie(LANGUAGE_COOKIE, asked, max_age=LANGUAGE_COOKIE_AGE, samesite="Lax", httponly=True)
    response.headers["Cache-Control"] = "private, no-store"
    return response


@lru_cache(maxsize=512)
def _browser_language(header: str) -> str:
    from werkzeug.datastructures import LanguageAccept
    from werkzeug.http import parse_accept_header

    return (
        parse_accept_header(header[:200], LanguageAccept).best_match(LANGUAGES, DEFAULT_LANGUAGE)
        or DEFAULT_LANGUAGE
    )


def select_timezone() -> str:
    """Return the site's zone, in which every date is shown."""
    here = present_g()
    snapshot = here.get("snapshot") if here is not None else None
    return snapshot.site.timezone if snapshot is not None else DEFAULT_TIMEZONE


def to_site_time(moment: dt.datetime) -> dt.datetime:
    """Return `moment` in the site's time zone."""
    return moment.astimezone(ZoneInfo(select_timezone()))


def from_site_time(moment: dt.datetime) -> dt.datetime:
    """Return a day and time as typed in the site's time zone (without one) in UTC."""
    return moment.replace(tzinfo=ZoneInfo(select_timezone())).astimezone(dt.UTC)


def site_today() -> dt.date:
    """Return today's date in the site's time zone."""
    return to_site_time(dt.datetime.now(dt.UTC)).date()


def site_day_begins(day: dt.date) -> dt.datetime:
    """Return the moment at which a day begins in the site's time zone, in UTC."""
    return dt.datetime.combine(day, dt.time.min, ZoneInfo(select_timezone())).astimezone(dt.UTC)


@contextmanager
def in_language(language: str) -> Iterator[None]:
    """Translate texts to `language` inside the block (mails, jobs)."""
    mark = _forced.set(language)
    try:
        with force_locale(str(Locale.parse(language))):
            yield
    finally:
        _forced.reset(mark)


def init_i18n(app: Flask) -> None:
    """Install language selection and the translating functions of the admin's templates."""
    from core.extensions import babel

    babel.init_app(
        app,
        default_locale=DEFAULT_LANGUAGE,
        default_timezone=DEFAULT_TIMEZONE,
        locale_selector=select_language,
        timezone_selector=select_timezone,
    )
    app.after_request(keep_asked_language)
    add_translations(Path(__file__).parent / "translations")
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(gettext, _plural, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.globals.update(current_language=current_language)
