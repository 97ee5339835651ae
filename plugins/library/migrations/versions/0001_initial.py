"""the files of the library and their downloads"""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, JSONDocument, UTCDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    table = "library_file"
    op.create_table(
        table,
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("slug", sa.String(120), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("folder", sa.String(120), nullable=False),
        sa.Column("is_published", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("visibility", sa.String(20), nullable=False),
        sa.Column("rule", JSONDocument, nullable=True),
        sa.Column("rule_name", sa.String(60), nullable=False),
        sa.Column("display", sa.String(20), nullable=False),
        sa.Column("options", JSONDocument, nullable=False),
        sa.Column("is_stamped", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("daily_cap", sa.Integer(), nullable=True),
        sa.Column("total_cap", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("stored", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_library_file"),
        sa.UniqueConstraint("slug", name="uq_library_file_slug"),
        sa.CheckConstraint(
            "visibility IN ('public', 'members', 'restricted')", name=op.f("ck_library_file_visibility")
        ),
        sa.CheckConstraint("daily_cap > 0", name=op.f("ck_library_file_daily_cap")),
        sa.CheckConstraint("total_cap > 0", name=op.f("ck_library_file_total_cap")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_library_file_folder_title", table, ["folder", "title"])
    op.create_index("ix_library_file_title", table, ["title"])
    op.create_index("ix_library_file_stored", table, ["stored"])
    table = "library_download"
    op.create_table(
        table,
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("file_id", BigIntegerKey, nullable=True),
        sa.Column("file_title", sa.String(200), nullable=False),
        sa.Column("customer_id", BigIntegerKey, nullable=True),
        sa.Column("account_id", BigIntegerKey, nullable=True),
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("is_stamped", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("downloaded_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_library_download"),
        sa.ForeignKeyConstraint(
            ["file_id"],
            ["library_file.id"],
            name="fk_library_download_file_id_library_file",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["core_customer.id"],
            name="fk_library_download_customer_id_core_customer",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["core_account.id"],
            name="fk_library_download_account_id_core_account",
            ondelete="SET NULL",
        ),
        sa.UniqueConstraint("mark", name="uq_library_download_mark"),
    )
    op.create_index("ix_library_download_downloaded_at", table, ["downloaded_at", "id"])
    op.create_index("ix_library_download_file_customer", table, ["file_id", "customer_id", "downloaded_at"])
    op.create_index("ix_library_download_customer", table, ["customer_id", "downloaded_at"])
    op.create_index("ix_library_download_account_id", table, ["account_id"])


def downgrade() -> None:
    op.drop_table("library_download")
    op.drop_table("library_file")
