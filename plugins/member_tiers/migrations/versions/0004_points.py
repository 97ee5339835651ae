"""Points: chained entries, terms of lots, what was put back, frozen accounts, rules, holds, notices."""
# The names in the statements are this file's own.
# ruff: noqa: S608

import datetime as dt
import json
from typing import Any

import sqlalchemy as sa
from alembic import op

import core.db_base
from core.api import keyed_hash

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ENTRY, LOT, DRAW = "member_tiers_point_entry", "member_tiers_point_lot", "member_tiers_point_draw"
ACCOUNT, CHAIN = "member_tiers_point_account", "member_tiers_point_chain"
KINDS = "kind IN ('earn', 'spend', 'adjust', 'expire', 'reverse'%s)"
EVENTS = "event IN ('register', 'first_login', 'birthday', 'form_sent', 'manual', 'import', 'hook')"
START = "0" * 64
BATCH = 1000

FIXED = (
    "id",
    "kind",
    "amount",
    "balance_after",
    "reason_code",
    "source_type",
    "source_id",
    "idempotency_key",
    "created_at",
)
LINK = ("chain_id", "position", "prev_hash", "hash")


def _guards(dialect: str, fixed: tuple[str, ...]) -> tuple[str, ...]:
    if dialect == "postgresql":
        new, old = (", ".join(f"{row}.{name}" for name in fixed) for row in ("NEW", "OLD"))
        return (
            f"""
            CREATE OR REPLACE FUNCTION member_tiers_point_entry_guard() RETURNS trigger LANGUAGE plpgsql AS $guard$
            BEGIN
                IF TG_OP = 'DELETE' THEN
                    RAISE EXCEPTION 'point entries are append-only';
                END IF;
                IF ({new}) IS DISTINCT FROM ({old})
                   OR (NEW.note <> OLD.note AND NEW.note <> '')
                   OR (NEW.account_id IS DISTINCT FROM OLD.account_id AND NEW.account_id IS NOT NULL)
                THEN
                    RAISE EXCEPTION 'point entries are append-only';
                END IF;
                RETURN NEW;
            END
            $guard$
            """,
        )
    changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in fixed)
    return (
        "DROP TRIGGER IF EXISTS member_tiers_point_entry_keep",
        "DROP TRIGGER IF EXISTS member_tiers_point_entry_fixed",
        """
        CREATE TRIGGER member_tiers_point_entry_keep BEFORE DELETE ON member_tiers_point_entry
        BEGIN
            SELECT RAISE(ABORT, 'point entries are append-only');
        END
        """,
        f"""
        CREATE TRIGGER member_tiers_point_entry_fixed BEFORE UPDATE ON member_tiers_point_entry
        WHEN {changed}
            OR (NEW.note <> OLD.note AND NEW.note <> '')
            OR (NEW.account_id IS NOT OLD.account_id AND NEW.account_id IS NOT NULL)
        BEGIN
            SELECT RAISE(ABORT, 'point entries are append-only');
        END
        """,
    )


def _key(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, core.db_base.BigIntegerKey, nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, core.db_base.UTCDateTime(), nullable=nullable)


def upgrade() -> None:
    _create_chains()
    _widen_accounts()
    _widen_entries()
    _widen_lots()
    _note_what_was_put_back()
    _create_rules()
    _create_notices()


def _create_chains() -> None:
    op.create_table(
        CHAIN,
        _key("id"),
        _key("customer_id", nullable=True),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{CHAIN}"),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["core_customer.id"],
            name=f"fk_{CHAIN}_customer_id_core_customer",
            ondelete="SET NULL",
        ),
    )
    op.create_index(f"ix_{CHAIN}_customer_id", CHAIN, ["customer_id"])


def _widen_accounts() -> None:
    with op.batch_alter_table(ACCOUNT) as table:
        table.add_column(_key("chain_id", nullable=True))
        table.add_column(_moment("frozen_at", nullable=True))
        table.add_column(sa.Column("mismatch", core.db_base.JSONDocument, nullable=True))
        table.create_foreign_key(
            f"fk_{ACCOUNT}_chain_id_{CHAIN}", CHAIN, ["chain_id"], ["id"], ondelete="RESTRICT"
        )
    op.create_index(f"ix_{ACCOUNT}_chain_id", ACCOUNT, ["chain_id"])
    frozen = sa.text("frozen_at IS NOT NULL")
    op.create_index(
        f"ix_{ACCOUNT}_frozen_at", ACCOUNT, ["frozen_at"], sqlite_where=frozen, postgresql_where=frozen
    )


