"""Reads of pages and menus."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from core.content.models import MenuEntry, Page, PageStatus
from core.db import db
from core.errors import NotFound
from core.i18n import _

MENUS = ("header", "footer")


@dataclass(frozen=True, slots=True)
class MenuLink:
    """A line of a menu as visitors see it."""

    title: str
    url: str


def find_page(slug: str) -> Page | None:
    """Return the page with this slug, without its body, or None."""
    return db.session.execute(select(Page).where(Page.slug == slug)).scalar_one_or_none()


def get_page(page_id: int) -> Page:
    """Return a page without its body; raise NotFound."""
    page = db.session.get(Page, page_id)
    if page is None:
        raise NotFound(_("There is no such page."))
    return page


def load_body(page_id: int) -> str:
    """Return a page's text. For code that asked the gate, and for those who may edit pages."""
    return db.session.execute(select(Page.body).where(Page.id == page_id)).scalar_one()


def page_path(slug: str) -> str:
    """Return the address of a page within the site."""
    return f"/{slug}"


def load_menus() -> Mapping[str, tuple[MenuLink, ...]]:
    """Return the lines of both menus; those that lead to drafts are left out."""
    query = (
        select(MenuEntry.menu, MenuEntry.title, MenuEntry.url, Page.slug, Page.title, Page.status)
        .join(Page, Page.id == MenuEntry.page_id, isouter=True)
        .order_by(MenuEntry.position, MenuEntry.id)
    )
    menus: dict[str, list[MenuLink]] = {name: [] for name in MENUS}
    for menu, title, url, slug, page_title, status in db.session.execute(query):
        if slug is None:
            menus[menu].append(MenuLink(title, url))
        elif status == PageStatus.PUBLISHED:
            menus[menu].append(MenuLink(title or page_title, page_path(slug)))
    return {name: tuple(links) for name, links in menus.items()}


def list_menu_entries(menu: str) -> Sequence[MenuEntry]:
    """Return the entries of a menu in order."""
    query = select(MenuEntry).where(MenuEntry.menu == menu).order_by(MenuEntry.position, MenuEntry.id)
    return db.session.execute(query).scalars().all()
