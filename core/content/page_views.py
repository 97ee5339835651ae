"""A page as site templates see it, and the box that stands in place of a closed text."""

from collections.abc import Sequence
from typing import Any

from flask import request, url_for
from markupsafe import Markup

from core.content.access import ContentRef, Offer, Visibility
from core.content.gate import Opened
from core.content.permissions import CONTENT_EDIT
from core.content.queries import PageHead, page_path
from core.content.text_cache import compiled_text
from core.i18n import _
from core.plugin_host.guards import call_plugin
from core.security.sessions import SignedInAccount
from core.settings.models import SiteSettings
from core.theming.rendering import render_site_fragment
from core.theming.view_objects import view_object


@view_object
class PageView:
    """A page; `body` is None when the viewer may not read it.

    `lead` is the summary that the owner wrote; `excerpt` is that, or else the beginning of the text.
    `notice` stands above a text that is open for a while only.
    """

    title: str
    slug: str
    excerpt: str
    lead: str = ""
    body: Markup | None = None
    updated_at: Any = None
    is_preview: bool = False
    notice: str = ""


@view_object
class OfferView:
    """One thing that would open the page: in words, and the button for it."""

    text: str
    html: Markup = Markup("")


@view_object
class GateView:
    """Why a page is closed to the viewer, what opens it, and what they hold now.

    `reason` is for staff only.
    """

    message: str
    reason: str
    offers: tuple[OfferView, ...]
    holds: tuple[str, ...]
    login_url: str


@view_object
class CardView:
    """A page among the contents on the home page."""

    title: str
    url: str
    excerpt: str
    badge: str


def page_view(page: PageHead, opened: Opened, *, is_preview: bool = False) -> PageView:
    """Return the page; its text is read and drawn only when the gate opened it."""
    text = compiled_text(page) if opened.granted else None
    return PageView(
        title=page.title,
        slug=page.slug,
        excerpt=page.excerpt or (text.excerpt if text is not None else ""),
        lead=page.excerpt,
        body=text.draw(page.ref) if text is not None else None,
        updated_at=page.updated_at,
        is_preview=is_preview,
        notice=opened.message,
    )


def empty_home(settings: SiteSettings) -> PageView:
    """Return what the home page shows while the owner has not written one."""
    return PageView(title=settings.name, slug="", excerpt=settings.tagline, lead=settings.tagline)


def gate_view(page: PageHead | ContentRef, opened: Opened, account: SignedInAccount | None) -> GateView:
    """Return the box for a closed page."""
    is_editor = account is not None and account.can(CONTENT_EDIT)
    reasons = [str(answer.reason) for answer in opened.access if answer.reason] if is_editor else []
    return GateView(
        message=_gate_message(page, opened),
        reason=" / ".join(reasons),
        offers=tuple(_offers(opened)),
        holds=tuple(str(thing) for answer in opened.access for thing in answer.holds),
        login_url=url_for("accounts.login", next=request.path),
    )


def _gate_message(page: PageHead | ContentRef, opened: Opened) -> str:
    own = next((answer.message for answer in opened.access if answer.message), "")
    if own:
        return own
    if page.visibility == Visibility.MEMBERS:
        return _("The rest of this page is for members.")
    return _("The rest of this page is for certain members.")


def _offers(opened: Opened) -> Sequence[OfferView]:
    offers = [(plugin, answer.offer) for plugin, answer in opened.answers if answer.offer is not None]
    return [OfferView(text=str(offer.text), html=_draw_offer(plugin, offer)) for plugin, offer in offers]


def _draw_offer(plugin: str, offer: Offer) -> Markup:
    if offer.template is None:
        return Markup("")
    drawn: Markup = call_plugin(
        plugin, render_site_fragment, offer.template, default=Markup(""), **dict(offer.context)
    )
    return drawn


def card_view(page: PageHead) -> CardView:
    """Return a page as a card; a page that is not for everyone says so."""
    badges = {Visibility.MEMBERS: _("For members"), Visibility.RESTRICTED: _("For certain members")}
    return CardView(
        title=page.title,
        url=page_path(page.slug),
        excerpt=page.excerpt,
        badge=badges.get(page.ref.visibility, ""),
    )
