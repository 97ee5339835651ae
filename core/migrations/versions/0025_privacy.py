"""The privacy desk: requests, packages, certificates, holds, and the retention of inactive leads."""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, JSONDocument, UTCDateTime

revision = "0025"
down_revision = "0030"
branch_labels = None
depends_on = None


def _key(table: str, column: str, other: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{other}"
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(name), ondelete=ondelete)


def _indexes(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def upgrade() -> None:
    _create_requests()
    _create_packages()
    _create_certificates()
    _create_retention()


def _create_requests() -> None:
    table = "core_privacy_request"
    op.create_table(
        table,
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("customer_id", BigIntegerKey, nullable=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("contact", sa.String(320), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("way", sa.String(10), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("account_id", BigIntegerKey, nullable=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("identity_how", sa.String(20), nullable=True),
        sa.Column("identity_note", sa.String(300), nullable=False),
        sa.Column("identity_by", BigIntegerKey, nullable=True),
        sa.Column("identity_at", UTCDateTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("forgotten_at", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'done', 'refused')", name=op.f(f"ck_{table}_state")),
        _key(table, "customer_id", "core_customer", "SET NULL"),
        _key(table, "account_id", "core_account", "SET NULL"),
        _key(table, "identity_by", "core_account", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    _indexes(table, "customer_id", "account_id", "identity_by")
    op.create_index(f"ix_{table}_state_due_on_id", table, ["state", "due_on", "id"])
    table = "core_privacy_event"
    op.create_table(
        table,
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("request_id", BigIntegerKey, nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("account_id", BigIntegerKey, nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        _key(table, "request_id", "core_privacy_request", "CASCADE"),
        _key(table, "account_id", "core_account", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    _indexes(table, "account_id")
    op.create_index(f"ix_{table}_request_id_id", table, ["request_id", "id"])


def _create_packages() -> None:
    table = "core_privacy_package"
    op.create_table(
        table,
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("customer_id", BigIntegerKey, nullable=False),
        sa.Column("request_id", BigIntegerKey, nullable=True),
        sa.Column("account_id", BigIntegerKey, nullable=True),
        sa.Column("purpose", sa.String(120), nullable=False),
        sa.Column("purpose_note", sa.String(500), nullable=False),
        sa.Column("with_notes", sa.Boolean(), nullable=False),
        sa.Column("for_member", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("stored", sa.String(40), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=True),
        sa.Column("language", sa.String(5), nullable=False),
        sa.Column("job_id", BigIntegerKey, nullable=True),
        sa.Column("mailed_at", UTCDateTime(), nullable=True),
        sa.Column("mailed_nonce", sa.String(32), nullable=True),
        sa.Column("code_hash", sa.LargeBinary(32), nullable=True),
        sa.Column("code_until", UTCDateTime(), nullable=True),
        sa.Column("code_tries", sa.Integer(), nullable=False),
        sa.Column("downloads", sa.Integer(), nullable=False),
        sa.Column("downloaded_at", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("state IN ('making', 'ready', 'failed', 'gone')", name=op.f(f"ck_{table}_state")),
        _key(table, "customer_id", "core_customer", "CASCADE"),
        _key(table, "request_id", "core_privacy_request", "SET NULL"),
        _key(table, "account_id", "core_account", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    _indexes(table, "customer_id", "request_id", "account_id")
    op.create_index(f"ix_{table}_state_expires_at", table, ["state", "expires_at"])


def _create_certificates() -> None:
    table = "core_privacy_certificate"
    op.create_table(
        table,
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("customer_number", sa.BigInteger(), nullable=False),
        sa.Column("request_id", BigIntegerKey, nullable=True),
        sa.Column("account_id", BigIntegerKey, nullable=True),
        sa.Column("lines", JSONDocument, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        _key(table, "request_id", "core_privacy_request", "SET NULL"),
        _key(table, "account_id", "core_account", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    _indexes(table, "customer_number", "request_id", "account_id")


def _create_retention() -> None:
    table = "core_privacy_hold"
    op.create_table(
        table,
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("customer_id", BigIntegerKey, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("account_id", BigIntegerKey, nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('legal', 'retention')", name=op.f(f"ck_{table}_kind")),
        _key(table, "customer_id", "core_customer", "CASCADE"),
        _key(table, "account_id", "core_account", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("customer_id", name=op.f(f"uq_{table}_customer_id")),
    )
    _indexes(table, "account_id")
    table = "core_privacy_mark"
    op.create_table(
        table,
        sa.Column("customer_id", BigIntegerKey, nullable=False),
        sa.Column("marked_on", sa.Date(), nullable=False),
        sa.Column("erase_on", sa.Date(), nullable=True),
        _key(table, "customer_id", "core_customer", "CASCADE"),
        sa.PrimaryKeyConstraint("customer_id", name=op.f(f"pk_{table}")),
    )
    op.create_index(f"ix_{table}_erase_on", table, ["erase_on", "customer_id"])
    table = "core_privacy_retention_run"
    op.create_table(
        table,
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("marked", sa.Integer(), nullable=False),
        sa.Column("released", sa.Integer(), nullable=False),
        sa.Column("erased", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    _indexes(table, "at")


def downgrade() -> None:
    for name in ("retention_run", "mark", "hold", "certificate", "package", "event", "request"):
        op.drop_table(f"core_privacy_{name}")
