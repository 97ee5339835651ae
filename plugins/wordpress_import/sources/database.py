# ruff: noqa: S608 - table names are checked, values are bound
"""A site in a database of WordPress: which tables it has, and pages of their rows by number."""

import re
from collections.abc import Iterator

from core.api import _

from ..kinds import Kind
from ..php import as_dict
from . import tables
from .address import Address
from .base import Found, Row, SourceTrouble, site_key
from .connection import Connection

PAGE = 100


class DatabaseSource:
    """Reads a database; nothing of it is held but one page."""

    def __init__(self, address: Address, prefix: str = "") -> None:
        self._address = address
        self._connection = Connection(address)
        self._tables = frozenset(
            str(next(iter(row.values()))) for row in self._connection.rows("SHOW TABLES")
        )
        self._prefix = prefix or address.prefix

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def look(self, prefix: str = "") -> Found:
        """Return the sites of the database, and what the chosen or only one of them holds."""
        sites = [(one, self._home(one)) for one in self._prefixes()]
        if not sites:
            raise SourceTrouble(_("No tables of WordPress were found in this database."))
        self._prefix = prefix or self._prefix or sites[0][0]
        if self._prefix not in dict(sites):
            raise SourceTrouble(_("No tables of WordPress begin with %(prefix)s.", prefix=self._prefix))
        found = Found(site=site_key(dict(sites)[self._prefix]), sites=sites)
        for kind in Kind:
            reader = self._reader()
            if count := reader.count(kind):
                found.counts[kind] = count
        found.roles = self._roles()
        return found

    def rows(self, kind: Kind, after: int) -> Iterator[Row]:
        """Yield the rows of a kind by number, read a page at a time."""
        reader = self._reader()
        while True:
            page = reader.page(kind, after, PAGE)
            for number, values in page:
                yield Row(kind, number, number, values)
            if len(page) < PAGE:
                return
            after = page[-1][0]

    def _reader(self) -> "tables.TableReader":
        prefix = self._prefix or next(iter(self._prefixes()), "")
        users = max(
            (name[: -len("users")] for name in self._tables if name.endswith("users")
             and prefix.startswith(name[: -len("users")]) and f"{name[:-1]}meta" in self._tables),
            key=len, default=prefix,
        )  # fmt: skip
        one_of_many = len([one for one in self._prefixes() if one.startswith(users)]) > 1
        return tables.TableReader(self._connection, self._tables, prefix, users, one_of_many)

    def _prefixes(self) -> list[str]:
        found = [name.removesuffix("options") for name in self._tables if name.endswith("options")]
        whole = [one for one in found if {f"{one}posts", f"{one}postmeta"} <= self._tables]
        return sorted(
            (one for one in whole if re.fullmatch(r"\w{0,60}", one, re.A)), key=lambda p: (len(p), p)
        )

    def _home(self, prefix: str) -> str:
        asked = f"SELECT option_value AS home FROM `{prefix}options` WHERE option_name IN ('home', 'siteurl')"
        rows = self._connection.rows(f"{asked} ORDER BY option_name LIMIT 1")
        return str(rows[0]["home"])[:200] if rows else prefix

    def _roles(self) -> dict[str, int]:
        roles: dict[str, int] = {}
        for capabilities, count in self._reader().capabilities():
            names = [name for name, has in as_dict(capabilities).items() if has] or [""]
            for name in names[:5]:
                roles[name[:60]] = roles.get(name[:60], 0) + count
        return roles
