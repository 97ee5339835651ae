"""Named rules, defaults of sections, metered reading."""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, JSONDocument, UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _key(table: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))


def upgrade() -> None:
    rule = "member_tiers_access_rule"
    op.create_table(
        rule,
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("title", sa.String(100), nullable=False),
        sa.Column("condition", JSONDocument),
        sa.Column("display", sa.String(10), nullable=False),
        sa.Column("message", sa.String(300), nullable=False),
        sa.Column("offer_text", sa.String(200), nullable=False),
        sa.Column("offer_url", sa.String(500), nullable=False),
        sa.Column("drip_days", sa.Integer, nullable=False),
        sa.Column("opens_at", UTCDateTime),
        sa.Column("closes_at", UTCDateTime),
        sa.Column("is_metered", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", UTCDateTime, nullable=False),
        sa.Column("updated_at", UTCDateTime, nullable=False),
        sa.CheckConstraint("display IN ('not_found', 'teaser', 'redirect')", name=op.f(f"ck_{rule}_display")),
        sa.CheckConstraint("drip_days >= 0", name=op.f(f"ck_{rule}_drip_days")),
        sa.UniqueConstraint("key", name=op.f(f"uq_{rule}_key")),
        _key(rule),
    )
    default = "member_tiers_default_rule"
    op.create_table(
        default,
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("prefix", sa.String(120), nullable=False),
        sa.Column("rule_id", BigIntegerKey, nullable=False),
        sa.ForeignKeyConstraint(
            ["rule_id"], [f"{rule}.id"], name=op.f(f"fk_{default}_rule_id_{rule}"), ondelete="RESTRICT"
        ),
        sa.UniqueConstraint("prefix", name=op.f(f"uq_{default}_prefix")),
        _key(default),
    )
    op.create_index(f"ix_{default}_rule_id", default, ["rule_id"])
    allowance = "member_tiers_read_allowance"
    op.create_table(
        allowance,
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("who", sa.String(40), nullable=False),
        sa.Column("per_month", sa.Integer, nullable=False),
        sa.CheckConstraint("per_month >= 0", name=op.f(f"ck_{allowance}_per_month")),
        sa.UniqueConstraint("who", name=op.f(f"uq_{allowance}_who")),
        _key(allowance),
    )
    read = "member_tiers_metered_read"
    op.create_table(
        read,
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("customer_id", BigIntegerKey, nullable=False),
        sa.Column("month", sa.Date, nullable=False),
        sa.Column("content_kind", sa.String(40), nullable=False),
        sa.Column("content_id", sa.BigInteger, nullable=False),
        sa.Column("read_at", UTCDateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["core_customer.id"],
            name=op.f(f"fk_{read}_customer_id_core_customer"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "customer_id",
            "month",
            "content_kind",
            "content_id",
            name="uq_member_tiers_metered_read_once",
        ),
        _key(read),
    )
    op.create_index(f"ix_{read}_month", read, ["month"])


def downgrade() -> None:
    for table in ("metered_read", "read_allowance", "default_rule", "access_rule"):
        op.drop_table(f"member_tiers_{table}")
