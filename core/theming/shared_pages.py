"""Pages that look the same to every guest, or to every member, are drawn once and kept briefly.

What is kept holds nothing personal: while a page is drawn, everything in it that could differ
between two viewers of one kind (their name, a tag, a plugin's slot, a message) is noted, and
such a page is drawn anew each time. Tags in its text may say what of the viewer they depend on:
that is then part of the key. Form tokens are put in afterwards. The gate is asked at
every request before this module is.
"""

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from flask import current_app, request
from markupsafe import Markup

from core.i18n import current_language
from core.plugin_host.snapshot import current_snapshot
from core.security.csrf import FIELD, csrf_input, csrf_token
from core.security.sessions import current_account
from core.theming.slots import any_output, slot

# How long a changed theme file or a new year may go unseen.
KEEP_SECONDS = 5
MAX_PAGES = 512
_TOKEN_MARK = b"kaiin-token-" + secrets.token_hex(16).encode()


@dataclass(slots=True)
class Drawing:
    """What was noticed while a page was drawn."""

    is_shared: bool = True
    # The content whose tags depend on nothing but what the key holds.
    keyed: Any = None
    slots: set[str] = field(default_factory=set)


_drawing: ContextVar[Drawing | None] = ContextVar("kaiin_drawing", default=None)


def note_personal() -> None:
    """Say that what is being drawn depends on more than the kind of viewer."""
    drawing = _drawing.get()
    if drawing is not None:
        drawing.is_shared = False


def stands_in_key(content: Any) -> bool:
    """Tell whether the key of what is being drawn says all that the tags of `content` depend on."""
    drawing = _drawing.get()
    return drawing is not None and content is not None and content is drawing.keyed


def shared_csrf_input() -> Markup:
    """Return the hidden token input, or a mark for it in a page that may be kept."""
    if _drawing.get() is None:
        return csrf_input()
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, _TOKEN_MARK.decode())


def noted_slot(name: str) -> Markup:
    """Draw a slot; a page in which a plugin used one is not kept."""
    drawing = _drawing.get()
    output = slot(name)
    if drawing is not None:
        drawing.slots.add(str(name))
        drawing.is_shared = drawing.is_shared and not output
    return output


@dataclass(frozen=True, slots=True)
class _Kept:
    pieces: tuple[bytes, ...]  # what stands between the places of form tokens, encoded
    slots: frozenset[str]
    until: float


class SharedPages:
    """The pages kept by this process; the one unused longest goes first."""

    def __init__(self, size: int = MAX_PAGES) -> None:
        self._size = size
        self._pages: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> _Kept | None:
        """Return a page that is still fresh."""
        with self._lock:
            found = self._pages.get(key)
            if found is None or found.until < time.monotonic():
                return None
            self._pages.move_to_end(key)
            return found

    def put(self, key: Hashable, kept: _Kept) -> None:
        """Keep a page."""
        with self._lock:
            self._pages[key] = kept
            self._pages.move_to_end(key)
            while len(self._pages) > self._size:
                self._pages.popitem(last=False)


def draw_shared(key: Hashable, draw: Callable[[], str], keyed: Any = None) -> bytes:
    """Return what `draw` draws in UTF-8, or drew a moment ago for another viewer of the same kind.

    `key` names everything that the page is made from, e.g. the page's id and version. `keyed` is the
    content (a `ContentRef`) of which it holds, too, all that tags in its text depend on.
    """
    if not _may_share():
        return draw().encode()
    pages = _pages_of(current_app.extensions)
    account = current_account()
    kind = (account is not None, account is not None and account.is_member)
    whole_key = (current_snapshot().version, current_language(), kind, request.path, key)
    kept = pages.get(whole_key)
    if kept is not None and not any_output(kept.slots):
        return _joined(kept.pieces)
    with _noting(keyed) as drawing:
        pieces = tuple(draw().encode().split(_TOKEN_MARK))
    if drawing.is_shared:
        until = time.monotonic() + KEEP_SECONDS
        pages.put(whole_key, _Kept(pieces, frozenset(drawing.slots), until))
    return _joined(pieces)


def _pages_of(extensions: dict[str, Any]) -> SharedPages:
    pages: SharedPages | None = extensions.get("kaiin_shared_pages")
    return pages if pages is not None else extensions.setdefault("kaiin_shared_pages", SharedPages())


def _may_share() -> bool:
    asked = request._get_current_object()  # type: ignore[attr-defined]
    # Staff see drafts, previews and tools; a notice belongs to one person.
    account = current_account()
    if asked.query_string or (account is not None and (account.is_staff or account.viewed_by is not None)):
        return False
    return current_app.config["SESSION_COOKIE_NAME"] not in asked.cookies


@contextmanager
def _noting(keyed: Any) -> Iterator[Drawing]:
    drawing = Drawing(keyed=keyed)
    mark = _drawing.set(drawing)
    try:
        yield drawing
    finally:
        _drawing.reset(mark)


def _joined(pieces: tuple[bytes, ...]) -> bytes:
    return csrf_token().encode().join(pieces) if len(pieces) > 1 else pieces[0]
