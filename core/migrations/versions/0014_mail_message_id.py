"""Mails are found by their Message-ID when answers and returned mails name it."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_core_mail_outbox_message_id", "core_mail_outbox", ["message_id"])


def downgrade() -> None:
    op.drop_index("ix_core_mail_outbox_message_id", "core_mail_outbox")
