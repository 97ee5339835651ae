"""Where a visitor came from: campaign (UTM), referring site, page where the form was opened.

It travels in the form's own signed token, so it needs no cookie, and nobody is followed from page
to page. Of the referring address, what follows the question mark is left out.
"""

from collections.abc import Mapping
from urllib.parse import SplitResult, parse_qs, urlsplit

from flask import Request

CAMPAIGN = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
MAX_VALUE = 100
MAX_QUERY_FIELDS = 50


def of_page(request: Request) -> dict[str, str]:
    """Return what a page tells that asks for its token: its own address, and who led there."""
    page = _referrer(request)
    if page is None or page.netloc != request.host:
        return {}
    found = {**_campaign(page.query), "landing": page.path[: 2 * MAX_VALUE]}
    led = _split(request.args.get("referrer", ""))
    if led and led.netloc and led.netloc != request.host and led.scheme in ("http", "https"):
        found["referrer"] = f"{led.scheme}://{led.netloc}{led.path}"[: 2 * MAX_VALUE]
    return found


def of_sending(request: Request, opened: Mapping[str, str]) -> dict[str, str]:
    """Return what was known at the opening, with the campaign that the page's address still names."""
    referrer = _referrer(request)
    if referrer is None or referrer.netloc != request.host:
        return dict(opened)
    return {**_campaign(referrer.query), **opened}


def page_path(request: Request) -> str:
    """Return the path of our page that the form was sent from, empty when it is not told."""
    referrer = _referrer(request)
    return referrer.path[:200] if referrer is not None and referrer.netloc == request.host else ""


def one_line(text: str) -> str:
    """Return the text without signs that no page shows."""
    return "".join(c for c in text if c.isprintable() and not "\ud800" <= c <= "\udfff")


def _campaign(query: str) -> dict[str, str]:
    try:
        named = parse_qs(query, max_num_fields=MAX_QUERY_FIELDS)
    except ValueError:
        return {}
    return {name: one_line(named[name][0])[:MAX_VALUE] for name in CAMPAIGN if name in named}


def _referrer(request: Request) -> SplitResult | None:
    return _split(request.headers.get("Referer", ""))


def _split(address: str) -> SplitResult | None:
    try:
        return urlsplit(one_line(address)[:2_000])
    except ValueError:
        return None
