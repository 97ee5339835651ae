"""Finds things by the words of a query."""

from collections.abc import Sequence
from typing import Any, cast

from flask import g, has_request_context
from sqlalchemy import ColumnElement, Integer, Select, and_, column, false, select, table, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import aliased
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from core.db import db
from core.search.grams import query_words, word_tokens
from core.search.models import ASKED, FULL_TEXT_TABLE, SearchText

_full_text = table(FULL_TEXT_TABLE, column("rowid", Integer), column("grams"))


class grams_match(GenericFunction[Any]):  # noqa: N801
    """Whether the bigrams hold all tokens of a query: `MATCH` or `@@`.

    It has no type, because SQLAlchemy writes `= 1` after a Boolean, which FTS5 does not take.
    """

    inherit_cache = True


@compiles(grams_match)
def _match_sqlite(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    _grams, sqlite_query, _postgres_query = element.clauses
    return f"{FULL_TEXT_TABLE} MATCH {compiler.process(sqlite_query, **kw)}"


@compiles(grams_match, "postgresql")
def _match_postgres(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    grams, _sqlite_query, postgres_query = element.clauses
    return f"{compiler.process(grams, **kw)} @@ CAST({compiler.process(postgres_query, **kw)} AS tsquery)"


# Up to so many, the rows that were found are named; beyond, each row of the list is looked at
# until the page is full, which is then soon.
FEW = 1_000


def matches(kind: str, query: str, id_column: ColumnElement[int] | Any) -> ColumnElement[bool]:
    """Return SQL that is true where the thing's text holds every word of `query`.

    Widths, cases and both kana are one. Words are found anywhere in a text, from one sign on. A
    query without words finds everything. Bigrams choose the rows and the folded text decides.
    Asks the database once, so call it while answering and do not keep the result.
    """
    words = query_words(query)
    if not words:
        return true()
    found = _some(kind, words)
    if not found:
        return false()
    if len(found) <= FEW:
        return id_column.in_(found)
    row = aliased(SearchText)
    each = select(row.id).where(row.object_id == id_column, _fits(row, kind, words))
    return each.correlate_except(row).exists()


def some_found(kind: str, query: str) -> Sequence[int] | None:
    """Return the ids of up to FEW + 1 things that `matches` finds, whichever are come by first.

    To count with, where looking for all of them would take long. None for a query without words.
    """
    words = query_words(query)
    return _some(kind, words) if words else None


def _some(kind: str, words: list[str]) -> Sequence[int]:
    """Ask for up to FEW + 1 ids; a list's page asks for its rows and then for their number."""
    if not has_request_context():
        return _ask(kind, words)
    known = g.setdefault(ASKED, {})
    key = (kind, *words)
    if key not in known:
        known[key] = _ask(kind, words)
    return cast(Sequence[int], known[key])


def _ask(kind: str, words: list[str]) -> Sequence[int]:
    is_candidate = grams_match(_full_text.c.grams, _sqlite_query(kind, words), _postgres_query(kind, words))
    select_found = _FOUND[db.engine.dialect.name]
    return db.session.execute(select_found(is_candidate, kind, words).limit(FEW + 1)).scalars().all()


def _found_sqlite(is_candidate: Any, kind: str, words: list[str]) -> Select[Any]:
    # Joined, so that the search ends with the last row that is asked for; and the kind is hidden from
    # its index, by which SQLite would look through everything of that kind instead.
    return (
        select(SearchText.object_id)
        .join(_full_text, _full_text.c.rowid == SearchText.id)
        .where(is_candidate, SearchText.kind.concat("") == kind, *_holds(SearchText, words))
    )


def _found_postgresql(is_candidate: Any, kind: str, words: list[str]) -> Select[Any]:
    # PostgreSQL takes what fits a LIKE for rare and would read all texts: OFFSET keeps it from seeing
    # further than the bigrams.
    hits = select(_full_text.c.rowid).where(is_candidate).offset(0).subquery("hits")
    texts = select(SearchText.object_id, SearchText.kind, SearchText.folded)
    one = texts.where(SearchText.id == hits.c.rowid).offset(0).lateral("one")
    both = hits.join(one, true())
    return select(one.c.object_id).select_from(both).where(one.c.kind == kind, *_holds(one.c, words))


_FOUND = {"sqlite": _found_sqlite, "postgresql": _found_postgresql}


def _fits(row: Any, kind: str, words: list[str]) -> ColumnElement[bool]:
    return and_(row.kind == kind, *_holds(row, words))


def _holds(row: Any, words: list[str]) -> list[ColumnElement[bool]]:
    return [row.folded.contains(word, autoescape=True) for word in words]


def _sqlite_query(kind: str, words: list[str]) -> str:
    parts: list[str] = []
    for word in words:
        tokens, prefix = word_tokens(kind, word)
        parts.extend(f'"{token}"' for token in tokens)
        if prefix is not None:
            parts.append(f'"{prefix}"*')
    return " AND ".join(parts)


def _postgres_query(kind: str, words: list[str]) -> str:
    parts: list[str] = []
    for word in words:
        tokens, prefix = word_tokens(kind, word)
        parts.extend(f"'{token}'" for token in tokens)
        if prefix is not None:
            parts.append(f"'{prefix}':*")
    return " & ".join(parts)
