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


def of_opening(request: Request) -> dict[str, str]:
    """Return what the request that shows the form tells: campaign, foreign referrer, own page."""
    referrer = _referrer(request)
    found = {name: one_line(request.args.get(name, ""))[:MAX_VALUE] for name in CAMPAIGN}
    found["landing"] = request.path[: 2 * MAX_VALUE]
    if referrer and referrer.netloc != request.host and referrer.scheme in ("http", "https"):
        found["referrer"] = f"{referrer.scheme}://{referrer.netloc}{referrer.path}"[: 2 * MAX_VALUE]
    return {name: value for name, value in found.items() if value}


def of_sending(request: Request, opened: Mapping[str, str]) -> dict[str, str]:
    """Return what was known at the opening, with the campaign that the page's address still names."""
    referrer = _referrer(request)
    if referrer is None or referrer.netloc != request.host:
        return dict(opened)
    try:
        query = parse_qs(referrer.query, max_num_fields=MAX_QUERY_FIELDS)
    except ValueError:
        return dict(opened)
    named = {name: one_line(query[name][0])[:MAX_VALUE] for name in CAMPAIGN if name in query}
    return {**named, **opened}


def page_path(request: Request) -> str:
    """Return the path of our page that the form was sent from, empty when it is not told."""
    referrer = _referrer(request)
    return referrer.path[:200] if referrer is not None and referrer.netloc == request.host else ""


def one_line(text: str) -> str:
    """Return the text without signs that no page shows."""
    return "".join(c for c in text if c.isprintable() and not "\ud800" <= c <= "\udfff")


def _referrer(request: Request) -> SplitResult | None:
    try:
        return urlsplit(one_line(request.headers.get("Referer", ""))[:2_000])
    except ValueError:
        return None
