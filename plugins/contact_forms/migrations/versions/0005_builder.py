"""own messages, schedule, entry limit and versions of forms"""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, JSONDocument, UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

FORM = "contact_forms_form"


def upgrade() -> None:
    op.add_column(FORM, sa.Column("messages", JSONDocument, nullable=False, server_default="{}"))
    op.add_column(FORM, sa.Column("opens_at", UTCDateTime(), nullable=True))
    op.add_column(FORM, sa.Column("closes_at", UTCDateTime(), nullable=True))
    op.add_column(FORM, sa.Column("entry_limit", sa.Integer(), nullable=True))
    op.create_table(
        "contact_forms_version",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("form_id", BigIntegerKey, nullable=False),
        sa.Column("account_id", BigIntegerKey, nullable=True),
        sa.Column("saved_at", UTCDateTime(), nullable=False),
        sa.Column("content", JSONDocument, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_contact_forms_version"),
        sa.ForeignKeyConstraint(
            ["form_id"],
            ["contact_forms_form.id"],
            name="fk_contact_forms_version_form_id_contact_forms_form",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["core_account.id"],
            name="fk_contact_forms_version_account_id_core_account",
            ondelete="SET NULL",
        ),
    )
    op.create_index("ix_contact_forms_version_form", "contact_forms_version", ["form_id", "id"])


def downgrade() -> None:
    op.drop_table("contact_forms_version")
    for name in ("entry_limit", "closes_at", "opens_at", "messages"):
        op.drop_column(FORM, name)
