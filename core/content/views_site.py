"""The home page and the owner's pages, in the theme."""

import json
from collections.abc import Callable

from flask import g, redirect, request, url_for
from werkzeug.wrappers import Response

from core.content import views_feeds, views_own_feed, views_search
from core.content.access import Display
from core.content.caching import cacheable_answer
from core.content.gate import Opened, open_content, open_for_reading
from core.content.listed import listed_pages
from core.content.page_json import page_json
from core.content.page_meta import MetaView, meta_view, onward_view
from core.content.page_views import card_view, empty_home, gate_view, page_view
from core.content.permissions import CONTENT_EDIT
from core.content.queries import PageHead, find_page_head
from core.content.site_blueprint import blueprint
from core.content.text_cache import compiled_text, text_at_hand
from core.errors import NotFound
from core.i18n import _, _l
from core.plugin_host.snapshot import current_snapshot
from core.security.access import public
from core.security.gate import wants_json
from core.security.owed_consent import consent_url
from core.security.sessions import current_account
from core.theming.rendering import render_site
from core.theming.shared_pages import draw_shared

# The modules add their views to the blueprint.
__all__ = ["blueprint", "views_feeds", "views_own_feed", "views_search"]

CARDS = 6
# The title and the box of a closed page are an answer, but not the page that was asked for.
CLOSED = 403
_MISSING = _l("It may have moved, or the address was mistyped.")


@blueprint.get("/")
@public
def home() -> Response:
    """Show the home page: the page that the settings name, with the newest pages below."""
    settings = current_snapshot().site
    cards = tuple(map(card_view, listed_pages(current_account(), CARDS, but=settings.home_slug)))
    page = find_page_head(settings.home_slug) if settings.home_slug else None
    if page is not None and _can_reach(page):
        answer = _answer(page, "site/home.html", cards=cards, meta=_meta_of(page, is_home=True))
        if answer is not None:
            return answer
    view = empty_home(settings)
    return cacheable_answer(render_site("site/home.html", varies=False, page=view, gate=None, cards=cards))


@blueprint.get("/<slug>")
@public
def page(slug: str) -> Response:
    """Show a page, or its title and the gate box to those who may not read it."""
    return _show(slug, as_json=wants_json())


@blueprint.get("/<slug>.json")
@public
def page_as_json(slug: str) -> Response:
    """Answer with a page for programs; the gate says the same as for people."""
    return _show(slug, as_json=True)


def _show(slug: str, *, as_json: bool) -> Response:
    found = find_page_head(slug)
    answer = None
    if found is not None and _can_reach(found):
        if as_json:
            answer = _json_answer(found)
        else:
            onward = onward_view(found)
            answer = _answer(found, "site/page.html", onward=onward, meta=_meta_of(found))
    if answer is None:
        raise NotFound(_(_MISSING))
    return answer


def _meta_of(page: PageHead, *, is_home: bool = False) -> Callable[[str], MetaView]:
    return lambda summary: meta_view(page, summary, is_home=is_home)


def _answer(
    page: PageHead, template: str, *, meta: Callable[[str], MetaView], **context: object
) -> Response | None:
    """Return the page or its gate box; None when the viewer must not learn that it is there."""
    account = current_account()
    is_preview = _is_preview(page)
    # The gate's question can go along with what the tags of the text ask.
    at_hand = text_at_hand(page) if not is_preview else None
    seen = at_hand.prepare(page.ref) if at_hand is not None else None
    opened = _open(page, is_preview)
    if opened is None:
        return None
    if not opened.granted and account is not None and account.owes_consent:
        return redirect(consent_url(request.path))
    if not opened.granted and opened.display is Display.REDIRECT and account is None:
        return redirect(url_for("accounts.login", next=request.path))

    def draw() -> str:
        view = page_view(page, opened, is_preview=is_preview)
        gate = None if opened.granted else gate_view(page, opened, account)
        return render_site(template, varies=False, page=view, gate=gate, meta=meta(view.excerpt), **context)

    if opened.granted and not is_preview and not opened.message:
        if at_hand is None:
            seen = compiled_text(page).prepare(page.ref)
        key = (template, page.id, page.version, page.updated_at, seen, *context.values())
        drawn = draw_shared(key, draw, page.ref if seen is not None else None)
        return cacheable_answer(drawn, varies_on="Accept")
    return cacheable_answer(draw(), 200 if opened.granted else CLOSED)


def _json_answer(page: PageHead) -> Response | None:
    is_preview = _is_preview(page)
    opened = _open(page, is_preview)
    if opened is None:
        return None
    view = page_view(page, opened, is_preview=is_preview)
    gate = None if opened.granted else gate_view(page, opened, current_account())
    text = json.dumps(page_json(page, view, gate), ensure_ascii=False)
    status = 200 if opened.granted else CLOSED
    return cacheable_answer(text, status, mimetype="application/json", varies_on="Accept")


def _open(page: PageHead, is_preview: bool) -> Opened | None:
    if is_preview:
        return Opened(granted=True)
    account = current_account()
    opened = open_content(page.ref, account)
    # HEAD shows nothing, so that it counts for nothing.
    if request.method != "HEAD":
        opened = open_for_reading(page.ref, account, opened)
    return opened if opened.granted or opened.display is not Display.NOT_FOUND else None


def _can_reach(page: PageHead) -> bool:
    return page.is_published or _is_preview(page)


def _is_preview(page: PageHead) -> bool:
    # Drafts are previews by themselves; a published page is one on demand, past its gate.
    if page.is_published and (not request.query_string or "preview" not in request.args):
        return False
    account = current_account()
    if account is None or not account.can(CONTENT_EDIT):
        return False
    g.answer_varies = True
    return True
