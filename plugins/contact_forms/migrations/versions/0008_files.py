"""the files that came with messages"""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, UTCDateTime

revision = "0008"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    table = "contact_forms_file"
    op.create_table(
        table,
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("form_id", BigIntegerKey, nullable=False),
        sa.Column("submission_id", BigIntegerKey, nullable=True),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("token_digest", sa.String(64), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("stored", sa.String(64), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("detail", sa.String(200), nullable=False),
        sa.Column("held_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_contact_forms_file"),
        sa.ForeignKeyConstraint(
            ["form_id"],
            ["contact_forms_form.id"],
            name="fk_contact_forms_file_form_id_contact_forms_form",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["contact_forms_submission.id"],
            name="fk_contact_forms_file_submission_id_contact_forms_submission",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("token_digest", name="uq_contact_forms_file_token_digest"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_contact_forms_file_submission", table, ["submission_id"])
    op.create_index("ix_contact_forms_file_form_id", table, ["form_id"])
    op.create_index("ix_contact_forms_file_stored", table, ["stored"])
    held = sa.text("submission_id IS NULL")
    op.create_index(
        "ix_contact_forms_file_held", table, ["held_at"], sqlite_where=held, postgresql_where=held
    )
    unchecked = sa.text("state = 'unchecked'")
    op.create_index(
        "ix_contact_forms_file_unchecked",
        table,
        ["id"],
        sqlite_where=unchecked,
        postgresql_where=unchecked,
    )


def downgrade() -> None:
    op.drop_table("contact_forms_file")
