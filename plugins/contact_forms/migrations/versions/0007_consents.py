"""the ledger of consents"""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, JSONDocument, UTCDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    table = "contact_forms_consent"
    op.create_table(
        table,
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("form_id", BigIntegerKey, nullable=True),
        sa.Column("submission_id", BigIntegerKey, nullable=True),
        sa.Column("customer_id", BigIntegerKey, nullable=True),
        sa.Column("form_title", sa.String(200), nullable=False),
        sa.Column("receipt", sa.String(40), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("version", sa.String(12), nullable=False),
        sa.Column("subject", sa.String(254), nullable=False),
        sa.Column("subject_key", sa.String(254), nullable=False),
        sa.Column("evidence", JSONDocument, nullable=False),
        sa.Column("given_at", UTCDateTime(), nullable=False),
        sa.Column("withdrawn_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_contact_forms_consent"),
        sa.ForeignKeyConstraint(
            ["form_id"],
            ["contact_forms_form.id"],
            name="fk_contact_forms_consent_form_id_contact_forms_form",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["contact_forms_submission.id"],
            name="fk_contact_forms_consent_submission_id_contact_forms_submission",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["core_customer.id"],
            name="fk_contact_forms_consent_customer_id_core_customer",
            ondelete="SET NULL",
        ),
        sa.UniqueConstraint("submission_id", "key", name="uq_contact_forms_consent_submission_id_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_contact_forms_consent_given", table, ["given_at", "id"])
    op.create_index("ix_contact_forms_consent_customer", table, ["customer_id"])
    op.create_index("ix_contact_forms_consent_subject", table, ["subject_key"])


def downgrade() -> None:
    op.drop_table("contact_forms_consent")
