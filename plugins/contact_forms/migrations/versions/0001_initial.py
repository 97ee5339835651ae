"""forms, their fields and the submissions"""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, JSONDocument, UTCDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contact_forms_form",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("slug", sa.String(80), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("intro", sa.Text(), nullable=False),
        sa.Column("submit_label", sa.String(60), nullable=False),
        sa.Column("thanks_message", sa.Text(), nullable=False),
        sa.Column("notice_to", JSONDocument, nullable=False),
        sa.Column("auto_reply", sa.Boolean(), nullable=False),
        sa.Column("auto_reply_subject", sa.String(200), nullable=False),
        sa.Column("auto_reply_body", sa.Text(), nullable=False),
        sa.Column("auto_reply_copy", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.String(32), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_contact_forms_form"),
        sa.UniqueConstraint("slug", name="uq_contact_forms_form_slug"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "contact_forms_field",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("form_id", BigIntegerKey, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("type", sa.String(20), nullable=False),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("help", sa.String(500), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("saves_as", sa.String(20), nullable=False),
        sa.Column("options", JSONDocument, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_contact_forms_field"),
        sa.ForeignKeyConstraint(
            ["form_id"],
            ["contact_forms_form.id"],
            name="fk_contact_forms_field_form_id_contact_forms_form",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("form_id", "key", name="uq_contact_forms_field_form_id_key"),
    )
    op.create_table(
        "contact_forms_submission",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("form_id", BigIntegerKey, nullable=False),
        sa.Column("customer_id", BigIntegerKey, nullable=True),
        sa.Column("receipt", sa.String(40), nullable=False),
        sa.Column("once_key", sa.String(64), nullable=False),
        sa.Column("folder", sa.String(10), nullable=False),
        sa.Column("trashed_from", sa.String(10), nullable=True),
        sa.Column("is_read", sa.Boolean(), nullable=False),
        sa.Column("spam_reason", sa.String(20), nullable=False),
        sa.Column("sender_name", sa.String(200), nullable=False),
        sa.Column("sender_email", sa.String(254), nullable=False),
        sa.Column("sender_key", sa.String(254), nullable=False),
        sa.Column("answers", JSONDocument, nullable=False),
        sa.Column("language", sa.String(5), nullable=False),
        sa.Column("page_path", sa.String(200), nullable=False),
        sa.Column("user_agent", sa.String(300), nullable=False),
        sa.Column("submitted_at", UTCDateTime(), nullable=False),
        sa.Column("moved_at", UTCDateTime(), nullable=True),
        sa.Column("accepted_at", UTCDateTime(), nullable=True),
        sa.Column("accepts_alone", sa.Boolean(), nullable=False),
        sa.Column("may_reply", sa.Boolean(), nullable=False),
        sa.Column("auto_replied_at", UTCDateTime(), nullable=True),
        sa.Column("erased_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_contact_forms_submission"),
        sa.ForeignKeyConstraint(
            ["form_id"],
            ["contact_forms_form.id"],
            name="fk_contact_forms_submission_form_id_contact_forms_form",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["core_customer.id"],
            name="fk_contact_forms_submission_customer_id_core_customer",
            ondelete="SET NULL",
        ),
        sa.UniqueConstraint("form_id", "receipt", name="uq_contact_forms_submission_form_id_receipt"),
        sa.UniqueConstraint("once_key", name="uq_contact_forms_submission_once_key"),
        sqlite_autoincrement=True,
    )
    table = "contact_forms_submission"
    op.create_index("ix_contact_forms_submission_folder", table, ["folder", "submitted_at", "id"])
    op.create_index("ix_contact_forms_submission_form", table, ["form_id", "folder", "submitted_at", "id"])
    op.create_index("ix_contact_forms_submission_customer", table, ["customer_id", "submitted_at"])
    op.create_index("ix_contact_forms_submission_sender", table, ["sender_key", "submitted_at"])
    op.create_index(
        "ix_contact_forms_submission_waiting",
        table,
        ["folder", "accepts_alone", "id"],
        sqlite_where=sa.text("accepted_at IS NULL"),
        postgresql_where=sa.text("accepted_at IS NULL"),
    )
    op.create_index(
        "ix_contact_forms_submission_unread",
        table,
        ["folder", "submitted_at", "id"],
        sqlite_where=sa.text("is_read IS 0"),
        postgresql_where=sa.text("is_read IS false"),
    )


def downgrade() -> None:
    op.drop_table("contact_forms_submission")
    op.drop_table("contact_forms_field")
    op.drop_table("contact_forms_form")
