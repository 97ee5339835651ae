"""What can be found: one folded text per thing. Its bigrams stand in `fts_core_search`."""

from typing import Any

from sqlalchemy import Connection, MetaData, String, Text, UniqueConstraint, event, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db_base import Base, BigIntegerKey, IdMixin

# The full-text table is a virtual table on SQLite, so it lives outside the metadata; its name has
# no owner's prefix, because it would look there like a table that the models have forgotten.
FULL_TEXT_TABLE = "fts_core_search"
# Where a request keeps what it has asked the index, until it changes it.
ASKED = "search_asked"

_CREATE = {
    "sqlite": (
        f"CREATE VIRTUAL TABLE {FULL_TEXT_TABLE} USING fts5(grams, content='', detail=none, columnsize=0)",
    ),
    "postgresql": (
        f"CREATE TABLE {FULL_TEXT_TABLE} (rowid bigint PRIMARY KEY "
        "REFERENCES core_search_text (id) ON DELETE CASCADE, grams tsvector NOT NULL)",
        f"CREATE INDEX ix_{FULL_TEXT_TABLE}_grams ON {FULL_TEXT_TABLE} USING gin (grams)",
    ),
}


class SearchText(IdMixin, Base):
    """The folded text by which one thing of a kind is found."""

    __tablename__ = "core_search_text"
    __table_args__ = (UniqueConstraint("kind", "object_id"),)

    kind: Mapped[str] = mapped_column(String(60))
    object_id: Mapped[int] = mapped_column(BigIntegerKey)
    folded: Mapped[str] = mapped_column(Text)


def create_full_text_table(connection: Connection) -> None:
    """Create the index of bigrams beside `core_search_text`."""
    for statement in _CREATE[connection.dialect.name]:
        connection.execute(text(statement))


def drop_full_text_table(connection: Connection) -> None:
    """Drop the index of bigrams."""
    connection.execute(text(f"DROP TABLE IF EXISTS {FULL_TEXT_TABLE}"))


@event.listens_for(Base.metadata, "after_create")
def _create_beside(_metadata: MetaData, connection: Connection, **options: Any) -> None:
    if SearchText.__table__ in (options.get("tables") or ()):
        create_full_text_table(connection)


@event.listens_for(Base.metadata, "before_drop")
def _drop_beside(_metadata: MetaData, connection: Connection, **options: Any) -> None:
    if SearchText.__table__ in (options.get("tables") or ()):
        drop_full_text_table(connection)
