"""Jobs and the mail outbox."""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, JSONDocument, UTCDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "core_job",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("owner", sa.String(60), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("payload", JSONDocument, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("run_at", UTCDateTime(), nullable=False),
        sa.Column("lease_owner", sa.String(32), nullable=True),
        sa.Column("lease_until", UTCDateTime(), nullable=True),
        sa.Column("idempotency_key", sa.String(200), nullable=True),
        sa.Column("progress_done", sa.Integer(), nullable=True),
        sa.Column("progress_total", sa.Integer(), nullable=True),
        sa.Column("last_error", sa.String(500), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=True),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed', 'dead')", name=op.f("ck_core_job_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_job")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_core_job_idempotency_key")),
    )
    op.create_index("ix_core_job_state", "core_job", ["state", "run_at"])
    op.create_table(
        "core_mail_outbox",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("template", sa.String(120), nullable=False),
        sa.Column("to_address", sa.String(320), nullable=False),
        sa.Column("to_key", sa.String(320), nullable=False),
        sa.Column("subject", sa.String(500), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("language", sa.String(5), nullable=False),
        sa.Column("headers", JSONDocument, nullable=False),
        sa.Column("message_id", sa.String(250), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", UTCDateTime(), nullable=False),
        sa.Column("lease_owner", sa.String(32), nullable=True),
        sa.Column("lease_until", UTCDateTime(), nullable=True),
        sa.Column("idempotency_key", sa.String(200), nullable=True),
        sa.Column("related_kind", sa.String(60), nullable=True),
        sa.Column("related_id", sa.BigInteger(), nullable=True),
        sa.Column("last_error", sa.String(500), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("sent_at", UTCDateTime(), nullable=True),
        sa.Column("handled_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'failed', 'dead', 'unknown')",
            name=op.f("ck_core_mail_outbox_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_mail_outbox")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_core_mail_outbox_idempotency_key")),
    )
    op.create_index("ix_core_mail_outbox_state", "core_mail_outbox", ["state", "handled_at"])
    op.create_index("ix_core_mail_outbox_related", "core_mail_outbox", ["related_kind", "related_id"])
    op.create_index("ix_core_mail_outbox_to_key", "core_mail_outbox", ["to_key"])


def downgrade() -> None:
    op.drop_table("core_mail_outbox")
    op.drop_table("core_job")
