"""Finds pages for a visitor: by titles that may be named before them, by texts that they may read.

Which pages are asked about never depends on what closed pages hold: public ones are cut off after
ordering by date, those with readers of their own are all taken from the newest `MAX_CLOSED`. So a
hit in a text that somebody may not read changes nothing in what they get.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select

from core.content.access import Visibility
from core.content.finding.index import TEXTS, TITLES
from core.content.gate import open_content, prepare_access
from core.content.listed import is_listed, published_heads
from core.content.models import Page, PageStatus
from core.content.queries import PageHead
from core.db import db
from core.search import matches
from core.security.sessions import SignedInAccount

MAX_FOUND = 500
MAX_CLOSED = 500


@dataclass(frozen=True, slots=True)
class Found:
    """A page that was found, and whether its title was."""

    page: PageHead
    by_title: bool


def find_pages(query: str, account: SignedInAccount | None) -> Sequence[Found]:
    """Return at most MAX_FOUND pages, hits in titles first, then the newest.

    The gate is asked about all of them at once, so that more pages cost no more questions.
    """
    if not query.strip():
        return []
    titled = _hits(TITLES, query)
    read = _hits(TEXTS, query)
    prepare_access([page.ref for page in (*titled, *read)], account)
    found = [Found(page, True) for page in titled if is_listed(page.ref, account)]
    named = {one.page.id for one in found}
    found += [
        Found(page, False)
        for page in read
        if page.id not in named and open_content(page.ref, account).granted
    ]
    return found[:MAX_FOUND]


def _hits(kind: str, query: str) -> Sequence[PageHead]:
    hit = matches(kind, query, Page.id)
    is_public = Page.visibility == Visibility.PUBLIC
    pages = [*_read(hit & is_public, MAX_FOUND), *_read(hit & Page.id.in_(_newest_closed()), MAX_CLOSED)]
    return sorted(pages, key=lambda page: (page.published_at, page.id), reverse=True)


def _newest_closed() -> Sequence[int]:
    query = (
        select(Page.id)
        .where(Page.status == PageStatus.PUBLISHED, Page.visibility != Visibility.PUBLIC)
        .order_by(Page.published_at.desc(), Page.id.desc())
        .limit(MAX_CLOSED)
    )
    return db.session.execute(query).scalars().all()


def _read(where: ColumnElement[bool], limit: int) -> Sequence[PageHead]:
    query = published_heads().where(where).order_by(Page.published_at.desc(), Page.id.desc())
    return [PageHead(*row) for row in db.session.execute(query.limit(limit))]
