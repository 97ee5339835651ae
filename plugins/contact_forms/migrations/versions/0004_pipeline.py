"""counted receipt numbers; what was learned of spam, traces of refused attempts"""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, JSONDocument, UTCDateTime

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
    table = "contact_forms_submission"
    op.add_column(table, sa.Column("spam_detail", JSONDocument, nullable=False, server_default="{}"))
    op.add_column(table, sa.Column("cleared", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column(table, sa.Column("learned", sa.String(10), nullable=False, server_default=""))
    op.add_column(table, sa.Column("origin", JSONDocument, nullable=False, server_default="{}"))
    op.add_column(table, sa.Column("customer_changes", JSONDocument, nullable=False, server_default="{}"))
    op.create_table(
        "contact_forms_learned_token",
        sa.Column("token", sa.String(40), nullable=False),
        sa.Column("real", sa.Integer(), nullable=False),
        sa.Column("spam", sa.Integer(), nullable=False),
        sa.Column("pitch", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_contact_forms_learned_token"),
    )
    op.create_table(
        "contact_forms_attempt",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("form_id", BigIntegerKey, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("fate", sa.String(20), nullable=False),
        sa.Column("rule", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_contact_forms_attempt"),
        sa.ForeignKeyConstraint(
            ["form_id"],
            ["contact_forms_form.id"],
            name="fk_contact_forms_attempt_form_id_contact_forms_form",
            ondelete="CASCADE",
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_contact_forms_attempt_at", "contact_forms_attempt", ["at"])
    op.create_index("ix_contact_forms_attempt_form", "contact_forms_attempt", ["form_id", "at"])
    op.create_table(
        "contact_forms_routing_turn",
        sa.Column("form_id", BigIntegerKey, nullable=False),
        sa.Column("rule", sa.String(20), nullable=False),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("form_id", "rule", name="pk_contact_forms_routing_turn"),
        sa.ForeignKeyConstraint(
            ["form_id"],
            ["contact_forms_form.id"],
            name="fk_contact_forms_routing_turn_form_id_contact_forms_form",
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    op.drop_table("contact_forms_routing_turn")
    op.drop_table("contact_forms_attempt")
    op.drop_table("contact_forms_learned_token")
    for name in ("spam_detail", "cleared", "learned", "origin", "customer_changes"):
        op.drop_column("contact_forms_submission", name)
    op.drop_table("contact_forms_receipt_counter")
    op.drop_column("contact_forms_form", "handling")
