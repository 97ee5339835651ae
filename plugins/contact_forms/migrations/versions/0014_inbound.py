"""mail that comes in"""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, JSONDocument, UTCDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contact_forms_mailbox",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("has_plus", sa.Boolean(), nullable=False),
        sa.Column("host", sa.String(200), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("security", sa.String(10), nullable=False),
        sa.Column("user", sa.String(254), nullable=False),
        sa.Column("sealed_password", sa.LargeBinary(), nullable=True),
        sa.Column("folder", sa.String(200), nullable=False),
        sa.Column("move_to", sa.String(200), nullable=False),
        sa.Column("uid_validity", sa.String(20), nullable=False),
        sa.Column("last_uid", sa.BigInteger(), nullable=False),
        sa.Column("checked_at", UTCDateTime(), nullable=True),
        sa.Column("worked_at", UTCDateTime(), nullable=True),
        sa.Column("problem", sa.String(500), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_contact_forms_mailbox"),
    )
    table = "contact_forms_incoming"
    op.create_table(
        table,
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("uid_validity", sa.String(20), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("is_filed", sa.Boolean(), nullable=False),
        sa.Column("fetched_at", UTCDateTime(), nullable=False),
        sa.Column("fate", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("submission_id", BigIntegerKey, nullable=True),
        sa.Column("message_id", sa.String(250), nullable=False),
        sa.Column("from_name", sa.String(200), nullable=False),
        sa.Column("from_address", sa.String(254), nullable=False),
        sa.Column("from_key", sa.String(254), nullable=False),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("sent_at", UTCDateTime(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("details", JSONDocument, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_contact_forms_incoming"),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["contact_forms_submission.id"],
            name="fk_contact_forms_incoming_submission",
            ondelete="SET NULL",
        ),
        sa.UniqueConstraint("key", name="uq_contact_forms_incoming_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_contact_forms_incoming_fate", table, ["fate", "id"])
    op.create_index("ix_contact_forms_incoming_sender", table, ["from_key", "fetched_at"])
    op.create_index("ix_contact_forms_incoming_submission", table, ["submission_id"])
    unfiled = sa.column("is_filed").is_(sa.false())
    op.create_index(
        "ix_contact_forms_incoming_unfiled", table, ["id"], sqlite_where=unfiled, postgresql_where=unfiled
    )


def downgrade() -> None:
    op.drop_table("contact_forms_incoming")
    op.drop_table("contact_forms_mailbox")
