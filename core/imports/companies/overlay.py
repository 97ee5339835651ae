"""What a dry run would have made of companies: names and groups as after all rows so far.

The names, corporate numbers and parents of all companies are copied into a temporary database of
SQLite, because rows may name each other as parents, in any order.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from core.customers.attributes import Attribute
from core.customers.company_attributes import COMPANY_ATTRIBUTES
from core.customers.company_group.models import CompanyParent
from core.customers.company_group.queries import MOST_LEVELS
from core.customers.company_group.services import refuse_place
from core.customers.models import Company
from core.customers.names import company_key
from core.db import db
from core.errors import Conflict
from core.imports.companies.book import CompanyBook
from core.imports.companies.columns import PARENT, PARENT_ATTRIBUTE
from core.imports.companies.parents import Called, find_parent, in_words
from core.imports.companies.planning import CompanyPlanner
from core.imports.models import Outcome
from core.imports.overlay import Settled
from core.imports.planning import Plan, Subject
from core.imports.settings import Policy, Settings

_TABLES = """
PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-8000;
CREATE TABLE company (id INTEGER PRIMARY KEY, name TEXT, name_key TEXT, number TEXT, parent INTEGER);
CREATE INDEX by_name ON company (name_key);
CREATE INDEX by_number ON company (number);
CREATE INDEX by_parent ON company (parent);
CREATE TABLE subject (id INTEGER PRIMARY KEY, row INTEGER, said TEXT);
CREATE TABLE wanted (row INTEGER PRIMARY KEY, id INTEGER, outcome TEXT, parent TEXT);
"""
_PAGE = 2_000


class DryCompanyBook(CompanyBook):
    """The companies as the rows so far would have left them; new ones have negative numbers."""

    def __init__(self, settings: Settings, attributes: Mapping[str, Attribute]) -> None:
        super().__init__(settings, COMPANY_ATTRIBUTES)
        self._planner = CompanyPlanner(settings, attributes)
        self._overlay = sqlite3.connect("", isolation_level=None)
        self._overlay.executescript(_TABLES)
        self._overlay.execute("BEGIN")
        for page in _all_companies():
            self._overlay.executemany("INSERT INTO company VALUES (?, ?, ?, ?, ?)", page)
        self._overlay.execute("COMMIT")

    def close(self) -> None:
        """Forget everything."""
        self._overlay.close()

    def with_corporate_numbers(self, numbers: Sequence[str]) -> dict[str, list[int]]:
        """Return the companies that would have these corporate numbers."""
        found: dict[str, list[int]] = {}
        for number, company_id in self._among("number, id", "number", numbers):
            found.setdefault(number, []).append(company_id)
        return found

    def called(self, keys: Sequence[str]) -> dict[str, list[Called]]:
        """Return the companies that would be called so."""
        found: dict[str, list[Called]] = {}
        for key, company_id, name in self._among("name_key, id, name", "name_key", keys):
            found.setdefault(key, []).append((company_id, name))
        return found

    def subjects(self, ids: Sequence[int]) -> dict[int, Subject]:
        """Return companies as the rows so far would have left them."""
        marks = ",".join("?" * len(ids))
        query = f"SELECT id, row, said FROM subject WHERE id IN ({marks})"  # noqa: S608
        mine = {
            number: Subject(number, json.loads(said), row)
            for number, row, said in self._overlay.execute(query, ids)
        }
        rest = [number for number in ids if number not in mine]
        return {**(super().subjects(rest) if rest else {}), **mine}

    def note(self, plans: Iterable[Plan]) -> None:
        """Remember what rows would have done."""
        self._overlay.execute("BEGIN")
        for plan in plans:
            if plan.outcome is not Outcome.REFUSED:
                self._note(plan)
        self._overlay.execute("COMMIT")

    def _note(self, plan: Plan) -> None:
        subject = plan.subject or Subject(-plan.row.number, {})
        said = {**subject.values, **{name: value for name, (_old, value) in plan.said().items()}}
        self._overlay.execute(
            "INSERT OR REPLACE INTO subject VALUES (?, ?, ?)",
            (subject.id, subject.row or plan.row.number, json.dumps(said, ensure_ascii=False)),
        )
        name, number = str(said["name"]), said.get("corporate_number")
        self._overlay.execute(
            "INSERT INTO company VALUES (?1, ?2, ?3, ?4, NULL) ON CONFLICT (id)"
            " DO UPDATE SET name = ?2, name_key = ?3, number = ?4",
            (subject.id, name, company_key(name), number),
        )
        wanted = self._planner.parent_wanted(plan)
        if wanted is not None:
            row = (plan.row.number, subject.id, plan.outcome.value, wanted)
            self._overlay.execute("INSERT INTO wanted VALUES (?, ?, ?, ?)", row)

    def settle(self) -> Iterator[Settled]:
        """Yield where the rows' companies would stand below others, and why some would not."""
        fills = self._settings.policy(PARENT) is Policy.FILL
        rows = self._overlay.execute("SELECT row, id, outcome, parent FROM wanted ORDER BY row").fetchall()
        for row, company_id, outcome, text in rows:
            settled = Settled(row, Outcome(outcome), company_id)
            before = self._one("parent", company_id)
            if fills and before is not None:
                continue
            try:
                after = find_parent(text, self) if text else None
                if after == before:
                    continue
                if after is not None:
                    self._refuse_place(company_id, after)
            except Conflict as refusal:
                settled.problem = (str(PARENT_ATTRIBUTE.title), in_words(text, refusal))
                yield settled
                continue
            self._overlay.execute("UPDATE company SET parent = ? WHERE id = ?", (after, company_id))
            settled.changes[PARENT] = (self._one("name", before), self._one("name", after))
            yield settled

    def _refuse_place(self, company_id: int, parent_id: int) -> None:
        names = {number: str(self._one("name", number)) for number in (company_id, parent_id)}
        above: list[int] = []
        while len(above) < MOST_LEVELS and (up := self._one("parent", above[-1] if above else parent_id)):
            above.append(up)
        below, level = 0, [company_id]
        while below < MOST_LEVELS and (level := [row[0] for row in self._among("id", "parent", level)]):
            below += 1
        refuse_place(company_id, parent_id, names, above, below)

    def _one(self, column: str, company_id: int | None) -> Any:
        query = f"SELECT {column} FROM company WHERE id = ?"  # noqa: S608
        row = self._overlay.execute(query, (company_id,)).fetchone()
        return row[0] if row is not None else None

    def _among(self, columns: str, name: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        marks = ",".join("?" * len(values))
        query = f"SELECT {columns} FROM company WHERE {name} IN ({marks}) ORDER BY abs(id)"  # noqa: S608
        return self._overlay.execute(query, list(values)).fetchall()


def _all_companies() -> Iterator[list[tuple[Any, ...]]]:
    last = 0
    query = select(
        Company.id, Company.name, Company.name_key, Company.corporate_number, CompanyParent.parent_id
    )
    query = query.outerjoin(CompanyParent, CompanyParent.company_id == Company.id).order_by(Company.id)
    while page := db.session.execute(query.where(Company.id > last).limit(_PAGE)).all():
        yield [tuple(row) for row in page]
        last = page[-1].id
