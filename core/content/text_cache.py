"""Compiled page texts, kept in the process: a page is compiled once per change."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Any

from flask import current_app

from core.content.compiled import Compiled, compile_text
from core.content.queries import PageHead, load_body
from core.plugin_host.snapshot import Snapshot, current_snapshot

MAX_PAGES = 256


class TextCache:
    """The last used texts; the oldest goes first."""

    def __init__(self, size: int = MAX_PAGES) -> None:
        self._size = size
        self._texts: OrderedDict[Any, Compiled] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Any) -> Compiled | None:
        """Return a text and note that it was used."""
        with self._lock:
            found = self._texts.get(key)
            if found is not None:
                self._texts.move_to_end(key)
            return found

    def put(self, key: Any, compiled: Compiled) -> None:
        """Keep a text."""
        with self._lock:
            self._texts[key] = compiled
            self._texts.move_to_end(key)
            while len(self._texts) > self._size:
                self._texts.popitem(last=False)


def compiled_text(page: PageHead) -> Compiled:
    """Return the page's text ready to draw, reading the body only when it is not at hand.

    The caller asked the gate.
    """
    found = text_at_hand(page)
    if found is None:
        known, enclosing = tag_names(current_snapshot())
        found = compile_text(load_body(page), known, enclosing | set(page.enclosing_tags))
        _cache().put(_key(page), found)
    return found


def text_at_hand(page: PageHead) -> Compiled | None:
    """Return the page's text when this process has it ready; nothing is read.

    Before the gate was asked, only what its tags want to know may be used.
    """
    return _cache().get(_key(page))


def _key(page: PageHead) -> Hashable:
    return (page.id, page.version, page.updated_at, *tag_names(current_snapshot()))


def tag_names(snapshot: Snapshot) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names of all tags, and of those that enclose text."""

    return snapshot.memo("content_tag_names", lambda: _tag_names(snapshot))


def _tag_names(snapshot: Snapshot) -> tuple[frozenset[str], frozenset[str]]:
    tags = snapshot.tags
    return frozenset(tags), frozenset(name for name, tag in tags.items() if tag.encloses)


def _cache() -> TextCache:
    cache: TextCache = current_app.extensions.setdefault("kaiin_text_cache", TextCache())
    return cache
