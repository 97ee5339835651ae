"""Who took out what for what, files that wait to be fetched, and who looked at whom."""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, JSONDocument, UTCDateTime

revision = "0026"
down_revision = "0029"
branch_labels = None
depends_on = None


def _key(table: str, column: str, other: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{other}"
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(name), ondelete=ondelete)


def upgrade() -> None:
    _create_log()
    _create_files()
    _create_looks()


def _create_log() -> None:
    table = "core_export_entry"
    op.create_table(
        table,
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("account_id", BigIntegerKey, nullable=True),
        sa.Column("actor_id", BigIntegerKey, nullable=True),
        sa.Column("operator", sa.String(80), nullable=False),
        sa.Column("source", sa.String(80), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("columns", JSONDocument, nullable=True),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("encoding", sa.String(20), nullable=False),
        sa.Column("purpose", sa.String(120), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("customer_id", BigIntegerKey, nullable=True),
        sa.Column("network", sa.String(64), nullable=False),
        sa.Column("once", sa.String(64), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        _key(table, "account_id", "core_account", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_export_entry")),
        sa.UniqueConstraint("once", name=op.f("uq_core_export_entry_once")),
    )
    op.create_index(op.f("ix_core_export_entry_account_id"), table, ["account_id"])
    op.create_index("ix_core_export_entry_created_at_id", table, ["created_at", "id"])
    op.create_index("ix_core_export_entry_actor_id_id", table, ["actor_id", "id"])
    op.create_index("ix_core_export_entry_customer_id_id", table, ["customer_id", "id"])


def _create_files() -> None:
    table = "core_export_file"
    states = "'waiting', 'ready', 'expired', 'failed', 'cancelled'"
    op.create_table(
        table,
        sa.Column("entry_id", BigIntegerKey, autoincrement=False, nullable=False),
        sa.Column("account_id", BigIntegerKey, nullable=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("permission", sa.String(80), nullable=False),
        sa.Column("spec", JSONDocument, nullable=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("job_id", BigIntegerKey, nullable=True),
        sa.Column("stored", sa.String(32), nullable=True),
        sa.Column("size", BigIntegerKey, nullable=False),
        sa.Column("written", sa.Integer(), nullable=False),
        sa.Column("lost", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(500), nullable=True),
        sa.Column("expires_at", UTCDateTime(), nullable=True),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.Column("fetched_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(f"state IN ({states})", name=op.f("ck_core_export_file_state")),
        _key(table, "account_id", "core_account", "SET NULL"),
        _key(table, "entry_id", "core_export_entry", "CASCADE"),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_core_export_file")),
    )
    op.create_index("ix_core_export_file_account_id_state", table, ["account_id", "state"])
    op.create_index("ix_core_export_file_state_expires_at", table, ["state", "expires_at"])


def _create_looks() -> None:
    table = "core_look"
    op.create_table(
        table,
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("account_id", BigIntegerKey, nullable=True),
        sa.Column("actor_id", BigIntegerKey, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("record_id", BigIntegerKey, nullable=False),
        sa.Column("what", sa.String(20), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("looked_at", UTCDateTime(), nullable=False),
        _key(table, "account_id", "core_account", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_look")),
        sa.UniqueConstraint(
            "actor_id",
            "kind",
            "record_id",
            "what",
            "hour",
            name=op.f("uq_core_look_actor_id_kind_record_id_what_hour"),
        ),
    )
    op.create_index(op.f("ix_core_look_account_id"), table, ["account_id"])
    op.create_index("ix_core_look_kind_record_id_id", table, ["kind", "record_id", "id"])
    op.create_index("ix_core_look_looked_at_id", table, ["looked_at", "id"])


def downgrade() -> None:
    for table in ("core_look", "core_export_file", "core_export_entry"):
        op.drop_table(table)
