"""Runs, the map of what was taken, and what was not."""

import sqlalchemy as sa
from alembic import op

from core.api import BigIntegerKey, JSONDocument, UTCDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

STATES = "'looking', 'ready', 'checking', 'checked', 'running', 'stopped', 'done', 'cancelled', 'failed'"


def upgrade() -> None:
    op.create_table(
        "wordpress_import_run",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("shown", sa.String(300), nullable=False),
        sa.Column("files", JSONDocument, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("site", sa.String(200), nullable=False),
        sa.Column("prefix", sa.String(60), nullable=False),
        sa.Column("found", JSONDocument, nullable=False),
        sa.Column("settings", JSONDocument, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("problem", sa.String(500), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("counts", JSONDocument, nullable=False),
        sa.Column("report", JSONDocument, nullable=True),
        sa.Column("job_id", BigIntegerKey, nullable=True),
        sa.Column("account_id", BigIntegerKey, nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=True),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(f"state IN ({STATES})", name=op.f("ck_wordpress_import_run_state")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["core_account.id"],
            name=op.f("fk_wordpress_import_run_account_id_core_account"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wordpress_import_run")),
    )
    op.create_index(op.f("ix_wordpress_import_run_account_id"), "wordpress_import_run", ["account_id"])
    op.create_index(op.f("ix_wordpress_import_run_created_at"), "wordpress_import_run", ["created_at"])
    op.create_table(
        "wordpress_import_seen",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("site", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("run_id", BigIntegerKey, nullable=True),
        sa.Column("customer_id", BigIntegerKey, nullable=True),
        sa.Column("target_id", sa.BigInteger(), nullable=True),
        sa.Column("url", sa.String(200), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("written", JSONDocument, nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("taken_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["wordpress_import_run.id"],
            name=op.f("fk_wordpress_import_seen_run_id_wordpress_import_run"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["core_customer.id"],
            name=op.f("fk_wordpress_import_seen_customer_id_core_customer"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wordpress_import_seen")),
        sa.UniqueConstraint(
            "site", "kind", "source_id", name=op.f("uq_wordpress_import_seen_site_kind_source_id")
        ),
    )
    op.create_index(op.f("ix_wordpress_import_seen_customer_id"), "wordpress_import_seen", ["customer_id"])
    op.create_index("ix_wordpress_import_seen_run_kind", "wordpress_import_seen", ["run_id", "kind", "id"])
    op.create_table(
        "wordpress_import_line",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("run_id", BigIntegerKey, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("message", sa.String(500), nullable=False),
        sa.Column("url", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["wordpress_import_run.id"],
            name=op.f("fk_wordpress_import_line_run_id_wordpress_import_run"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wordpress_import_line")),
    )
    op.create_index("ix_wordpress_import_line_run_id_id", "wordpress_import_line", ["run_id", "id"])


def downgrade() -> None:
    op.drop_table("wordpress_import_line")
    op.drop_table("wordpress_import_seen")
    op.drop_table("wordpress_import_run")
