# ruff: noqa: S608 - table names are checked, values are bound
"""The tables of WordPress and its plugins, as their documented layouts have them (see the README).

Table names are made of a prefix that was found among the tables themselves and checked.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from ..kinds import Kind
from . import crm_tables, levels_tables
from .connection import Connection
from .posts import CHANNEL, CONTACT_TAG, TYPE_OF, Post, values_of
from .users import METAS, user_values

_LONG, _SHORT = 65_536, 20_000
Page = list[tuple[int, dict[str, Any]]]


class TableReader:
    """Reads pages of one site."""

    def __init__(
        self, connection: Connection, names: Collection[str], prefix: str, users: str, one_of_many: bool
    ) -> None:
        self.connection = connection
        self.prefix = prefix
        self._names = names
        self._users = users
        self._one_of_many = one_of_many

    def table(self, name: str) -> str:
        """Return a table's name in a statement."""
        return f"`{self.prefix}{name}`"

    def has(self, name: str) -> bool:
        """Tell whether the site has a table."""
        return f"{self.prefix}{name}" in self._names

    def ask(self, statement: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Return the rows of a statement."""
        return self.connection.rows(statement, values)

    def count(self, kind: Kind) -> int:
        """Return how many rows of a kind there are."""
        if kind is Kind.USER:
            return self._count(f"SELECT COUNT(*) AS n FROM {self._user_source()}")
        if kind in TYPE_OF:
            where = f"FROM {self.table('posts')} WHERE post_type = %s AND post_status <> 'auto-draft'"
            return self._count(f"SELECT COUNT(*) AS n {where}", [TYPE_OF[kind]])
        table = (crm_tables.TABLES | levels_tables.TABLES)[kind]
        return self._count(f"SELECT COUNT(*) AS n FROM {self.table(table)}") if self.has(table) else 0

    def _count(self, statement: str, values: Sequence[Any] = ()) -> int:
        return int(self.ask(statement, values)[0]["n"])

    def page(self, kind: Kind, after: int, size: int) -> Page:
        """Return the next rows of a kind by number, fewer than `size` at the end."""
        if kind is Kind.USER:
            return self._user_page(after, size)
        if kind in TYPE_OF:
            return self._post_page(TYPE_OF[kind], after, size)
        readers: dict[Kind, Callable[..., Page]] = {**crm_tables.PAGES, **levels_tables.PAGES}
        table = (crm_tables.TABLES | levels_tables.TABLES)[kind]
        return readers[kind](self, after, size) if self.has(table) else []

    def capabilities(self) -> Iterable[tuple[str, int]]:
        """Yield each set of roles and how many users have it."""
        rows = self.ask(
            f"SELECT LEFT(meta_value, 4000) AS roles, COUNT(*) AS n FROM `{self._users}usermeta`"
            " WHERE meta_key = %s GROUP BY LEFT(meta_value, 4000) LIMIT 1000",
            [f"{self.prefix}capabilities"],
        )
        return [(str(row["roles"] or ""), int(row["n"])) for row in rows]

    def _user_source(self) -> str:
        users = f"`{self._users}users` u"
        if not self._one_of_many:
            return users
        # Of a network of sites, those who have a role on this one.
        meta = f"{self.prefix}capabilities"
        return (
            f"{users} WHERE EXISTS (SELECT 1 FROM `{self._users}usermeta` m"
            f" WHERE m.user_id = u.ID AND m.meta_key = '{meta}')"
        )

    def _user_page(self, after: int, size: int) -> Page:
        source = self._user_source()
        joined = f"{source} {'AND' if 'WHERE' in source else 'WHERE'} u.ID > %s"
        users = self.ask(
            "SELECT u.ID AS id, user_login AS login, user_pass AS pass, user_email AS email,"
            " display_name, CAST(user_registered AS CHAR) AS registered"
            f" FROM {joined} ORDER BY u.ID LIMIT {size}",
            [after],
        )
        granted = f"{self.prefix}capabilities"
        names = [*METAS, granted]
        metas = self._metas(f"`{self._users}usermeta`", "user_id", [row["id"] for row in users], names)
        return [
            (row["id"], user_values(row, own := metas.get(row["id"], {}), own.get(granted, "")))
            for row in users
        ]

    def _post_page(self, type_name: str, after: int, size: int) -> Page:
        rows = self.ask(
            "SELECT ID AS id, post_title, post_name, post_status, CAST(post_date AS CHAR) AS post_date,"
            f" CAST(post_date_gmt AS CHAR) AS post_date_gmt FROM {self.table('posts')}"
            f" WHERE post_type = %s AND ID > %s AND post_status <> 'auto-draft' ORDER BY ID LIMIT {size}",
            [type_name, after],
        )
        ids = [row["id"] for row in rows]
        limit = _LONG if type_name == TYPE_OF[Kind.FORM] else _SHORT
        metas = self._metas(self.table("postmeta"), "post_id", ids, limit=limit)
        terms = self._terms(ids)
        found = []
        for row in rows:
            post = Post(
                row["id"], type_name, row["post_title"], row["post_name"], row["post_status"],
                row["post_date"] or "", row["post_date_gmt"] or "",
                metas.get(row["id"], {}), terms.get(row["id"], []),
            )  # fmt: skip
            found.append((post.id, dict(values_of(post))))
        return found

    def _metas(
        self, table: str, owner: str, ids: Sequence[int], names: Sequence[str] = (), limit: int = _SHORT
    ) -> dict[int, dict[str, str]]:
        if not ids:
            return {}
        chosen = f" AND meta_key IN ({marks(names)})" if names else ""
        rows = self.ask(
            f"SELECT {owner} AS owner, meta_key, LEFT(meta_value, {limit}) AS value FROM {table}"
            f" WHERE {owner} IN ({marks(ids)}){chosen} ORDER BY {owner}",
            [*ids, *names],
        )
        metas: dict[int, dict[str, str]] = {}
        for row in rows:
            metas.setdefault(row["owner"], {}).setdefault(str(row["meta_key"] or ""), str(row["value"] or ""))
        return metas

    def _terms(self, ids: Sequence[int]) -> dict[int, list[tuple[str, str, str]]]:
        if not ids:
            return {}
        rows = self.ask(
            "SELECT r.object_id AS owner, x.taxonomy, t.slug, t.name"
            f" FROM {self.table('term_relationships')} r"
            f" JOIN {self.table('term_taxonomy')} x ON x.term_taxonomy_id = r.term_taxonomy_id"
            f" JOIN {self.table('terms')} t ON t.term_id = x.term_id"
            f" WHERE r.object_id IN ({marks(ids)}) AND x.taxonomy IN (%s, %s) ORDER BY t.term_id",
            [*ids, CHANNEL, CONTACT_TAG],
        )
        terms: dict[int, list[tuple[str, str, str]]] = {}
        for row in rows:
            terms.setdefault(row["owner"], []).append((row["taxonomy"], row["slug"], row["name"]))
        return terms


def marks(values: Sequence[Any]) -> str:
    """Return as many places for values as there are."""
    return ", ".join(["%s"] * len(values))
