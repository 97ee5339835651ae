"""Mailed tokens, consents and withdrawals; accounts that wait or have left."""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, JSONDocument, UTCDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

OLD_STATES = "state IN ('active', 'disabled')"
NEW_STATES = "state IN ('active', 'disabled', 'waiting', 'withdrawn')"


def upgrade() -> None:
    _change_states(NEW_STATES)
    op.create_table(
        "core_mailed_token",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(32), nullable=True),
        sa.Column("asked_hash", sa.LargeBinary(32), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("account_id", BigIntegerKey, nullable=True),
        sa.Column("customer_id", BigIntegerKey, nullable=True),
        sa.Column("data", JSONDocument, nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("used_at", UTCDateTime(), nullable=True),
        _belongs("core_mailed_token", "account"),
        _belongs("core_mailed_token", "customer"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_mailed_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_core_mailed_token_token_hash")),
        sa.UniqueConstraint("asked_hash", name=op.f("uq_core_mailed_token_asked_hash")),
    )
    for column in ("account_id", "customer_id", "expires_at"):
        op.create_index(op.f(f"ix_core_mailed_token_{column}"), "core_mailed_token", [column])
    _make_consents()
    op.create_table(
        "core_withdrawal",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("customer_id", BigIntegerKey, nullable=False),
        sa.Column("account_id", BigIntegerKey, nullable=True),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("left_at", UTCDateTime(), nullable=False),
        sa.Column("return_until", UTCDateTime(), nullable=False),
        sa.Column("returned_at", UTCDateTime(), nullable=True),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        _belongs("core_withdrawal", "account", ondelete="SET NULL"),
        _belongs("core_withdrawal", "customer"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_withdrawal")),
    )
    for column in ("account_id", "customer_id"):
        op.create_index(op.f(f"ix_core_withdrawal_{column}"), "core_withdrawal", [column])


def _make_consents() -> None:
    op.create_table(
        "core_consent_text",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_core_consent_text")),
    )
    op.create_table(
        "core_consent",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("customer_id", BigIntegerKey, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("given_at", UTCDateTime(), nullable=False),
        _belongs("core_consent", "customer"),
        sa.ForeignKeyConstraint(
            ["version"],
            ["core_consent_text.version"],
            name=op.f("fk_core_consent_version_core_consent_text"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_consent")),
        sa.UniqueConstraint("customer_id", "version", name=op.f("uq_core_consent_customer_id_version")),
    )


def _belongs(table: str, owner: str, *, ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{owner}_id_core_{owner}")
    return sa.ForeignKeyConstraint([f"{owner}_id"], [f"core_{owner}.id"], name=name, ondelete=ondelete)


def _change_states(condition: str) -> None:
    with op.batch_alter_table("core_account") as account:
        account.drop_constraint(op.f("ck_core_account_state"), type_="check")
        account.create_check_constraint(op.f("ck_core_account_state"), condition)


def downgrade() -> None:
    for table in ("core_withdrawal", "core_consent", "core_consent_text", "core_mailed_token"):
        op.drop_table(table)
    op.execute("UPDATE core_account SET state = 'disabled' WHERE state IN ('waiting', 'withdrawn')")
    _change_states(OLD_STATES)
