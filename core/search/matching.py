"""Finds things by the words of a query."""

from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, column, select, table, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from core.search.grams import query_words, word_tokens
from core.search.models import FULL_TEXT_TABLE, SearchText

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


def matches(kind: str, query: str, id_column: ColumnElement[int] | Any) -> ColumnElement[bool]:
    """Return SQL that is true where the thing's text holds every word of `query`.

    Widths, cases and both kana are one. Words are found anywhere in a text, from one sign on. A
    query without words finds everything. Bigrams choose the rows and the folded text decides.
    """
    words = query_words(query)
    if not words:
        return true()
    candidates = select(_full_text.c.rowid).where(
        grams_match(_full_text.c.grams, _sqlite_query(words), _postgres_query(words))
    )
    found = select(SearchText.object_id).where(
        SearchText.kind == kind,
        SearchText.id.in_(candidates),
        and_(*(SearchText.folded.contains(word, autoescape=True) for word in words)),
    )
    return id_column.in_(found)


def _sqlite_query(words: list[str]) -> str:
    parts: list[str] = []
    for word in words:
        tokens, prefix = word_tokens(word)
        parts.extend(f'"{token}"' for token in tokens)
        if prefix is not None:
            parts.append(f'"{prefix}"*')
    return " AND ".join(parts)


def _postgres_query(words: list[str]) -> str:
    parts: list[str] = []
    for word in words:
        tokens, prefix = word_tokens(word)
        parts.extend(f"'{token}'" for token in tokens)
        if prefix is not None:
            parts.append(f"'{prefix}':*")
    return " & ".join(parts)
