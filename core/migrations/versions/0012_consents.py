"""Several texts to agree to, answers with evidence, and sessions that owe an answer."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, JSONDocument, UTCDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_STATE = sa.table("core_site_state", sa.column("id", sa.Integer), sa.column("settings", JSONDocument))


def upgrade() -> None:
    op.add_column(
        "core_login_session",
        sa.Column("owes_consent", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "core_consent_version",
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "version", name=op.f("pk_core_consent_version")),
    )
    op.create_table(
        "core_consent_answer",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("customer_id", BigIntegerKey, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.Column("way", sa.String(20), nullable=False),
        sa.Column("device", sa.String(80), nullable=False),
        sa.Column("network", sa.String(64), nullable=False),
        sa.Column("given_at", UTCDateTime(), nullable=False),
        _belongs_to_customer("core_consent_answer"),
        sa.ForeignKeyConstraint(
            ["kind", "version"],
            ["core_consent_version.kind", "core_consent_version.version"],
            name=op.f("fk_core_consent_answer_kind_version_core_consent_version"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_consent_answer")),
    )
    op.create_index(
        "ix_core_consent_answer_customer_id_kind_id", "core_consent_answer", ["customer_id", "kind", "id"]
    )
    op.create_index("ix_core_consent_answer_kind_version", "core_consent_answer", ["kind", "version"])
    _take_over()
    op.drop_table("core_consent")
    op.drop_table("core_consent_text")


def _take_over() -> None:
    op.execute(
        "INSERT INTO core_consent_version (kind, version, text, created_at)"
        " SELECT 'terms', version, text, created_at FROM core_consent_text"
    )
    op.execute(
        "INSERT INTO core_consent_answer"
        " (customer_id, kind, version, agreed, way, device, network, given_at)"
        " SELECT customer_id, 'terms', version, true, 'registration', '', '', given_at"
        " FROM core_consent ORDER BY id"
    )
    for state_id, settings in _states():
        text, version = settings.pop("consent_text", ""), settings.pop("consent_version", 0)
        if version:
            since = op.get_bind().scalar(sa.text("SELECT max(created_at) FROM core_consent_text"))
            terms = {"text": text, "version": version, "since": str(since)[:10], "how": "required"}
            settings["consents"] = {"terms": {**terms, "asks": "nobody"}}
        _store(state_id, settings)


def _states() -> list[tuple[int, dict[str, Any]]]:
    return [(row.id, dict(row.settings)) for row in op.get_bind().execute(sa.select(_STATE)).all()]


def _store(state_id: int, settings: dict[str, Any]) -> None:
    op.get_bind().execute(_STATE.update().where(_STATE.c.id == state_id).values(settings=settings))


def downgrade() -> None:
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
        _belongs_to_customer("core_consent"),
        sa.ForeignKeyConstraint(
            ["version"],
            ["core_consent_text.version"],
            name=op.f("fk_core_consent_version_core_consent_text"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_consent")),
        sa.UniqueConstraint("customer_id", "version", name=op.f("uq_core_consent_customer_id_version")),
    )
    op.execute(
        "INSERT INTO core_consent_text (version, text, created_at)"
        " SELECT version, text, created_at FROM core_consent_version WHERE kind = 'terms'"
    )
    op.execute(
        "INSERT INTO core_consent (customer_id, version, given_at)"
        " SELECT customer_id, version, min(given_at) FROM core_consent_answer"
        " WHERE kind = 'terms' AND agreed GROUP BY customer_id, version"
    )
    for state_id, settings in _states():
        terms = settings.pop("consents", {}).get("terms")
        if terms:
            settings |= {"consent_text": terms["text"], "consent_version": terms["version"]}
        _store(state_id, settings)
    op.drop_table("core_consent_answer")
    op.drop_table("core_consent_version")
    op.drop_column("core_login_session", "owes_consent")


def _belongs_to_customer(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_customer_id_core_customer")
    return sa.ForeignKeyConstraint(["customer_id"], ["core_customer.id"], name=name, ondelete="CASCADE")
