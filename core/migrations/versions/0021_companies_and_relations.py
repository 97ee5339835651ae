"""Companies with number and group, contact persons, people around a customer, and freshness."""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, UTCDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_KINDS = "kind IN ('spouse', 'parent', 'sibling', 'family', 'referrer', 'friend', 'colleague')"


def upgrade() -> None:
    op.add_column("core_company", sa.Column("corporate_number", sa.String(13), nullable=True))
    op.create_index(op.f("ix_core_company_corporate_number"), "core_company", ["corporate_number"])
    op.create_table(
        "core_company_parent",
        sa.Column("company_id", BigIntegerKey, autoincrement=False, nullable=False),
        sa.Column("parent_id", BigIntegerKey, nullable=False),
        sa.CheckConstraint("company_id <> parent_id", name=op.f("ck_core_company_parent_not_itself")),
        _reference("core_company_parent", "company_id", "core_company"),
        _reference("core_company_parent", "parent_id", "core_company"),
        sa.PrimaryKeyConstraint("company_id", name=op.f("pk_core_company_parent")),
    )
    op.create_index(op.f("ix_core_company_parent_parent_id"), "core_company_parent", ["parent_id"])

    op.create_table(
        "core_relation",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("customer_id", BigIntegerKey, nullable=False),
        sa.Column("other_id", BigIntegerKey, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("note", sa.String(200), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(_KINDS, name=op.f("ck_core_relation_kind")),
        sa.CheckConstraint("customer_id <> other_id", name=op.f("ck_core_relation_not_themselves")),
        _reference("core_relation", "customer_id", "core_customer"),
        _reference("core_relation", "other_id", "core_customer"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_relation")),
        sa.UniqueConstraint(
            *("customer_id", "other_id", "kind"), name=op.f("uq_core_relation_customer_id_other_id_kind")
        ),
    )
    op.create_index(op.f("ix_core_relation_other_id"), "core_relation", ["other_id"])

    op.add_column("core_customer", sa.Column("is_contact_person", sa.Boolean(), nullable=True))
    op.add_column("core_customer", sa.Column("fresh_on", sa.Date(), nullable=True))
    op.execute("UPDATE core_customer SET fresh_on = COALESCE(last_confirmed_on, DATE(created_at))")
    op.create_index("ix_core_customer_fresh_on_id", "core_customer", ["fresh_on", "id"])


def _reference(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{to}")
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name, ondelete="CASCADE")


def downgrade() -> None:
    op.drop_index("ix_core_customer_fresh_on_id", "core_customer")
    op.drop_column("core_customer", "fresh_on")
    op.drop_column("core_customer", "is_contact_person")
    op.drop_table("core_relation")
    op.drop_table("core_company_parent")
    op.drop_index(op.f("ix_core_company_corporate_number"), "core_company")
    op.drop_column("core_company", "corporate_number")
