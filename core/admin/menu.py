"""The navigation: menu items of core and plugins, filtered by what the account may do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from sqlalchemy import Select, select

from core.admin.registrations import MENU_AREAS, MenuItem
from core.db import db
from core.i18n import _l
from core.plugin_host.guards import call_plugin
from core.plugin_host.snapshot import current_snapshot
from core.security.sessions import SignedInAccount

AREA_TITLES: Mapping[str, Any] = {
    "customers": _l("Customers"),
    "forms": _l("Forms"),
    "members": _l("Members"),
    "content": _l("Content"),
    "settings": _l("Settings"),
}
CLOSED_COOKIE = "kaiin_nav_closed"


@dataclass(frozen=True, slots=True)
class NavLink:
    """One line of the navigation, ready to draw."""

    title: Any
    url: str
    icon: str
    is_current: bool = False
    badge: int | None = None


@dataclass(frozen=True, slots=True)
class NavGroup:
    """An area of the navigation with its lines."""

    name: str
    title: Any
    links: tuple[NavLink, ...]
    is_open: bool


def build_navigation(account: SignedInAccount) -> tuple[NavGroup, ...]:
    """Return the groups that hold at least one line for this account."""
    items = [entry for entry in current_snapshot().menu if account.can(entry[1].permission)]
    urls = {item.endpoint: url_for(item.endpoint) for _owner, item in items}
    current = _current_url(urls.values())
    badges = _count_badges(items)
    closed = set(request.cookies.get(CLOSED_COOKIE, "").split("."))
    groups = []
    for area in MENU_AREAS:
        links = tuple(_link(item, urls, current, badges) for _owner, item in _sorted(items, area))
        if links:
            is_open = area not in closed or any(link.is_current for link in links)
            groups.append(NavGroup(area, AREA_TITLES[area], links, is_open))
    return tuple(groups)


def quick_adds(account: SignedInAccount) -> tuple[NavLink, ...]:
    """Return what the account may make from anywhere: the `add_endpoint`s of the menu."""
    return tuple(
        NavLink(item.add_title, url_for(item.add_endpoint), item.icon)
        for area in MENU_AREAS
        for _owner, item in _sorted(current_snapshot().menu, area)
        if item.add_endpoint and account.can(item.add_permission or item.permission)
    )


def _sorted(items: Iterable[tuple[str, MenuItem]], area: str) -> list[tuple[str, MenuItem]]:
    return sorted((entry for entry in items if entry[1].area == area), key=lambda entry: entry[1].order)


def _link(item: MenuItem, urls: Mapping[str, str], current: str | None, badges: Mapping[str, int]) -> NavLink:
    url, badge = urls[item.endpoint], badges.get(item.endpoint)
    return NavLink(item.title, url, item.icon, is_current=url == current, badge=badge or None)


def _count_badges(items: Iterable[tuple[str, MenuItem]]) -> dict[str, int]:
    told = {item.endpoint: call_plugin(owner, item.badge) for owner, item in items if item.badge is not None}
    queries = {endpoint: badge for endpoint, badge in told.items() if isinstance(badge, Select)}
    found = {endpoint: badge for endpoint, badge in told.items() if isinstance(badge, int)}
    if queries:
        row = db.session.execute(select(*(query.scalar_subquery() for query in queries.values()))).one()
        found |= {endpoint: number or 0 for endpoint, number in zip(queries, row, strict=True)}
    return found


def _current_url(urls: Iterable[str]) -> str | None:
    path = request.path.rstrip("/")
    matching = [url for url in urls if path == url.rstrip("/") or path.startswith(url.rstrip("/") + "/")]
    return max(matching, key=len, default=None)
