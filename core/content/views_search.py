"""The search of the site."""

from flask import request, url_for
from werkzeug.wrappers import Response

from core.content.caching import cacheable_answer, keep_private
from core.content.finding.searching import MAX_FOUND, find_pages
from core.content.page_views import CardView, card_view
from core.content.site_blueprint import blueprint
from core.search.grams import MAX_QUERY
from core.security.access import public
from core.security.sessions import current_account
from core.theming.rendering import render_site
from core.theming.view_objects import view_object


@view_object
class SearchView:
    """What was asked for, what was found, and whether there is more."""

    query: str
    cards: tuple[CardView, ...]
    is_cut: bool
    action: str


@blueprint.get("/search")
@public
def search() -> Response:
    """Find pages by titles, and by those texts that the visitor may read."""
    keep_private()
    query = " ".join(request.args.get("q", "")[:MAX_QUERY].split())
    found = find_pages(query, current_account())
    view = SearchView(
        query=query,
        cards=tuple(card_view(one.page) for one in found),
        is_cut=len(found) == MAX_FOUND,
        action=url_for("site.search"),
    )
    return cacheable_answer(render_site("site/search.html", search=view))
