"""The run of rows of a plugin's kind, through the plugin's own verbs."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import KaiinError
from core.imports.checking import note_problems
from core.imports.kinds.asking import attempt, words_of
from core.imports.kinds.book import KindBook
from core.imports.kinds.contract import ImportJob, ImportRecord
from core.imports.kinds.models import ImportKindRow
from core.imports.kinds.rows import KindPlanner, KindReader, Work
from core.imports.models import Outcome
from core.imports.planning import Plan
from core.imports.running import Runner
from core.imports.settings import Settings
from core.prepared import insert_rows


class KindRunner(Runner):
    """Carries out the rows of one import. What a verb refuses is a refused row."""

    # Visitors who write must not wait for long, whatever a plugin does with a row.
    batch_size = 250

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
        fresh = [plan for plan in plans if plan.outcome is Outcome.CREATED]
        changed = [plan for plan in plans if plan.outcome is Outcome.CHANGED]
        made = self._make(fresh)
        self._move(changed, book)
        insert_rows(ImportKindRow, [line for plan in plans if (line := self._noted(plan, book, made))])
        note_problems(self._id, (plan for plan in plans if plan.outcome is Outcome.REFUSED))

    def _make(self, plans: Sequence[Plan]) -> dict[int, ImportRecord]:
        """Write the new things; return those that are there by the number of the row."""
        work = [(plan.row, plan.values) for plan in plans]
        answers = attempt(self._work.plugin, self._work.rows.create, work, self._job)
        for plan, answer in zip(plans, answers, strict=True):
            _note_refusal(plan, answer)
        return {
            plan.row.number: answer
            for plan, answer in zip(plans, answers, strict=True)
            if plan.outcome is Outcome.CREATED
        }

    def _move(self, plans: Sequence[Plan], book: KindBook) -> None:
        work = [(book.records[plan.subject.id], plan.values) for plan in plans if plan.subject is not None]
        answers = attempt(self._work.plugin, self._work.rows.change, work, self._job)
        for plan, answer in zip(plans, answers, strict=True):
            _note_refusal(plan, answer)

    def _noted(self, plan: Plan, book: KindBook, made: Mapping[int, ImportRecord]) -> dict[str, Any] | None:
        record = made.get(plan.row.number)
        changes: Mapping[str, Any] | None = None
        if record is not None:
            changes = {name: [None, value] for name, value in record.values.items()}
        elif plan.subject is not None:
            record = book.records.get(plan.subject.id)
            if plan.outcome is Outcome.CHANGED:
                changes = {name: list(pair) for name, pair in plan.changes.items()}
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


def _note_refusal(plan: Plan, answer: Any) -> None:
    if isinstance(answer, KaiinError):
        plan.outcome, plan.problems = Outcome.REFUSED, [("", words_of(answer))]
