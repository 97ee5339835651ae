"""How tiers are paid for, applications, invoices, payments and seats."""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, JSONDocument, UTCDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "member_tiers_plan",
        sa.Column("tier_id", BigIntegerKey, nullable=False),
        sa.Column("methods", JSONDocument, nullable=False),
        sa.Column("due_days", sa.Integer(), nullable=False),
        sa.Column("tax_rate", sa.Integer(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.CheckConstraint("tax_rate IN (0, 8, 10)", name=op.f("ck_member_tiers_plan_tax_rate")),
        sa.CheckConstraint("due_days BETWEEN 0 AND 365", name=op.f("ck_member_tiers_plan_due_days")),
        sa.CheckConstraint("seats BETWEEN 0 AND 999", name=op.f("ck_member_tiers_plan_seats")),
        sa.ForeignKeyConstraint(
            ["tier_id"],
            ["member_tiers_tier.id"],
            name=op.f("fk_member_tiers_plan_tier_id_member_tiers_tier"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tier_id", name=op.f("pk_member_tiers_plan")),
    )
    op.create_table(
        "member_tiers_application",
        sa.Column("membership_id", BigIntegerKey, nullable=False),
        sa.Column("method", sa.String(10), nullable=False),
        sa.Column("message", sa.String(1000), nullable=False),
        sa.Column("refusal", sa.String(500), nullable=False),
        sa.Column("applied_at", UTCDateTime(), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["membership_id"],
            ["member_tiers_membership.id"],
            name=op.f("fk_member_tiers_application_membership"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("membership_id", name=op.f("pk_member_tiers_application")),
    )
    _make_money()
    _make_seats()


def _make_money() -> None:
    op.create_table(
        "member_tiers_invoice",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("customer_id", BigIntegerKey, nullable=True),
        sa.Column("membership_id", BigIntegerKey, nullable=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("title_ja", sa.String(200), nullable=False),
        sa.Column("title_en", sa.String(200), nullable=False),
        sa.Column("addressee", sa.String(200), nullable=False),
        sa.Column("joining_fee", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("tax_rate", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(10), nullable=False),
        sa.Column("reference", sa.String(60), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.Column("covers_from", sa.Date(), nullable=True),
        sa.Column("covers_until", sa.Date(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'part', 'paid', 'failed', 'void')", name=op.f("ck_member_tiers_invoice_state")
        ),
        sa.CheckConstraint("kind IN ('join', 'renewal')", name=op.f("ck_member_tiers_invoice_kind")),
        sa.CheckConstraint(
            "method IN ('manual', 'bank', 'konbini')", name=op.f("ck_member_tiers_invoice_method")
        ),
        sa.CheckConstraint("joining_fee >= 0 AND fee >= 0", name=op.f("ck_member_tiers_invoice_amounts")),
        sa.CheckConstraint("paid >= 0", name=op.f("ck_member_tiers_invoice_paid")),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["core_customer.id"],
            name=op.f("fk_member_tiers_invoice_customer_id_core_customer"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["membership_id"],
            ["member_tiers_membership.id"],
            name=op.f("fk_member_tiers_invoice_membership_id_member_tiers_membership"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_tiers_invoice")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_member_tiers_invoice_customer_id_state", "member_tiers_invoice", ["customer_id", "state"]
    )
    op.create_index("ix_member_tiers_invoice_state_due_on", "member_tiers_invoice", ["state", "due_on"])
    op.create_index(op.f("ix_member_tiers_invoice_membership_id"), "member_tiers_invoice", ["membership_id"])
    op.create_table(
        "member_tiers_payment",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("invoice_id", BigIntegerKey, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.String(20), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("note", sa.String(300), nullable=False),
        sa.Column("account_id", BigIntegerKey, nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_member_tiers_payment_amount")),
        sa.ForeignKeyConstraint(
            ["invoice_id"],
            ["member_tiers_invoice.id"],
            name=op.f("fk_member_tiers_payment_invoice_id_member_tiers_invoice"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["core_account.id"],
            name=op.f("fk_member_tiers_payment_account_id_core_account"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_tiers_payment")),
        sa.UniqueConstraint("key", name=op.f("uq_member_tiers_payment_key")),
    )
    op.create_index(op.f("ix_member_tiers_payment_invoice_id"), "member_tiers_payment", ["invoice_id"])


def _make_seats() -> None:
    op.create_table(
        "member_tiers_seat",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("membership_id", BigIntegerKey, nullable=False),
        sa.Column("given_id", BigIntegerKey, nullable=True),
        sa.Column("customer_id", BigIntegerKey, nullable=True),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=True),
        sa.Column("invited_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=True),
        sa.Column("taken_at", UTCDateTime(), nullable=True),
        sa.Column("removed_at", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["membership_id"],
            ["member_tiers_membership.id"],
            name=op.f("fk_member_tiers_seat_membership_id_member_tiers_membership"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["given_id"],
            ["member_tiers_membership.id"],
            name=op.f("fk_member_tiers_seat_given_id_member_tiers_membership"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["core_customer.id"],
            name=op.f("fk_member_tiers_seat_customer_id_core_customer"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_tiers_seat")),
        sa.UniqueConstraint("given_id", name=op.f("uq_member_tiers_seat_given_id")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_member_tiers_seat_secret_hash")),
    )
    op.create_index(
        "ix_member_tiers_seat_membership_id_removed_at", "member_tiers_seat", ["membership_id", "removed_at"]
    )
    op.create_index(op.f("ix_member_tiers_seat_customer_id"), "member_tiers_seat", ["customer_id"])


def downgrade() -> None:
    for name in ("seat", "payment", "invoice", "application", "plan"):
        op.drop_table(f"member_tiers_{name}")
