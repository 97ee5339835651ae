"""What a dry run would have written, so that later rows of the file meet it.

Kept in a temporary database of SQLite that has no name and goes with the connection: a file of a
million rows must not stand in memory.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.customers.attributes import Attribute
from core.customers.values import normalise_email
from core.imports.matching import Book
from core.imports.models import Outcome
from core.imports.planning import Plan, Subject
from core.imports.rows import Problem, Row, phone_name_key
from core.imports.settings import Settings

_TABLES = """
CREATE TABLE taken (key TEXT PRIMARY KEY, id INTEGER) WITHOUT ROWID;
CREATE TABLE subject (id INTEGER PRIMARY KEY, number INTEGER, said TEXT);
"""


@dataclass(slots=True)
class Settled:
    """What a row does that shows only when all rows are known; `outcome` is the row's until then."""

    row: int
    outcome: Outcome
    subject: int
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    problem: Problem | None = None

    def refusal(self) -> Plan:
        """Return the plan of a row that is refused for it."""
        return Plan(Row(self.row), Outcome.REFUSED, problems=[self.problem] if self.problem else [])


class DryBook(Book):
    """The customers as the rows so far would have left them; new ones have negative numbers."""

    def __init__(self, settings: Settings, attributes: Mapping[str, Attribute]) -> None:
        super().__init__(settings, attributes)
        self._overlay = sqlite3.connect("", isolation_level=None)
        self._overlay.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-8000;"
        )
        self._overlay.executescript(_TABLES)

    def close(self) -> None:
        """Forget everything."""
        self._overlay.close()

    def owners(self, keys: set[str]) -> dict[str, int]:
        """Return who would have which e-mail address."""
        mine = self._taken("e:", keys)
        return {
            **super().owners(keys - mine.keys()),
            **{key: number for key, number in mine.items() if number},
        }

    def by_phone_name(self, keys: set[str]) -> dict[str, list[int]]:
        """Return the customers who would have these telephones and names."""
        found = super().by_phone_name(keys)
        changed = self._said([number for ids in found.values() for number in ids])
        left = {key: [number for number in ids if number not in changed] for key, ids in found.items()}
        for key, number in self._taken("p:", keys).items():
            if number:
                left.setdefault(key, []).append(number)
        return {key: ids for key, ids in left.items() if ids}

    def subjects(self, ids: Sequence[int]) -> dict[int, Subject]:
        """Return customers as the rows so far would have left them."""
        mine = self._said(ids)
        rest = [number for number in ids if number not in mine]
        return {**(super().subjects(rest) if rest else {}), **mine}

    def note(self, plans: Iterable[Plan]) -> None:
        """Remember what rows would have done."""
        self._overlay.execute("BEGIN")
        for plan in plans:
            if plan.outcome is not Outcome.REFUSED:
                self._note(plan)
        self._overlay.execute("COMMIT")

    def settle(self) -> Iterator[Settled]:
        """Yield what shows only when all rows are known: of customers nothing."""
        return iter(())

    def _note(self, plan: Plan) -> None:
        number, row = -plan.row.number, plan.row.number
        old: dict[str, object] = {}
        if plan.subject is not None:
            number, row, old = plan.subject.id, plan.subject.row or row, plan.subject.values
        new = {**old, **{name: value for name, (_old, value) in plan.said().items()}}
        self._overlay.execute(
            "INSERT OR REPLACE INTO subject VALUES (?, ?, ?)",
            (number, row, json.dumps(new, ensure_ascii=False)),
        )
        before, now = _keys(old), _keys(new)
        gone = [(key, None) for key in before - now]
        self._overlay.executemany("INSERT OR REPLACE INTO taken VALUES (?, ?)", gone)
        # Whoever shares telephone and name with another is found by neither in the database alone.
        self._overlay.executemany(
            "INSERT OR REPLACE INTO taken VALUES (?, ?)", [(key, number) for key in now]
        )

    def _taken(self, kind: str, keys: Iterable[str]) -> dict[str, int | None]:
        wanted = [kind + key for key in keys]
        marks = ",".join("?" * len(wanted))
        rows = self._overlay.execute(f"SELECT key, id FROM taken WHERE key IN ({marks})", wanted)  # noqa: S608
        return {key.removeprefix(kind): number for key, number in rows}

    def _said(self, ids: Sequence[int]) -> dict[int, Subject]:
        marks = ",".join("?" * len(ids))
        query = f"SELECT id, number, said FROM subject WHERE id IN ({marks})"  # noqa: S608
        return {
            number: Subject(number, json.loads(said), row)
            for number, row, said in self._overlay.execute(query, ids)
        }


def _keys(values: Mapping[str, object]) -> set[str]:
    keys = {f"e:{normalise_email(str(values['email']))}"} if values.get("email") else set()
    named = phone_name_key(values)
    return {*keys, f"p:{named}"} if named else keys
