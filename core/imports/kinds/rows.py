"""Reads the rows of a plugin's kind and says what they would do."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.customers.attributes import Attribute
from core.i18n import _l
from core.imports.kinds.asking import ask
from core.imports.kinds.contract import ImportKind, ImportRecord, ImportRows
from core.imports.kinds.registry import attributes_of, plugin_of
from core.imports.models import Outcome
from core.imports.plain import differs, is_empty, plain
from core.imports.planning import Found, Plan, Planner, Subject, missing
from core.imports.row import Problem, Row
from core.imports.rows import RowReader
from core.imports.settings import Settings


class Work:
    """The rows of one file with what their plugin says of them."""

    def __init__(self, kind: ImportKind, match: str) -> None:
        self.plugin = plugin_of(kind)
        self.rows: ImportRows = ask(self.plugin, kind.rows, match)
        self.attributes = attributes_of(kind)
        columns = kind.columns()
        self.finds = frozenset(column.name for column in columns if column.finds)
        self.drifts = frozenset(column.name for column in columns if column.drifts)


class KindReader(RowReader):
    """Reads rows and lets the plugin say where they belong, a batch at a time."""

    def __init__(self, settings: Settings, work: Work) -> None:
        super().__init__(settings, work.attributes)
        self._work = work

    def read_all(self, rows: Iterable[tuple[int, Sequence[str]]]) -> list[Row]:
        """Return the rows of a batch, each in its group."""
        lines = super().read_all(rows)
        if whole := [line for line in lines if not line.problems]:
            ask(self._work.plugin, self._work.rows.place, whole)
        return lines

    def _find_keys(self, row: Row) -> None:
        """Leave it to the plugin."""


@dataclass(slots=True)
class FoundRecords(Found):
    """What is there in the groups of a wave, and which earlier rows of the file were about it."""

    groups: Mapping[str, list[ImportRecord]] = field(default_factory=dict)
    earlier: Mapping[int, int] = field(default_factory=dict)


class KindPlanner(Planner):
    """Plans rows of a plugin's kind."""

    several = _l("Several entries fit this row. Choose another match.")
    nobody = _l("No entry fits this row.")
    again = _l("Row %(row)s of this file is about the same entry.")
    there = _l("This entry exists already.")

    def __init__(self, settings: Settings, work: Work) -> None:
        self._work = work
        attributes: Mapping[str, Attribute] = work.attributes
        super().__init__(settings, attributes)
        self._required = {name: attribute for name, attribute in attributes.items() if attribute.required}

    def _always(self) -> dict[str, object]:
        return {}

    def plan(self, row: Row, found: Found) -> Plan:
        """Return what the row does to the record that fits it."""
        assert isinstance(found, FoundRecords)
        records = found.groups.get(row.group or "", [])
        fitting: Sequence[ImportRecord] = ()
        if not row.problems:
            fitting = ask(self._work.plugin, self._work.rows.fitting, row, records)
        record = fitting[0] if len(fitting) == 1 else None
        subject = Subject(record.id, record.values, found.earlier.get(record.id)) if record else None
        problem = "" if row.problems else self._refusal(row, [one.id for one in fitting], subject)
        if row.problems or problem:
            return Plan(row, Outcome.REFUSED, subject, problems=[*row.problems, *_said(problem)])
        return self._judged(self._plan(row, subject), record, records)

    def _plan(self, row: Row, subject: Subject | None) -> Plan:
        written = {name: value for name, value in row.values.items() if name not in self._work.finds}
        asked = Row(row.number, written, group=row.group)
        plan = self._create(asked) if subject is None else self._change(asked, subject)
        plan.row = row
        return plan

    def _create(self, row: Row) -> Plan:
        values = {name: value for name, value in row.values.items() if not is_empty(name, value)}
        needed = {name: None for name in self._required if name not in self._work.finds}
        needed_by = {name: self._required[name] for name in needed}
        return Plan(row, Outcome.CREATED, None, values, problems=missing(needed_by, {**needed, **values}))

    def _judged(self, plan: Plan, record: ImportRecord | None, records: Sequence[ImportRecord]) -> Plan:
        if plan.outcome is not Outcome.EQUAL and not plan.problems:
            others = [one for one in records if record is None or one.id != record.id]
            plan.problems += ask(self._work.plugin, self._work.rows.judge, plan.values, record, others)
        if plan.problems:
            return Plan(plan.row, Outcome.REFUSED, plan.subject, problems=plan.problems)
        if record is not None:
            old = record.values
            changed = {n: v for n, v in plan.values.items() if differs(n, old.get(n), plain(v))}
            plan.values, plan.changes = changed, {n: (old.get(n), plain(v)) for n, v in changed.items()}
            plan.outcome = Outcome.CHANGED if changed else Outcome.EQUAL
        else:
            found_by = self._work.finds.intersection(plan.row.values)
            plan.beside = {name: plan.row.values[name] for name in sorted(found_by)}
        return plan

    def _left(self, values: Mapping[str, object], subject: Subject) -> list[Problem]:
        return []


def _said(problem: str) -> list[Problem]:
    return [("", problem)] if problem else []
