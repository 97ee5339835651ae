"""Kinds of contact that the owner defines; direction, result and pins of lines; mentions of colleagues."""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, UTCDateTime

revision = "0018"
down_revision = "0016"
branch_labels = None
depends_on = None

_FIRST = (
    ("note", "Note", "note"),
    ("call", "Phone call", "phone"),
    ("meeting", "Meeting", "users"),
    ("visit", "Visit", "map-pin"),
    ("mail", "Mail", "mail"),
    ("letter", "Letter", "send"),
)


def upgrade() -> None:
    kinds = op.create_table(
        "core_touch_kind",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("icon", sa.String(40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_archived", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_touch_kind")),
        sa.UniqueConstraint("name", name=op.f("uq_core_touch_kind_name")),
    )
    op.bulk_insert(
        kinds,
        [
            {"name": name, "title": title, "icon": icon, "position": place, "is_archived": False}
            for place, (name, title, icon) in enumerate(_FIRST, 1)
        ],
    )
    op.add_column("core_activity", sa.Column("direction", sa.String(3), nullable=True))
    op.add_column("core_activity", sa.Column("result", sa.String(20), nullable=True))
    op.add_column("core_activity", sa.Column("pinned_at", UTCDateTime(), nullable=True))
    op.create_index(
        *("ix_core_activity_pinned", "core_activity", ["customer_id"]),
        sqlite_where=sa.text("pinned_at IS NOT NULL"),
        postgresql_where=sa.text("pinned_at IS NOT NULL"),
    )
    op.create_table(
        "core_mention",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("activity_id", BigIntegerKey, nullable=False),
        sa.Column("account_id", BigIntegerKey, nullable=False),
        sa.Column("seen_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["core_activity.id"],
            name=op.f("fk_core_mention_activity_id_core_activity"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["core_account.id"],
            name=op.f("fk_core_mention_account_id_core_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_mention")),
        sa.UniqueConstraint("activity_id", "account_id", name=op.f("uq_core_mention_activity_id_account_id")),
    )
    op.create_index("ix_core_mention_account_id_seen_at", "core_mention", ["account_id", "seen_at"])


def downgrade() -> None:
    op.drop_table("core_mention")
    op.drop_index("ix_core_activity_pinned", "core_activity")
    for name in ("pinned_at", "result", "direction"):
        op.drop_column("core_activity", name)
    op.drop_table("core_touch_kind")
