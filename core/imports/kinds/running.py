"""The run of rows of a plugin's kind, through the plugin's own verbs."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.customers.bulk import insert_rows
from core.errors import KaiinError
from core.imports.checking import note_problems
from core.imports.kinds.asking import attempt, words_of
from core.imports.kinds.book import KindBook
from core.imports.kinds.contract import ImportJob
from core.imports.kinds.models import ImportKindRow
from core.imports.kinds.rows import KindPlanner, KindReader, Work
from core.imports.models import Outcome
from core.imports.planning import Plan
from core.imports.running import Runner
from core.imports.settings import Settings


class KindRunner(Runner):
    """Carries out the rows of one import. What a verb refuses is a refused row."""

    # They are written one by one; visitors who write must not wait for long.
    batch_size = 100

    def __init__(self, work: Work, import_id: int, settings: Settings, *, by: int | None) -> None:
        self._work = work
        self._id, self._by, self._settings = import_id, by, settings
        self._job = ImportJob(import_id, by)
        self._attributes = work.attributes
        self._reader = KindReader(settings, work)
        self._planner = KindPlanner(settings, work)

    def _book(self) -> KindBook:
        return KindBook(self._work, self._id)

    def _write(self, plans: Sequence[Plan], book: Any) -> None:
        insert_rows(ImportKindRow, [line for plan in plans if (line := self._write_one(plan, book))])
        note_problems(self._id, (plan for plan in plans if plan.outcome is Outcome.REFUSED))

    def _write_one(self, plan: Plan, book: KindBook) -> dict[str, Any] | None:
        record = book.records.get(plan.subject.id) if plan.subject is not None else None
        changes: Mapping[str, Any] | None = None
        try:
            if plan.outcome is Outcome.CREATED:
                create = self._work.rows.create
                record = attempt(self._work.plugin, create, plan.row, plan.values, self._job)
                changes = {name: [None, value] for name, value in record.values.items()}
            elif plan.outcome is Outcome.CHANGED:
                attempt(self._work.plugin, self._work.rows.change, record, plan.values, self._job)
                changes = {name: list(pair) for name, pair in plan.changes.items()}
        except KaiinError as refusal:
            plan.outcome, plan.problems = Outcome.REFUSED, [("", words_of(refusal))]
        if record is None:
            return None
        return {
            "import_id": self._id,
            "number": plan.row.number,
            "subject_id": record.id,
            "customer_id": record.customer_id,
            "outcome": plan.outcome,
            "changes": changes,
        }
