"""What visitors find pages by: titles and texts apart, as a text counts only for its readers."""

import re

from sqlalchemy import exists, select

from core.content.compiled import compile_text
from core.content.models import Page
from core.content.queries import load_body
from core.db import db, transaction
from core.search import index, remove
from core.search.models import SearchText

TITLES, TEXTS = "page_title", "page_text"
_BATCH = 100
_NAME = re.compile(r"\[/?([a-z][a-z0-9_]{0,63})")
_END = re.compile(r"\[/([a-z][a-z0-9_]{0,63})")


def index_page(page: Page, body: str | None) -> None:
    """Let a page be found by its title and summary and, if `body` is given, by that. Needs a transaction."""
    index(TITLES, page.id, f"{page.title} {page.excerpt}")
    if body is not None:
        index(TEXTS, page.id, plain_words(body, page.enclosing_tags or ()))


def forget_page(page_id: int) -> None:
    """Let a deleted page be found no more. Needs a transaction."""
    remove(TITLES, page_id)
    remove(TEXTS, page_id)


def plain_words(body: str, enclosing: object) -> str:
    """Return the words outside of everything that looks like a tag, known or not.

    What a tag encloses may be closed to a reader of the page, also by a plugin that is off today.
    """
    named, closed = frozenset(_NAME.findall(body)), frozenset(_END.findall(body))
    remembered = frozenset(str(name) for name in enclosing) if isinstance(enclosing, (list, tuple)) else ()
    return compile_text(body, named, closed.union(remembered)).words


def index_missing(limit: int = _BATCH) -> int:
    """Index pages that nothing finds yet, e.g. those from before there was a search; return how many."""
    known = exists().where(SearchText.kind == TEXTS, SearchText.object_id == Page.id)
    with transaction() as session:
        pages = session.execute(select(Page).where(~known).order_by(Page.id).limit(limit)).scalars().all()
        for page in pages:
            index_page(page, load_body(page))
    db.session.expire_all()
    return len(pages)
