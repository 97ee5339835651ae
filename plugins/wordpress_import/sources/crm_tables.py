# ruff: noqa: S608 - table names are checked, values are bound
"""The tables of Jetpack CRM: companies, contacts with their tags and links, logs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..kinds import Kind
from ..texts import as_text, clean, from_html, unix_moment

if TYPE_CHECKING:
    from .tables import Page, TableReader

CONTACT, COMPANY = 1, 2
TABLES = {Kind.COMPANY: "zbs_companies", Kind.CRM_CONTACT: "zbs_contacts", Kind.LOG: "zbs_logs"}
_ADDRESS = ("addr1", "addr2", "city", "county", "country", "postcode")
_SECOND = tuple(f"sec{part}" for part in _ADDRESS)
_CONTACT = ("status", "email", "prefix", "fname", "lname", *_ADDRESS, *_SECOND, "hometel", "worktel",
            "mobtel", "wpid", "tw", "li", "fb", "created", "lastcontacted")  # fmt: skip
_COMPANY = ("status", "name", "email", *_ADDRESS, *_SECOND, "maintel", "sectel", "tw", "li", "fb", "created")
_MOMENTS = ("created", "lastcontacted")


def _companies(reader: "TableReader", after: int, size: int) -> "Page":
    page = _page(reader, "zbs_companies", "zbsco_", _COMPANY, after, size)
    _add(page, "tags", _tags(reader, COMPANY, page))
    _add(page, "more", _own_fields(reader, COMPANY, page))
    return page


def _contacts(reader: "TableReader", after: int, size: int) -> "Page":
    page = _page(reader, "zbs_contacts", "zbsc_", _CONTACT, after, size)
    _add(page, "tags", _tags(reader, CONTACT, page))
    _add(page, "more", _own_fields(reader, CONTACT, page))
    _add(page, "emails", _aliases(reader, page))
    _add(page, "companies", _links(reader, page))
    return page


def _logs(reader: "TableReader", after: int, size: int) -> "Page":
    rows = reader.ask(
        "SELECT ID AS id, zbsl_objtype AS objtype, zbsl_objid AS objid, zbsl_type AS type,"
        " zbsl_shortdesc AS short, LEFT(zbsl_longdesc, 49000) AS `long`, zbsl_pinned AS pinned,"
        f" zbsl_created AS created FROM {reader.table('zbs_logs')} WHERE ID > %s ORDER BY ID LIMIT {size}",
        [after],
    )
    return [
        (
            row["id"],
            {
                "of": {CONTACT: "contact", COMPANY: "company"}.get(row["objtype"], ""),
                "of_id": int(row["objid"] or 0),
                "type": clean(row["type"], 60),
                "title": from_html(clean(row["short"], 300)),
                "body": from_html(clean(row["long"], 49_000)),
                "is_pinned": (row["pinned"] or 0) == 1,
                "date": as_text(unix_moment(row["created"])),
            },
        )
        for row in rows
    ]


PAGES = {Kind.COMPANY: _companies, Kind.CRM_CONTACT: _contacts, Kind.LOG: _logs}


def _page(
    reader: "TableReader", table: str, prefix: str, names: Sequence[str], after: int, size: int
) -> "Page":
    columns = ", ".join(f"{prefix}{name} AS `{name}`" for name in names)
    rows = reader.ask(
        f"SELECT ID AS id, {columns} FROM {reader.table(table)} WHERE ID > %s ORDER BY ID LIMIT {size}",
        [after],
    )
    page: Page = []
    for row in rows:
        values: dict[str, Any] = {
            name: as_text(unix_moment(row[name])) if name in _MOMENTS else clean(row[name], 320)
            for name in names
        }
        page.append((row["id"], values))
    return page


def _add(page: "Page", name: str, by_id: dict[int, list[Any]]) -> None:
    for number, values in page:
        values[name] = by_id.get(number, [])


def _ids(page: "Page") -> list[int]:
    return [number for number, _values in page]


def _marks(ids: Sequence[int]) -> str:
    return ", ".join(["%s"] * len(ids))


def _tags(reader: "TableReader", of: int, page: "Page") -> dict[int, list[Any]]:
    ids = _ids(page)
    if not ids or not (reader.has("zbs_tags") and reader.has("zbs_tags_links")):
        return {}
    rows = reader.ask(
        f"SELECT l.zbstl_objid AS owner, t.zbstag_name AS name FROM {reader.table('zbs_tags_links')} l"
        f" JOIN {reader.table('zbs_tags')} t ON t.ID = l.zbstl_tagid"
        f" WHERE l.zbstl_objtype = %s AND l.zbstl_objid IN ({_marks(ids)}) ORDER BY t.ID",
        [of, *ids],
    )
    return _by_owner(rows, lambda row: clean(row["name"], 60))


def _own_fields(reader: "TableReader", of: int, page: "Page") -> dict[int, list[Any]]:
    ids = _ids(page)
    if not ids or not reader.has("zbs_customfields"):
        return {}
    rows = reader.ask(
        "SELECT zbscf_objid AS owner, zbscf_objkey AS name, zbscf_objval AS value"
        f" FROM {reader.table('zbs_customfields')} WHERE zbscf_objtype = %s"
        f" AND zbscf_objid IN ({_marks(ids)}) AND zbscf_objval <> '' ORDER BY ID",
        [of, *ids],
    )
    return _by_owner(rows, lambda row: [clean(row["name"], 100), clean(row["value"], 2_000)])


def _aliases(reader: "TableReader", page: "Page") -> dict[int, list[Any]]:
    ids = _ids(page)
    if not ids or not reader.has("zbs_aka"):
        return {}
    rows = reader.ask(
        f"SELECT aka_id AS owner, aka_alias AS alias FROM {reader.table('zbs_aka')}"
        f" WHERE aka_type = %s AND aka_id IN ({_marks(ids)}) ORDER BY ID",
        [CONTACT, *ids],
    )
    return _by_owner(rows, lambda row: clean(row["alias"], 200))


def _links(reader: "TableReader", page: "Page") -> dict[int, list[Any]]:
    """Return the companies of contacts: links go from the contact to the company."""
    ids = _ids(page)
    if not ids or not reader.has("zbs_object_links"):
        return {}
    rows = reader.ask(
        "SELECT zbsol_objid_from AS owner, zbsol_objid_to AS company"
        f" FROM {reader.table('zbs_object_links')} WHERE zbsol_objtype_from = %s"
        f" AND zbsol_objtype_to = %s AND zbsol_objid_from IN ({_marks(ids)}) ORDER BY ID",
        [CONTACT, COMPANY, *ids],
    )
    return _by_owner(rows, lambda row: int(row["company"]))


def _by_owner(rows: Sequence[dict[str, Any]], read: Any) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(int(row["owner"]), []).append(read(row))
    return found
