"""retention: times per form and place, holds, and the log of what was deleted"""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, JSONDocument, UTCDateTime

revision = "0012"
down_revision = "0008"
branch_labels = None
depends_on = None

_RULE = "contact_forms_retention_rule"
_RUN = "contact_forms_retention_run"
_HOLD = "contact_forms_hold"
_STATE = sa.table("core_plugin", sa.column("name", sa.String), sa.column("settings", JSONDocument))
# Where the times stood before: one setting for all that was put away, one for the traces.
_FORMER = {"keep_spam_days": ("spam", "pitch", "trash"), "keep_trace_days": ("traces",)}


def upgrade() -> None:
    rule = op.create_table(
        _RULE,
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("form_id", BigIntegerKey, nullable=True),
        sa.Column("place", sa.String(10), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{_RULE}"),
        sa.ForeignKeyConstraint(
            ["form_id"],
            ["contact_forms_form.id"],
            name=f"fk_{_RULE}_form_id_contact_forms_form",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("form_id", "place", name=f"uq_{_RULE}_form_id_place"),
    )
    op.create_table(
        _RUN,
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("form_id", BigIntegerKey, nullable=True),
        sa.Column("form_title", sa.String(200), nullable=False),
        sa.Column("place", sa.String(10), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("oldest_at", UTCDateTime(), nullable=False),
        sa.Column("receipts", JSONDocument, nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{_RUN}"),
        sa.ForeignKeyConstraint(
            ["form_id"],
            ["contact_forms_form.id"],
            name=f"fk_{_RUN}_form_id_contact_forms_form",
            ondelete="SET NULL",
        ),
    )
    op.create_index(f"ix_{_RUN}_form", _RUN, ["form_id"])
    op.create_table(
        _HOLD,
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("submission_id", BigIntegerKey, nullable=True),
        sa.Column("customer_id", BigIntegerKey, nullable=True),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("account_id", BigIntegerKey, nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{_HOLD}"),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["contact_forms_submission.id"],
            name=f"fk_{_HOLD}_submission_id_contact_forms_submission",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["core_customer.id"],
            name=f"fk_{_HOLD}_customer_id_core_customer",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["core_account.id"],
            name=f"fk_{_HOLD}_account_id_core_account",
            ondelete="SET NULL",
        ),
        sa.UniqueConstraint("submission_id", name=f"uq_{_HOLD}_submission_id"),
        sa.UniqueConstraint("customer_id", name=f"uq_{_HOLD}_customer_id"),
    )
    op.create_index(f"ix_{_HOLD}_account", _HOLD, ["account_id"])
    _take_over(rule)


def _take_over(rule: sa.Table) -> None:
    connection = op.get_bind()
    state = connection.execute(sa.select(_STATE.c.settings).where(_STATE.c.name == "contact_forms")).first()
    settings = (state.settings or {}) if state is not None else {}
    for name, places in _FORMER.items():
        if isinstance(settings.get(name), int):
            rows = [{"form_id": None, "place": place, "days": settings[name]} for place in places]
            connection.execute(sa.insert(rule), rows)


def downgrade() -> None:
    for table in (_HOLD, _RUN, _RULE):
        op.drop_table(table)
