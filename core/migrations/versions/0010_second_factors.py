"""Authenticator apps, passkeys, recovery codes and half-finished log-ins."""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, JSONDocument, UTCDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLES = (
    "core_passkey_challenge",
    "core_half_log_in",
    "core_recovery_code",
    "core_passkey",
    "core_totp_secret",
)


def upgrade() -> None:
    op.add_column(
        "core_account",
        sa.Column("has_second_factor", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "core_totp_secret",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("account_id", BigIntegerKey, nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(200), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("confirmed_at", UTCDateTime(), nullable=True),
        *_keys("core_totp_secret", unique=("account_id",)),
    )
    op.create_table(
        "core_passkey",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("account_id", BigIntegerKey, nullable=False),
        sa.Column("user_handle", sa.LargeBinary(64), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(1023), nullable=False),
        sa.Column("public_key", sa.LargeBinary(4096), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", JSONDocument, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("last_used_at", UTCDateTime(), nullable=True),
        *_keys("core_passkey", unique=("credential_id",)),
    )
    op.create_table(
        "core_recovery_code",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("account_id", BigIntegerKey, nullable=False),
        sa.Column("code_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("used_at", UTCDateTime(), nullable=True),
        *_keys("core_recovery_code", unique=("account_id", "code_hash")),
    )
    op.create_table(
        "core_half_log_in",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("token_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("account_id", BigIntegerKey, nullable=False),
        sa.Column("method", sa.String(20), nullable=False),
        sa.Column("remember", sa.Boolean(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        *_keys("core_half_log_in", unique=("token_hash",)),
    )
    op.create_table(
        "core_passkey_challenge",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("challenge_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("browser_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("account_id", BigIntegerKey, nullable=True),
        sa.Column("user_handle", sa.LargeBinary(64), nullable=True),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        *_keys("core_passkey_challenge", unique=("challenge_hash",)),
    )
    for table in ("core_passkey", "core_recovery_code", "core_half_log_in", "core_passkey_challenge"):
        op.create_index(op.f(f"ix_{table}_account_id"), table, ["account_id"])
    for table in ("core_half_log_in", "core_passkey_challenge"):
        op.create_index(op.f(f"ix_{table}_expires_at"), table, ["expires_at"])


def _keys(table: str, *, unique: tuple[str, ...]) -> tuple[sa.Constraint, ...]:
    return (
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["core_account.id"],
            name=op.f(f"fk_{table}_account_id_core_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(*unique, name=op.f(f"uq_{table}_{'_'.join(unique)}")),
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    op.drop_column("core_account", "has_second_factor")
