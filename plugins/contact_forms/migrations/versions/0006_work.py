"""work on messages: status, person in charge, due date, history, labels, ready-made replies"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, JSONDocument, UTCDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLE = "contact_forms_submission"
IS_OPEN = "status != 'done'"
INDEXES = {
    "mine": (["assignee_id", "folder", "submitted_at", "id"], f"assignee_id IS NOT NULL AND {IS_OPEN}"),
    "unassigned": (["folder", "submitted_at", "id"], f"assignee_id IS NULL AND {IS_OPEN}"),
    "pending": (["folder", "submitted_at", "id"], "status = 'waiting'"),
    "due": (["folder", "due_on"], f"due_on IS NOT NULL AND {IS_OPEN}"),
    "assignee": (["assignee_id"], "assignee_id IS NOT NULL"),
}


def upgrade() -> None:
    _add_columns()
    for name, (columns, where) in INDEXES.items():
        condition = sa.text(where)
        op.create_index(
            f"ix_{TABLE}_{name}", TABLE, columns, sqlite_where=condition, postgresql_where=condition
        )
    op.create_table(
        "contact_forms_entry",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("submission_id", BigIntegerKey, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("account_id", BigIntegerKey, nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("data", JSONDocument, nullable=False),
        sa.Column("once_key", sa.String(80), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_contact_forms_entry"),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            [f"{TABLE}.id"],
            name="fk_contact_forms_entry_submission_id_contact_forms_submission",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["core_account.id"],
            name="fk_contact_forms_entry_account_id_core_account",
            ondelete="SET NULL",
        ),
        sa.UniqueConstraint("once_key", name="uq_contact_forms_entry_once_key"),
    )
    op.create_index("ix_contact_forms_entry_submission", "contact_forms_entry", ["submission_id", "id"])
    op.create_index("ix_contact_forms_entry_account", "contact_forms_entry", ["account_id"])
    op.create_table(
        "contact_forms_submission_label",
        sa.Column("submission_id", BigIntegerKey, nullable=False),
        sa.Column("label_id", BigIntegerKey, nullable=False),
        sa.PrimaryKeyConstraint("submission_id", "label_id", name="pk_contact_forms_submission_label"),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            [f"{TABLE}.id"],
            name="fk_contact_forms_submission_label_submission",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["label_id"],
            ["core_label.id"],
            name="fk_contact_forms_submission_label_label",
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        "ix_contact_forms_submission_label_label",
        "contact_forms_submission_label",
        ["label_id", "submission_id"],
    )
    op.create_table(
        "contact_forms_canned_reply",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("title", sa.String(100), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("language", sa.String(5), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_contact_forms_canned_reply"),
    )


def _add_columns() -> None:
    with _same_ids(), op.batch_alter_table(TABLE, table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.add_column(sa.Column("status", sa.String(10), nullable=False, server_default="new"))
        batch.add_column(sa.Column("assignee_id", BigIntegerKey, nullable=True))
        batch.add_column(sa.Column("due_on", sa.Date(), nullable=True))
        batch.create_foreign_key(
            f"fk_{TABLE}_assignee_id_core_account",
            "core_account",
            ["assignee_id"],
            ["id"],
            ondelete="SET NULL",
        )


@contextmanager
def _same_ids() -> Iterator[None]:
    """Keep SQLite from giving the ids of deleted messages away when it copies the table."""
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        yield
        return
    last = connection.scalar(sa.text("SELECT seq FROM sqlite_sequence WHERE name = :t"), {"t": TABLE})
    yield
    if last is not None:
        connection.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :t"), {"t": TABLE})
        insert = sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:t, :seq)")
        connection.execute(insert, {"t": TABLE, "seq": last})


def downgrade() -> None:
    for table in ("canned_reply", "submission_label", "entry"):
        op.drop_table(f"contact_forms_{table}")
    for name in INDEXES:
        op.drop_index(f"ix_{TABLE}_{name}", TABLE)
    with _same_ids(), op.batch_alter_table(TABLE, table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.drop_column("due_on")
        batch.drop_column("assignee_id")
        batch.drop_column("status")
