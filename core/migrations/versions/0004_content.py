"""Pages and menus."""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, JSONDocument, UTCDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "core_page",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("slug", sa.String(120), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("excerpt", sa.Text(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("visibility", sa.String(20), nullable=False),
        sa.Column("rule", JSONDocument, nullable=True),
        sa.Column("options", JSONDocument, nullable=False),
        sa.Column("enclosing_tags", JSONDocument, nullable=False),
        sa.Column("published_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_core_page"),
        sa.UniqueConstraint("slug", name="uq_core_page_slug"),
        sa.CheckConstraint("status IN ('draft', 'published')", name=op.f("ck_core_page_status")),
        sa.CheckConstraint(
            "visibility IN ('public', 'members', 'restricted')", name=op.f("ck_core_page_visibility")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_core_page_status_published_at", "core_page", ["status", "published_at"])
    op.create_table(
        "core_menu_entry",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("menu", sa.String(20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(100), nullable=False),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("page_id", BigIntegerKey, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_core_menu_entry"),
        sa.ForeignKeyConstraint(
            ["page_id"], ["core_page.id"], name="fk_core_menu_entry_page_id_core_page", ondelete="CASCADE"
        ),
        sa.CheckConstraint("menu IN ('header', 'footer')", name=op.f("ck_core_menu_entry_menu")),
    )
    op.create_index("ix_core_menu_entry_menu_position", "core_menu_entry", ["menu", "position"])


def downgrade() -> None:
    op.drop_table("core_menu_entry")
    op.drop_table("core_page")