def _widen_entries() -> None:
    with op.batch_alter_table(ENTRY) as table:
        table.add_column(_key("chain_id", nullable=True))
        table.add_column(sa.Column("position", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("prev_hash", sa.String(64), nullable=True))
        table.add_column(sa.Column("hash", sa.String(64), nullable=True))
        table.drop_constraint(op.f(f"ck_{ENTRY}_kind"), type_="check")
        table.create_check_constraint(op.f(f"ck_{ENTRY}_kind"), KINDS % ", 'transfer'")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER IF EXISTS member_tiers_point_entry_fixed")
    _chain_up()
    with op.batch_alter_table(ENTRY) as table:
        for name in LINK:
            table.alter_column(name, nullable=False)
        table.create_unique_constraint(f"uq_{ENTRY}_chain_id_position", ["chain_id", "position"])
        table.create_foreign_key(
            f"fk_{ENTRY}_chain_id_{CHAIN}", CHAIN, ["chain_id"], ["id"], ondelete="RESTRICT"
        )
    for statement in _guards(op.get_bind().dialect.name, (*FIXED, *LINK)):
        op.execute(statement)


def _chain_up() -> None:
    """Make one chain for each customer, and one for the entries of nobody, of all that is there."""
    connection = op.get_bind()
    entry = sa.Table(ENTRY, sa.MetaData(), autoload_with=connection)
    at = sa.type_coerce(entry.c.created_at, core.db_base.UTCDateTime())
    told = [entry.c[name] for name in FIXED[1:-1]]
    insert = sa.text(
        f"INSERT INTO {CHAIN} (customer_id, count, head) VALUES (:customer, 0, :head) RETURNING id"
    )
    link = sa.text(
        f"UPDATE {ENTRY} SET chain_id = :chain_id, position = :position, prev_hash = :prev_hash,"
        " hash = :hash WHERE id = :id"
    )
    owners = connection.execute(sa.select(entry.c.customer_id).distinct()).scalars().all()
    for owner in owners:
        chain = connection.execute(insert, {"customer": owner, "head": START}).scalar_one()
        place, head, after = 0, START, 0
        theirs = entry.c.customer_id.is_(None) if owner is None else entry.c.customer_id == owner
        while True:
            query = sa.select(entry.c.id, *told, at).where(theirs, entry.c.id > after)
            rows = connection.execute(query.order_by(entry.c.id).limit(BATCH)).all()
            links = []
            for row in rows:
                place += 1
                made = _hash([chain, place, *row[1:-1]], row[-1], head)
                links.append(
                    {"id": row[0], "chain_id": chain, "position": place, "prev_hash": head, "hash": made}
                )
                head = made
            if links:
                connection.execute(link, links)
            if len(rows) < BATCH:
                break
            after = rows[-1][0]
        _close(chain, place, head, owner)


def _hash(values: list[Any], at: dt.datetime, previous: str) -> str:
    moment = at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    told = json.dumps([*values, moment], ensure_ascii=True, separators=(",", ":"))
    return keyed_hash("member_tiers.points", previous + told)


def _close(chain: int, count: int, head: str, owner: int | None) -> None:
    connection = op.get_bind()
    connection.execute(
        sa.text(f"UPDATE {CHAIN} SET count = :count, head = :head WHERE id = :id"),
        {"count": count, "head": head, "id": chain},
    )
    if owner is not None:
        connection.execute(
            sa.text(f"UPDATE {ACCOUNT} SET chain_id = :chain WHERE customer_id = :owner"),
            {"chain": chain, "owner": owner},
        )


def _widen_lots() -> None:
    with op.batch_alter_table(LOT) as table:
        table.add_column(sa.Column("funding", sa.String(10), nullable=False, server_default="free"))
        table.add_column(sa.Column("is_limited", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("rolls", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("issued_on", sa.Date(), nullable=True))
        table.create_check_constraint(op.f(f"ck_{LOT}_funding"), "funding IN ('free', 'paid')")
    day = "date(created_at)" if op.get_bind().dialect.name == "sqlite" else "CAST(created_at AS date)"
    op.execute(f"UPDATE {LOT} SET issued_on = (SELECT {day} FROM {ENTRY} WHERE {ENTRY}.id = entry_id)")
    with op.batch_alter_table(LOT) as table:
        table.alter_column("issued_on", nullable=False)
    paid = sa.text("funding = 'paid'")
    op.create_index(f"ix_{LOT}_issued_on", LOT, ["issued_on"], sqlite_where=paid, postgresql_where=paid)


def _note_what_was_put_back() -> None:
    """Until now, what was given back filled its lots without a line that says so."""
    with op.batch_alter_table(DRAW) as table:
        table.drop_constraint(op.f(f"ck_{DRAW}_amount"), type_="check")
        table.create_check_constraint(op.f(f"ck_{DRAW}_amount"), "amount <> 0")
    connection = op.get_bind()
    missing = {
        row.id: row.filled
        for row in connection.execute(
            sa.text(
                f"SELECT lot.id, lot.remaining - lot.granted + SUM(draw.amount) AS filled"
                f" FROM {LOT} lot JOIN {DRAW} draw ON draw.lot_id = lot.id"
                f" GROUP BY lot.id, lot.remaining, lot.granted"
                f" HAVING lot.remaining - lot.granted + SUM(draw.amount) > 0"
            )
        )
    }
    given_back = connection.execute(
        sa.text(
            f"SELECT entry.id AS entry_id, draw.lot_id, draw.amount FROM {ENTRY} entry"
            f" JOIN {DRAW} draw ON draw.entry_id = entry.source_id"
            f" WHERE entry.kind = 'reverse' AND entry.source_type = 'entry' ORDER BY entry.id"
        )
    ).all()
    for row in given_back:
        if missing.get(row.lot_id, 0) >= row.amount:
            missing[row.lot_id] -= row.amount
            values = {"entry": row.entry_id, "lot": row.lot_id, "amount": -row.amount}
            connection.execute(
                sa.text(f"INSERT INTO {DRAW} (entry_id, lot_id, amount) VALUES (:entry, :lot, :amount)"),
                values,
            )


def _create_rules() -> None:
    rule, hold = "member_tiers_point_rule", "member_tiers_point_hold"
    op.create_table(
        rule,
        _key("id"),
        sa.Column("event", sa.String(20), nullable=False),
        sa.Column("about", sa.String(80), nullable=False),
        sa.Column("title_ja", sa.String(60), nullable=False),
        sa.Column("title_en", sa.String(60), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("valid_days", sa.Integer(), nullable=True),
        sa.Column("is_limited", sa.Boolean(), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False, server_default=sa.true()),
        *(
            sa.Column(f"cap_{period}", sa.Integer(), nullable=True)
            for period in ("day", "week", "month", "total")
        ),
        sa.Column("is_active", sa.Boolean(), nullable=False, server_default=sa.true()),
        _moment("created_at"),
        _moment("updated_at"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{rule}"),
        sa.CheckConstraint(EVENTS, name=op.f(f"ck_{rule}_event")),
        sa.CheckConstraint("amount > 0", name=op.f(f"ck_{rule}_amount")),
    )
    op.create_index(f"ix_{rule}_event", rule, ["event"])
    op.create_table(
        hold,
        _key("id"),
        _key("customer_id"),
        _key("rule_id"),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("idempotency_key", sa.String(200), nullable=False),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{hold}"),
        sa.UniqueConstraint("idempotency_key", name=f"uq_{hold}_idempotency_key"),
        _owner(hold, "customer_id", "core_customer"),
        _owner(hold, "rule_id", rule),
    )
    for column in ("customer_id", "rule_id", "created_at"):
        op.create_index(f"ix_{hold}_{column}", hold, [column])


def _owner(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{target}"
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete="CASCADE")


def _create_notices() -> None:
    notice = "member_tiers_point_notice"
    op.create_table(
        notice,
        _key("customer_id"),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("days_before", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "expires_on", "days_before", name=f"pk_{notice}"),
        _owner(notice, "customer_id", "core_customer"),
    )
    op.create_index(f"ix_{notice}_expires_on", notice, ["expires_on"])


def downgrade() -> None:
    for name in ("notice", "hold", "rule"):
        op.drop_table(f"member_tiers_point_{name}")
    op.execute(f"DELETE FROM {DRAW} WHERE amount < 0")
    with op.batch_alter_table(DRAW) as table:
        table.drop_constraint(op.f(f"ck_{DRAW}_amount"), type_="check")
        table.create_check_constraint(op.f(f"ck_{DRAW}_amount"), "amount > 0")
    op.drop_index(f"ix_{LOT}_issued_on", LOT)
    with op.batch_alter_table(LOT) as table:
        table.drop_constraint(op.f(f"ck_{LOT}_funding"), type_="check")
        for name in ("funding", "is_limited", "rolls", "issued_on"):
            table.drop_column(name)
    dialect = op.get_bind().dialect.name
    if dialect == "postgresql":
        # The old guard, before the columns that the new one names are gone.
        for statement in _guards(dialect, FIXED):
            op.execute(statement)
    with op.batch_alter_table(ENTRY) as table:
        table.drop_constraint(f"fk_{ENTRY}_chain_id_{CHAIN}", type_="foreignkey")
        table.drop_constraint(f"uq_{ENTRY}_chain_id_position", type_="unique")
        table.drop_constraint(op.f(f"ck_{ENTRY}_kind"), type_="check")
        table.create_check_constraint(op.f(f"ck_{ENTRY}_kind"), KINDS % "")
        for name in LINK:
            table.drop_column(name)
    if dialect == "sqlite":
        for statement in _guards(dialect, FIXED):
            op.execute(statement)
    op.drop_index(f"ix_{ACCOUNT}_frozen_at", ACCOUNT)
    op.drop_index(f"ix_{ACCOUNT}_chain_id", ACCOUNT)
    with op.batch_alter_table(ACCOUNT) as table:
        table.drop_constraint(f"fk_{ACCOUNT}_chain_id_{CHAIN}", type_="foreignkey")
        for name in ("chain_id", "frozen_at", "mismatch"):
            table.drop_column(name)
    op.drop_table(CHAIN)
