"""Files that lie with customers, and files that go out with mails."""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, JSONDocument, UTCDateTime

revision = "0029"
down_revision = "0027"
branch_labels = None
depends_on = None

_TABLE = "core_customer_file"


def _key(column: str, other: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{_TABLE}_{column}_{other}"
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(name), ondelete=ondelete)


def upgrade() -> None:
    op.add_column("core_mail_outbox", sa.Column("attachments", JSONDocument, nullable=True))
    op.create_table(
        _TABLE,
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("customer_id", BigIntegerKey, nullable=False),
        sa.Column("activity_id", BigIntegerKey, nullable=True),
        sa.Column("account_id", BigIntegerKey, nullable=True),
        sa.Column("direction", sa.String(3), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("stored", sa.String(40), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("direction IN ('in', 'out')", name=op.f(f"ck_{_TABLE}_direction")),
        _key("customer_id", "core_customer", "CASCADE"),
        _key("activity_id", "core_activity", "SET NULL"),
        _key("account_id", "core_account", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{_TABLE}")),
        sa.UniqueConstraint("stored", name=op.f(f"uq_{_TABLE}_stored")),
    )
    for column in ("account_id", "activity_id", "customer_id"):
        op.create_index(op.f(f"ix_{_TABLE}_{column}"), _TABLE, [column])


def downgrade() -> None:
    op.drop_table(_TABLE)
    op.drop_column("core_mail_outbox", "attachments")
