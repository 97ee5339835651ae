"""Remembered devices, known browsers, delays of log-ins and what a session was opened with.

The table of sessions is made anew: what it held knew neither methods nor devices, so everyone
logs in once more after this upgrade.
"""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, UTCDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_remembered_devices()
    op.drop_table("core_login_session")
    _create_sessions()
    _create_known_browsers()
    _create_delays()


def downgrade() -> None:
    for table in ("core_log_in_delay", "core_known_browser", "core_login_session", "core_remembered_device"):
        op.drop_table(table)
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
        _account_key("core_login_session"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_login_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_core_login_session_token_hash")),
    )
    op.create_index(op.f("ix_core_login_session_account_id"), "core_login_session", ["account_id"])
    op.create_index(op.f("ix_core_login_session_expires_at"), "core_login_session", ["expires_at"])


def _account_key(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["account_id"],
        ["core_account.id"],
        name=op.f(f"fk_{table}_account_id_core_account"),
        ondelete="CASCADE",
    )


def _create_remembered_devices() -> None:
    op.create_table(
        "core_remembered_device",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("account_id", BigIntegerKey, nullable=False),
        sa.Column("selector_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("validator_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(32), nullable=True),
        sa.Column("rotated_at", UTCDateTime(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("device", sa.String(80), nullable=False),
        sa.Column("network", sa.String(64), nullable=False),
        _account_key("core_remembered_device"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_remembered_device")),
        sa.UniqueConstraint("selector_hash", name=op.f("uq_core_remembered_device_selector_hash")),
    )
    for column in ("account_id", "expires_at"):
        op.create_index(op.f(f"ix_core_remembered_device_{column}"), "core_remembered_device", [column])


def _create_sessions() -> None:
    op.create_table(
        "core_login_session",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("token_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("account_id", BigIntegerKey, nullable=False),
        sa.Column("device_id", BigIntegerKey, nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("last_seen_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("authenticated_at", UTCDateTime(), nullable=True),
        sa.Column("methods", sa.String(100), nullable=False),
        sa.Column("device", sa.String(80), nullable=False),
        sa.Column("network", sa.String(64), nullable=False),
        _account_key("core_login_session"),
        sa.ForeignKeyConstraint(
            ["device_id"],
            ["core_remembered_device.id"],
            name=op.f("fk_core_login_session_device_id_core_remembered_device"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_login_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_core_login_session_token_hash")),
    )
    for column in ("account_id", "device_id", "expires_at"):
        op.create_index(op.f(f"ix_core_login_session_{column}"), "core_login_session", [column])


def _create_known_browsers() -> None:
    op.create_table(
        "core_known_browser",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("account_id", BigIntegerKey, nullable=False),
        sa.Column("token_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("last_seen_at", UTCDateTime(), nullable=False),
        _account_key("core_known_browser"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_known_browser")),
        sa.UniqueConstraint(
            "account_id", "token_hash", name=op.f("uq_core_known_browser_account_id_token_hash")
        ),
    )
    op.create_index(op.f("ix_core_known_browser_last_seen_at"), "core_known_browser", ["last_seen_at"])


def _create_delays() -> None:
    op.create_table(
        "core_log_in_delay",
        sa.Column("scope", sa.String(20), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("wait_until", UTCDateTime(), nullable=False),
        sa.Column("forget_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key_hash", name=op.f("pk_core_log_in_delay")),
    )
    op.create_index(op.f("ix_core_log_in_delay_forget_at"), "core_log_in_delay", ["forget_at"])
