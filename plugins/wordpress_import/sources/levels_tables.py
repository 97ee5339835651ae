# ruff: noqa: S608 - table names are checked, values are bound
"""The tables of Paid Memberships Pro: levels, memberships, orders."""

from typing import TYPE_CHECKING

from ..kinds import Kind
from ..texts import as_text, clean, from_html, local_day, utc_moment

if TYPE_CHECKING:
    from .tables import Page, TableReader

TABLES = {
    Kind.LEVEL: "pmpro_membership_levels",
    Kind.MEMBERSHIP: "pmpro_memberships_users",
    Kind.ORDER: "pmpro_membership_orders",
}


def _levels(reader: "TableReader", after: int, size: int) -> "Page":
    rows = reader.ask(
        f"SELECT id, name, LEFT(description, 5000) AS description FROM {reader.table(TABLES[Kind.LEVEL])}"
        f" WHERE id > %s ORDER BY id LIMIT {size}",
        [after],
    )
    return [
        (row["id"], {"name": clean(row["name"], 255), "description": from_html(clean(row["description"]))})
        for row in rows
    ]


def _memberships(reader: "TableReader", after: int, size: int) -> "Page":
    rows = reader.ask(
        "SELECT id, user_id, membership_id, status, CAST(startdate AS CHAR) AS startdate,"
        " CAST(enddate AS CHAR) AS enddate, CAST(modified AS CHAR) AS modified"
        f" FROM {reader.table(TABLES[Kind.MEMBERSHIP])} WHERE id > %s ORDER BY id LIMIT {size}",
        [after],
    )
    return [
        (
            row["id"],
            {
                "user": int(row["user_id"]),
                "level": int(row["membership_id"]),
                "status": clean(row["status"], 20),
                "starts_on": local_day(row["startdate"]),
                "ends_on": local_day(row["enddate"]),
                "changed_on": local_day(row["modified"]),
            },
        )
        for row in rows
    ]


def _orders(reader: "TableReader", after: int, size: int) -> "Page":
    rows = reader.ask(
        "SELECT id, user_id, membership_id, code, total, status, gateway,"
        f" CAST(`timestamp` AS CHAR) AS at FROM {reader.table(TABLES[Kind.ORDER])}"
        f" WHERE id > %s ORDER BY id LIMIT {size}",
        [after],
    )
    return [
        (
            row["id"],
            {
                "user": int(row["user_id"] or 0),
                "level": int(row["membership_id"] or 0),
                "code": clean(row["code"], 40),
                "total": clean(row["total"], 20),
                "status": clean(row["status"], 32),
                "gateway": clean(row["gateway"], 64),
                "date": as_text(utc_moment(row["at"])),
            },
        )
        for row in rows
    ]


PAGES = {Kind.LEVEL: _levels, Kind.MEMBERSHIP: _memberships, Kind.ORDER: _orders}
