"""Which pages a viewer may learn of: for lists, feeds, search, the site map and the way on.

Titles and addresses only; no text is read here. Every list of pages on the site comes from this
module, so that a page which strangers must not learn of is missing in all of them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from itertools import islice
from typing import Any

from flask import g
from sqlalchemy import Select, select, tuple_

from core.content.access import ContentRef, Display
from core.content.gate import is_hidden, open_content
from core.content.models import Page, PageStatus
from core.content.queries import PageHead
from core.db import db
from core.plugin_host.snapshot import current_snapshot
from core.security.sessions import SignedInAccount, current_account
from core.theming.shared_pages import note_personal

_CHUNK = 20


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The pages published right after and right before another one."""

    newer: PageHead | None = None
    older: PageHead | None = None


def is_listed(ref: ContentRef, account: SignedInAccount | None) -> bool:
    """Tell whether the title and the address of `ref` may appear before `account`.

    All guests get the same answer, unless one of them opened what others must not learn of; members
    may differ. Then what is being drawn is kept for nobody else.
    """
    if not ref.is_published:
        return False
    if not is_hidden(ref):
        return True
    varied = g.get("answer_varies", False)
    opened = open_content(ref, account)
    is_secret = opened.display is Display.NOT_FOUND
    if is_secret and (account is not None or opened.granted):
        note_personal()
    elif account is None:
        g.answer_varies = varied
    return opened.granted or not is_secret


def listed_pages(
    account: SignedInAccount | None, limit: int, *, but: str = "", offset: int = 0
) -> list[PageHead]:
    """Return the newest pages that may be named before `account`, except the one with the slug `but`."""
    seen = (head for head in _newest() if head.slug != but and is_listed(head.ref, account))
    return list(islice(seen, offset, offset + limit))


def neighbours(page: PageHead) -> Neighbours:
    """Return the way on from a page, for the present viewer."""
    account = current_account()
    return _neighbours(page, lambda head: is_listed(head.ref, account))


def neighbours_for_all(page: PageHead) -> Neighbours | None:
    """Return the way on from a page where it is the same for every viewer, else None."""
    found: tuple[Neighbours | None] = current_snapshot().memo(
        ("content_neighbours", page.id), lambda: (_same_for_all(page),)
    )
    return found[0]


def _same_for_all(page: PageHead) -> Neighbours | None:
    nearest = _neighbours(page, lambda head: head.ref.is_published)
    depends = any(head is not None and is_hidden(head.ref) for head in (nearest.newer, nearest.older))
    return None if depends else nearest


def _neighbours(page: PageHead, counts: Callable[[PageHead], bool]) -> Neighbours:
    if page.published_at is None or not page.is_published:
        return Neighbours()
    home = current_snapshot().site.home_slug

    def first(heads: Iterator[PageHead]) -> PageHead | None:
        return next((head for head in heads if head.slug != home and counts(head)), None)

    return Neighbours(newer=first(_beside(page, newer=True)), older=first(_beside(page, newer=False)))


def _newest() -> Iterator[PageHead]:
    first = current_snapshot().memo("content_newest", lambda: _read(_older_than(None)))
    yield from _walk(first, newer=False)


def _beside(page: PageHead, *, newer: bool) -> Iterator[PageHead]:
    def nearest() -> list[PageHead]:
        return _read(_newer_than(page) if newer else _older_than(page), 3)

    # The nearest few are enough for nearly every viewer, and stay with the snapshot.
    near = current_snapshot().memo(("content_beside", page.id, newer), nearest)
    yield from _walk(near, newer=newer, size=3)


def _walk(chunk: list[PageHead], *, newer: bool, size: int = _CHUNK) -> Iterator[PageHead]:
    while chunk:
        yield from chunk
        if len(chunk) < size:
            return
        chunk, size = _read(_newer_than(chunk[-1]) if newer else _older_than(chunk[-1])), _CHUNK


def published_heads() -> Select[Any]:
    """Return the query of all published pages, without their texts."""
    columns: list[Any] = [getattr(Page, field.name) for field in fields(PageHead)]
    return select(*columns).where(Page.status == PageStatus.PUBLISHED, Page.published_at.is_not(None))


def _older_than(page: PageHead | None) -> Select[Any]:
    query = published_heads().order_by(Page.published_at.desc(), Page.id.desc())
    return query.where(_place() < (page.published_at, page.id)) if page is not None else query


def _newer_than(page: PageHead) -> Select[Any]:
    query = published_heads().order_by(Page.published_at, Page.id)
    return query.where(_place() > (page.published_at, page.id))


def _place() -> Any:
    return tuple_(Page.published_at, Page.id)


def _read(query: Select[Any], limit: int = _CHUNK) -> list[PageHead]:
    return [PageHead(*row) for row in db.session.execute(query.limit(limit))]
