"""How often each month of birth occurs, so that PostgreSQL does not take a filter by it for a rare one."""

from alembic import op

revision = "0036"
down_revision = "0034"
branch_labels = None
depends_on = None

_NAME = "st_core_customer_birth_month"


def upgrade() -> None:
    # SQLite keeps no such numbers, and plans by the order of the list.
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE STATISTICS {_NAME} ON (CAST(EXTRACT(month FROM birthday) AS integer)) FROM core_customer"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP STATISTICS {_NAME}")
