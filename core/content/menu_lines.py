"""One line of a menu as the editor hands it over, and what may stand in it."""

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from core.i18n import _
from core.security.hygiene import is_clean

MAX_LINES = 50
MAX_TITLE = 100
MAX_URL = 500
MAX_RULE_NAME = 60
SCHEMES = frozenset({"http", "https", "mailto", "tel"})


EVERYONE, GUESTS, MEMBERS, RULE = "everyone", "guests", "members", "rule"
SHOWN_TO = (EVERYONE, GUESTS, MEMBERS, RULE)
MENU_LINE = "menu_line"


@dataclass(frozen=True, slots=True)
class MenuLine:
    """Where a line leads: to a page, or to an address; a page's title stands in for an empty one.

    `shown_to` is everyone, guests, members, or with `rule` those whom the rule `rule_name` lets in.
    """

    title: str = ""
    url: str = ""
    page_id: int | None = None
    shown_to: str = EVERYONE
    rule_name: str = ""


def check_line(line: MenuLine, pages: Collection[int]) -> str:
    """Return what is wrong with a line, or an empty text."""
    if len(line.title) > MAX_TITLE or len(line.url) > MAX_URL:
        return _("This is too long.")
    if not is_clean(line.title) or not is_clean(line.url):
        return _("This holds characters that cannot be used. Please type it again.")
    if line.shown_to not in SHOWN_TO or len(line.rule_name) > MAX_RULE_NAME:
        return _("Choose who sees the line.")
    if line.shown_to == RULE and not line.rule_name:
        return _("Choose a rule.")
    if line.page_id is not None:
        return "" if line.page_id in pages else _("This page no longer exists.")
    if not line.title:
        return _("Enter what the line says.")
    return "" if is_safe_url(line.url) else _("Enter an address like /news or https://www.example.jp/.")


def is_safe_url(url: str) -> bool:
    """Tell whether an address leads to this site or, by a harmless scheme, elsewhere."""
    if not url or url != url.strip() or any(ord(sign) < 33 or sign == "\\" for sign in url):
        return False
    if url.startswith("/"):
        return not url.startswith("//")
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in SCHEMES and bool(parts.netloc or parts.path)
