"""Merges that can be taken back, and the search for duplicates: keys, pairs, searches."""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, JSONDocument, UTCDateTime

revision = "0022"
down_revision = "0023"
branch_labels = None
depends_on = None


def _key(table: str, column: str, other: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{other}"
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(name), ondelete=ondelete)


def upgrade() -> None:
    op.create_table(
        "core_merge",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("holder_id", BigIntegerKey, nullable=False),
        sa.Column("kept_id", BigIntegerKey, nullable=False),
        sa.Column("merged_id", BigIntegerKey, nullable=False),
        sa.Column("record", JSONDocument, nullable=True),
        sa.Column("stayed", JSONDocument, nullable=True),
        sa.Column("account_id", BigIntegerKey, nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("undone_at", UTCDateTime(), nullable=True),
        _key("core_merge", "account_id", "core_account", "SET NULL"),
        _key("core_merge", "holder_id", "core_customer", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_merge")),
    )
    for column in ("account_id", "holder_id", "merged_id"):
        op.create_index(op.f(f"ix_core_merge_{column}"), "core_merge", [column])
    op.create_index("ix_core_merge_undone_at_created_at", "core_merge", ["undone_at", "created_at"])
    op.create_table(
        "core_duplicate_key",
        sa.Column("customer_id", BigIntegerKey, nullable=False),
        sa.Column("reason", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.BigInteger(), autoincrement=False, nullable=False),
        _key("core_duplicate_key", "customer_id", "core_customer", "CASCADE"),
        sa.PrimaryKeyConstraint("customer_id", "reason", "digest", name=op.f("pk_core_duplicate_key")),
    )
    op.create_index(
        "ix_core_duplicate_key_reason_digest_customer_id",
        "core_duplicate_key",
        ["reason", "digest", "customer_id"],
    )
    _create_pairs()
    op.create_table(
        "core_duplicate_search",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.Column("customers", sa.Integer(), nullable=False),
        sa.Column("pairs", sa.Integer(), nullable=False),
        sa.Column("too_common", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_duplicate_search")),
    )


def _create_pairs() -> None:
    table = "core_duplicate_pair"
    op.create_table(
        table,
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("first_id", BigIntegerKey, nullable=False),
        sa.Column("second_id", BigIntegerKey, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reasons", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("search_id", BigIntegerKey, nullable=False),
        sa.Column("account_id", BigIntegerKey, nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'different')", name=op.f("ck_core_duplicate_pair_state")),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_core_duplicate_pair_order")),
        _key(table, "account_id", "core_account", "SET NULL"),
        _key(table, "first_id", "core_customer", "CASCADE"),
        _key(table, "second_id", "core_customer", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_duplicate_pair")),
        sa.UniqueConstraint("first_id", "second_id", name=op.f("uq_core_duplicate_pair_first_id_second_id")),
    )
    for column in ("account_id", "second_id"):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    op.create_index(f"ix_{table}_state_score_id", table, ["state", "score", "id"])
    op.create_index(f"ix_{table}_state_reasons", table, ["state", "reasons"])
    op.create_index(f"ix_{table}_state_search_id", table, ["state", "search_id"])


def downgrade() -> None:
    for table in ("core_duplicate_search", "core_duplicate_pair", "core_duplicate_key", "core_merge"):
        op.drop_table(table)
