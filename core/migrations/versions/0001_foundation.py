"""Accounts, roles, sessions, plugin state, throttle."""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, JSONDocument, UTCDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "core_site_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("settings", JSONDocument, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_core_site_state_single_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_site_state")),
    )
    op.create_table(
        "core_plugin",
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("has_tables", sa.Boolean(), nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("enabled_at", UTCDateTime(), nullable=True),
        sa.Column("settings", JSONDocument, nullable=False),
        sa.Column("error_count", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("last_error_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_core_plugin")),
    )
    op.create_table(
        "core_role",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("permissions", JSONDocument, nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('owner', 'staff', 'member')", name=op.f("ck_core_role_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_role")),
        sa.UniqueConstraint("name", name=op.f("uq_core_role_name")),
    )
    op.create_table(
        "core_account",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("email_key", sa.String(320), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=True),
        sa.Column("display_name", sa.String(200), nullable=False),
        sa.Column("language", sa.String(5), nullable=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("role_id", BigIntegerKey, nullable=False),
        sa.Column("customer_id", BigIntegerKey, nullable=True),
        sa.Column("last_login_at", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("state IN ('active', 'disabled')", name=op.f("ck_core_account_state")),
        sa.ForeignKeyConstraint(
            ["role_id"], ["core_role.id"], name=op.f("fk_core_account_role_id_core_role"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_account")),
        sa.UniqueConstraint("customer_id", name=op.f("uq_core_account_customer_id")),
        sa.UniqueConstraint("email_key", name=op.f("uq_core_account_email_key")),
    )
    op.create_index(op.f("ix_core_account_role_id"), "core_account", ["role_id"])
    op.create_table(
        "core_login_session",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("token_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("account_id", BigIntegerKey, nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("last_seen_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("authenticated_at", UTCDateTime(), nullable=False),
        sa.Column("network", sa.String(64), nullable=False),
        sa.Column("user_agent", sa.String(300), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["core_account.id"],
            name=op.f("fk_core_login_session_account_id_core_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_login_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_core_login_session_token_hash")),
    )
    op.create_index(op.f("ix_core_login_session_account_id"), "core_login_session", ["account_id"])
    op.create_index(op.f("ix_core_login_session_expires_at"), "core_login_session", ["expires_at"])
    op.create_table(
        "core_throttle",
        sa.Column("scope", sa.String(60), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("window", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key_hash", "window", name=op.f("pk_core_throttle")),
    )
    op.create_index(op.f("ix_core_throttle_ends_at"), "core_throttle", ["ends_at"])


def downgrade() -> None:
    for table in (
        "core_throttle",
        "core_login_session",
        "core_account",
        "core_role",
        "core_plugin",
        "core_site_state",
    ):
        op.drop_table(table)
