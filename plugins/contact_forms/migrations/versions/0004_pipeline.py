"""counted receipt numbers"""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, JSONDocument

revision = "0004"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "contact_forms_form", sa.Column("handling", JSONDocument, nullable=False, server_default="{}")
    )
    op.create_table(
        "contact_forms_receipt_counter",
        sa.Column("form_id", BigIntegerKey, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("form_id", "year", name="pk_contact_forms_receipt_counter"),
        sa.ForeignKeyConstraint(
            ["form_id"],
            ["contact_forms_form.id"],
            name="fk_contact_forms_receipt_counter_form_id_contact_forms_form",
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    op.drop_table("contact_forms_receipt_counter")
    op.drop_column("contact_forms_form", "handling")
