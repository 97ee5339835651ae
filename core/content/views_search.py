"""The search of the site."""

from flask import current_app, request, url_for
from werkzeug.wrappers import Response

from core.content.caching import cacheable_answer, keep_private
from core.content.finding.searching import MAX_FOUND, find_pages
from core.content.page_views import CardView, card_view
from core.content.site_blueprint import blueprint
from core.db import transaction
from core.search.grams import MAX_QUERY
from core.security.access import public
from core.security.network import client_network
from core.security.sessions import current_account
from core.security.throttling import hit
from core.theming.rendering import render_site
from core.theming.view_objects import view_object

PER_PAGE = 20
# A search reads more than a page does, and anybody may ask.
PER_NETWORK = 60
WINDOW_SECONDS = 60
LIMIT = "SEARCHES_PER_MINUTE"


@view_object
class SearchView:
    """What was asked for, what was found of it on this page, and the way to the pages beside it."""

    query: str
    cards: tuple[CardView, ...]
    is_cut: bool
    action: str
    total: int = 0
    first: int = 0
    previous_url: str = ""
    next_url: str = ""
    is_too_often: bool = False


@blueprint.get("/search")
@public
def search() -> Response:
    """Find pages by titles, and by those texts that the visitor may read."""
    keep_private()
    query = " ".join(request.args.get("q", "")[:MAX_QUERY].split())
    if query and not _may_ask():
        return _too_often(query)
    found = find_pages(query, current_account())
    last = max(0, len(found) - 1) // PER_PAGE
    number = min(_asked_page(), last)
    shown = found[number * PER_PAGE : (number + 1) * PER_PAGE]
    view = SearchView(
        query=query,
        cards=tuple(card_view(one.page) for one in shown),
        is_cut=len(found) == MAX_FOUND,
        action=url_for("site.search"),
        total=len(found),
        first=number * PER_PAGE + 1,
        previous_url=_page_url(query, number - 1) if number else "",
        next_url=_page_url(query, number + 1) if number < last else "",
    )
    return cacheable_answer(render_site("site/search.html", search=view))


def _may_ask() -> bool:
    limit = current_app.config.get(LIMIT, PER_NETWORK)
    with transaction():
        return hit("site.search", client_network(), limit=limit, seconds=WINDOW_SECONDS)


def _too_often(query: str) -> Response:
    view = SearchView(query=query, cards=(), is_cut=False, action=url_for("site.search"), is_too_often=True)
    answer = cacheable_answer(render_site("site/search.html", search=view), 429)
    answer.headers["Retry-After"] = str(WINDOW_SECONDS)
    return answer


def _asked_page() -> int:
    """Return the page that is asked for, the first as 0."""
    text = request.args.get("page", "")
    return max(int(text) - 1, 0) if text.isascii() and text.isdecimal() and len(text) <= 4 else 0


def _page_url(query: str, number: int) -> str:
    return url_for("site.search", q=query, page=number + 1 if number else None)
