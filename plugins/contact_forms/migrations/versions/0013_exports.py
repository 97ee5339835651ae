"""saved choices of the export"""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, JSONDocument, UTCDateTime

revision = "0013"
down_revision = "0009"
branch_labels = None
depends_on = None

_PRESET = "contact_forms_export_preset"


def upgrade() -> None:
    op.create_table(
        _PRESET,
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("account_id", BigIntegerKey, nullable=True),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("choice", JSONDocument, nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{_PRESET}"),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["core_account.id"],
            name=f"fk_{_PRESET}_account_id_core_account",
            ondelete="CASCADE",
        ),
    )
    op.create_index(f"ix_{_PRESET}_account", _PRESET, ["account_id"])


def downgrade() -> None:
    op.drop_table(_PRESET)
