"""Reads of pages and menus."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

from sqlalchemy import String, bindparam, func, select

from core.content.access import ContentRef, Display, Visibility
from core.content.menu_lines import EVERYONE, MENU_LINE, RULE
from core.content.models import PAGE, MenuEntry, Page, PageStatus
from core.db import db
from core.errors import Conflict, NotFound
from core.i18n import _
from core.plugin_host.guards import call_plugin
from core.plugin_host.snapshot import current_snapshot
from core.prepared import PreparedQuery

MENUS = ("header", "footer")


@dataclass(frozen=True, slots=True)
class MenuLink:
    """A line of a menu as visitors see it.

    `shown_to` says who does; `own` is the line for the gate, where a rule decides, and `page` the
    page that it leads to.
    """

    title: str
    url: str
    shown_to: str = EVERYONE
    own: ContentRef | None = None
    page: ContentRef | None = None


@dataclass(frozen=True)
class PageHead:
    """A page without its text, as the public views need it."""

    id: int
    slug: str
    title: str
    excerpt: str
    status: str
    visibility: str
    rule: dict[str, Any] | None
    options: dict[str, Any]
    enclosing_tags: list[Any]
    version: int
    updated_at: dt.datetime
    published_at: dt.datetime | None = None
    rule_name: str = ""
    display: str = ""

    @property
    def is_published(self) -> bool:
        """Whether visitors can reach the page."""
        return self.status == PageStatus.PUBLISHED

    @cached_property
    def ref(self) -> ContentRef:
        """Return what the gate and plugins decide on: everything but the text."""
        return ContentRef(
            kind=PAGE,
            id=self.id,
            slug=self.slug,
            title=self.title,
            visibility=Visibility(self.visibility),
            rule=self.rule,
            options=self.options,
            is_published=self.is_published,
            rule_name=self.rule_name,
            display=Display(self.display) if self.display else None,
        )


_HEAD = PreparedQuery(
    lambda: select(*(getattr(Page, field.name) for field in fields(PageHead))).where(
        Page.slug == bindparam("slug", None, type_=String)
    )
)


def find_page_head(slug: str) -> PageHead | None:
    """Return what the public views need of the page with this slug, or None.

    Published pages are kept with the snapshot: every change of one makes a new version.
    """
    published: dict[str, PageHead] = current_snapshot().memo(PageHead, dict)
    kept = published.get(slug)
    if kept is not None:
        return kept
    row = _HEAD.first(slug=slug)
    if row is None:
        return None
    found = PageHead(*row)
    if found.is_published:
        published[slug] = found
    return found


def find_page(slug: str) -> Page | None:
    """Return the page with this slug, without its body, or None."""
    return db.session.execute(select(Page).where(Page.slug == slug)).scalar_one_or_none()


def get_page(page_id: int) -> Page:
    """Return a page without its body; raise NotFound."""
    page = db.session.get(Page, page_id)
    if page is None:
        raise NotFound(_("There is no such page."))
    return page


def load_body(page: Page | PageHead) -> str:
    """Return a page's text. For code that asked the gate, and for those who may edit pages.

    Raises Conflict when the page changed after `page` was read, as the gate then decided on what
    is no longer true.
    """
    query = select(Page.body).where(Page.id == page.id, Page.version == page.version)
    body = db.session.execute(query).scalar_one_or_none()
    if body is None:
        raise Conflict(_("This page was changed a moment ago. Please load it again."))
    return body


def content_ref(kind: str, content_id: int) -> ContentRef | None:
    """Return a piece of content without its body, or None: a page, or what a plugin brings."""
    if kind != PAGE:
        return of_plugin(kind, "find", None, content_id)
    page = db.session.get(Page, content_id)
    return page.ref if page is not None else None


def of_plugin(kind: str, question: str, default: Any, *values: Any) -> Any:
    """Return what the plugin of a kind of content answers; while it is off, there is no such content."""
    snapshot = current_snapshot()
    found = snapshot.content_kinds.get(kind)
    if found is None:
        return default
    owner = snapshot.owners["register_content_kinds", kind]
    return call_plugin(owner, getattr(found, question), *values, default=default)


def content_url(content: ContentRef) -> str:
    """Return the address of a piece of content within the site."""
    if content.kind != PAGE:
        return str(of_plugin(content.kind, "url", "/", content))
    return page_path(content.slug)


def list_restricted_content() -> list[ContentRef]:
    """Return all restricted content, drafts too: pages by title, then what plugins bring."""
    query = select(Page).where(Page.visibility == Visibility.RESTRICTED).order_by(Page.title, Page.id)
    pages = [page.ref for page in db.session.execute(query).scalars()]
    others = (of_plugin(kind, "restricted", ()) for kind in current_snapshot().content_kinds)
    return [*pages, *(content for contents in others for content in contents)]


def page_path(slug: str) -> str:
    """Return the address of a page within the site."""
    return f"/{slug}"


def load_menus() -> Mapping[str, tuple[MenuLink, ...]]:
    """Return the lines of both menus; those that lead to drafts are left out."""
    head = [getattr(Page, field.name) for field in fields(PageHead)]
    query = (
        select(MenuEntry, *head)
        .join(Page, Page.id == MenuEntry.page_id, isouter=True)
        .order_by(MenuEntry.position, MenuEntry.id)
    )
    menus: dict[str, list[MenuLink]] = {name: [] for name in MENUS}
    for entry, *values in db.session.execute(query):
        page = PageHead(*values) if values[0] is not None else None
        own = _line_ref(entry)
        if page is None:
            menus[entry.menu].append(MenuLink(entry.title, entry.url, entry.shown_to, own))
        elif page.is_published:
            title = entry.title or page.title
            menus[entry.menu].append(MenuLink(title, page_path(page.slug), entry.shown_to, own, page.ref))
    return {name: tuple(links) for name, links in menus.items()}


def _line_ref(entry: MenuEntry) -> ContentRef | None:
    """Return the line as the gate decides on it, None when no rule does."""
    if entry.shown_to != RULE:
        return None
    visibility = Visibility.RESTRICTED
    return ContentRef(MENU_LINE, entry.id, "", entry.title, visibility, rule_name=entry.rule_name)


def list_menu_entries(menu: str) -> Sequence[MenuEntry]:
    """Return the entries of a menu in order."""
    query = select(MenuEntry).where(MenuEntry.menu == menu).order_by(MenuEntry.position, MenuEntry.id)
    return db.session.execute(query).scalars().all()


def count_menu_entries(page_id: int) -> int:
    """Return how many menu lines lead to a page."""
    query = select(func.count()).select_from(MenuEntry).where(MenuEntry.page_id == page_id)
    return db.session.execute(query).scalar_one()


def list_page_titles(limit: int = 1000) -> Sequence[tuple[int, str, str, str]]:
    """Return (id, title, slug, status) of the pages that a menu line can lead to, by title."""
    query = select(Page.id, Page.title, Page.slug, Page.status).order_by(Page.title, Page.id).limit(limit)
    return [(row.id, row.title, row.slug, row.status) for row in db.session.execute(query)]
