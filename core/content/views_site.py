"""The home page and the owner's pages, in the theme."""

from collections.abc import Mapping

from flask import Blueprint, g, redirect, request, url_for
from werkzeug.wrappers import Response

from core.content.access import Display
from core.content.caching import cacheable_answer
from core.content.gate import Opened, open_content
from core.content.page_views import card_view, empty_home, gate_view, page_view
from core.content.permissions import CONTENT_EDIT
from core.content.queries import PageHead, find_page_head, list_cards
from core.errors import NotFound
from core.i18n import _, _l
from core.plugin_host.snapshot import current_snapshot
from core.security.access import public
from core.security.owed_consent import consent_url
from core.security.sessions import current_account
from core.theming.rendering import render_site
from core.theming.shared_pages import draw_shared

blueprint = Blueprint("site", __name__)

# The title and the box of a closed page are an answer, but not the page that was asked for.
CLOSED = 403
_MISSING = _l("It may have moved, or the address was mistyped.")


@blueprint.get("/")
@public
def home() -> Response:
    """Show the home page: the page that the settings name, with the newest pages below."""
    settings = current_snapshot().site
    cards = tuple(map(card_view, list_cards(but=settings.home_slug)))
    page = find_page_head(settings.home_slug) if settings.home_slug else None
    if page is None or not _can_reach(page):
        view = empty_home(settings)
        return cacheable_answer(
            render_site("site/home.html", varies=False, page=view, gate=None, cards=cards)
        )
    return _show(page, "site/home.html", cards=cards)


@blueprint.get("/<slug>")
@public
def page(slug: str) -> Response:
    """Show a page, or its title and the gate box to those who may not read it."""
    found = find_page_head(slug)
    if found is None or not _can_reach(found):
        raise NotFound(_(_MISSING))
    return _show(found, "site/page.html")


def _show(page: PageHead, template: str, **context: object) -> Response:
    account = current_account()
    is_preview = _is_preview(page)
    opened = Opened(granted=True) if is_preview else open_content(page.ref, account)
    if not opened.granted and account is not None and account.owes_consent:
        return redirect(consent_url(request.path))
    if not opened.granted and opened.display is Display.NOT_FOUND:
        raise NotFound(_(_MISSING))
    if not opened.granted and opened.display is Display.REDIRECT and account is None:
        return redirect(url_for("accounts.login", next=request.path))
    if opened.granted and not is_preview:
        key = (template, page.id, page.version, page.updated_at, *context.values())
        return cacheable_answer(draw_shared(key, lambda: _draw(page, opened, template, context)))
    gate = None if opened.granted else gate_view(page, opened, account)
    view = page_view(page, opened, is_preview=is_preview)
    html = render_site(template, varies=False, page=view, gate=gate, **context)
    return cacheable_answer(html, 200 if opened.granted else CLOSED)


def _draw(page: PageHead, opened: Opened, template: str, context: Mapping[str, object]) -> str:
    return render_site(template, varies=False, page=page_view(page, opened), gate=None, **context)


def _can_reach(page: PageHead) -> bool:
    return page.is_published or _is_preview(page)


def _is_preview(page: PageHead) -> bool:
    # Drafts are previews by themselves; a published page is one on demand, past its gate.
    if page.is_published and "preview" not in request.args:
        return False
    account = current_account()
    if account is None or not account.can(CONTENT_EDIT):
        return False
    g.answer_varies = True
    return True
