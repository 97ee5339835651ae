"""Writes entries as Atom or as RSS 2.0."""

from collections.abc import Sequence
from email.utils import format_datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree as Tree

from core.content.feeds.entries import Entry
from core.content.page_meta import absolute, iso_moment
from core.db import utcnow
from core.plugin_host.snapshot import current_snapshot

ATOM, RSS = "application/atom+xml", "application/rss+xml"
_ATOM_NAMES = "http://www.w3.org/2005/Atom"


def write_atom(entries: Sequence[Entry], own_path: str) -> bytes:
    """Return the entries as an Atom feed whose own address is `own_path`; empty for a secret one."""
    site = current_snapshot().site
    feed = Tree.Element("feed", {"xmlns": _ATOM_NAMES, "xml:lang": site.language})
    _add(feed, "title", site.name)
    if site.tagline:
        _add(feed, "subtitle", site.tagline)
    _add(feed, "id", _tag("feed" if own_path else "own-feed"))
    _add(feed, "link", href=absolute("/"))
    if own_path:
        _add(feed, "link", rel="self", type=ATOM, href=absolute(own_path))
    _add(feed, "updated", iso_moment(max((entry.updated_at for entry in entries), default=utcnow())))
    author = _add(feed, "author")
    _add(author, "name", site.name)
    for entry in entries:
        _atom_entry(_add(feed, "entry"), entry)
    return _bytes(feed)


def _atom_entry(node: Tree.Element, entry: Entry) -> None:
    _add(node, "title", entry.title)
    _add(node, "id", _tag(f"page-{entry.id}"))
    _add(node, "link", href=entry.url)
    _add(node, "published", iso_moment(entry.published_at))
    _add(node, "updated", iso_moment(entry.updated_at))
    if entry.summary:
        _add(node, "summary", entry.summary)
    if entry.html is not None:
        _add(node, "content", entry.html, type="html")


def write_rss(entries: Sequence[Entry]) -> bytes:
    """Return the entries as RSS 2.0, for readers that know no Atom."""
    site = current_snapshot().site
    root = Tree.Element("rss", {"version": "2.0"})
    channel = _add(root, "channel")
    _add(channel, "title", site.name)
    _add(channel, "link", absolute("/"))
    _add(channel, "description", site.tagline or site.name)
    _add(channel, "language", site.language)
    for entry in entries:
        item = _add(channel, "item")
        _add(item, "title", entry.title)
        _add(item, "link", entry.url)
        _add(item, "guid", _tag(f"page-{entry.id}"), isPermaLink="false")
        _add(item, "pubDate", format_datetime(entry.published_at))
        _add(item, "description", entry.html if entry.html is not None else entry.summary)
    return _bytes(root)


def _tag(name: str) -> str:
    return f"tag:{urlsplit(absolute('/')).hostname},2026:kaiin/{name}"


def _add(parent: Tree.Element, name: str, text: str = "", **attributes: str) -> Tree.Element:
    child = Tree.SubElement(parent, name, attributes)
    child.text = text or None
    return child


def _bytes(root: Tree.Element) -> bytes:
    made: bytes = Tree.tostring(root, encoding="utf-8", xml_declaration=True)
    return made
