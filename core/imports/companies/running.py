"""The run of rows of companies, through the same verbs as the screens; then their parents."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select, update

from core.customers.attributes import Attribute
from core.customers.company_attributes import COMPANY_ATTRIBUTES
from core.customers.company_group.services import remove_parent, set_parent
from core.customers.company_services import create_company, update_company
from core.customers.storage import read_values
from core.db import db, transaction
from core.errors import Conflict
from core.imports.checking import note_problems
from core.imports.companies.book import CompanyBook, parent_of
from core.imports.companies.columns import PARENT, PARENT_ATTRIBUTE, company_columns
from core.imports.companies.models import ImportCompanyRow
from core.imports.companies.parents import find_parent, in_words
from core.imports.companies.planning import CompanyPlanner
from core.imports.companies.rows import CompanyReader
from core.imports.models import Import, Outcome
from core.imports.overlay import Settled
from core.imports.plain import digest_of, plain_all
from core.imports.planning import Plan
from core.imports.running import Runner
from core.imports.settings import Policy
from core.prepared import insert_rows

PAGE = 50


class CompanyRunner(Runner):
    """Carries out rows of companies. They may name each other as parents, so parents come last."""

    reader, planner = CompanyReader, CompanyPlanner
    # Companies are written one by one; visitors who write must not wait for long.
    batch_size = 100
    _planner: CompanyPlanner

    @staticmethod
    def _all_attributes() -> Mapping[str, Attribute]:
        return company_columns()

    def _book(self) -> CompanyBook:
        return CompanyBook(self._settings, COMPANY_ATTRIBUTES, self._id)

    def _write(self, plans: Sequence[Plan], book: Any) -> None:
        insert_rows(ImportCompanyRow, [line for plan in plans if (line := self._write_one(plan))])
        note_problems(self._id, (plan for plan in plans if plan.outcome is Outcome.REFUSED))

    def _write_one(self, plan: Plan) -> dict[str, Any] | None:
        changes = digest = None
        if plan.outcome is Outcome.CREATED:
            company = create_company(plain_all(plan.values), by=self._by)
            company_id = company.id
            digest = digest_of(read_values(company, COMPANY_ATTRIBUTES))
        elif plan.subject is None:
            return None
        else:
            company_id = plan.subject.id
            if plan.outcome is Outcome.CHANGED:
                update_company(company_id, plain_all(plan.values), by=self._by)
                changes = {name: list(pair) for name, pair in plan.changes.items()}
        refused = plan.outcome is Outcome.REFUSED
        return {
            "import_id": self._id,
            "number": plan.row.number,
            "company_id": company_id,
            "outcome": plan.outcome,
            "changes": changes,
            "digest": digest,
            "parent_wanted": None if refused else self._planner.parent_wanted(plan),
            "placed": False,
        }

    def finish(self) -> None:
        """Put the companies below their parents."""
        after = 0
        while True:
            with transaction():
                rows = self._waiting(after)
                for row in rows:
                    self._place(row)
                if not rows:
                    return
                after = rows[-1].number

    def _waiting(self, after: int) -> Sequence[ImportCompanyRow]:
        table = ImportCompanyRow
        query = select(table).where(table.import_id == self._id, table.number > after)
        query = query.where(table.parent_wanted.is_not(None)).order_by(table.number).limit(PAGE)
        return db.session.scalars(query.with_for_update()).all()

    def _place(self, row: ImportCompanyRow) -> None:
        text, row.parent_wanted = row.parent_wanted or "", None
        before = parent_of(row.company_id)
        if before is not None and self._settings.policy(PARENT) is Policy.FILL:
            return
        was = Outcome(row.outcome)
        try:
            parent = find_parent(text, self._book()) if text else None
            if parent == before:
                return
            put_below(row.company_id, parent, by=self._by)
        except Conflict as refusal:
            problem = (str(PARENT_ATTRIBUTE.title), in_words(text, refusal))
            note_problems(self._id, [Settled(row.number, was, row.company_id, problem=problem).refusal()])
            row.outcome = Outcome.REFUSED if was is Outcome.EQUAL else was
            self._count(was, Outcome.REFUSED)
            return
        row.placed, row.parent_before, row.parent_now = True, before, parent
        if was is Outcome.EQUAL:
            row.outcome = Outcome.CHANGED
            self._count(was, Outcome.CHANGED)

    def _count(self, was: Outcome, now: Outcome) -> None:
        """Count a row as something else than it was counted, or what was done as well as refused."""
        values = {now.value: getattr(Import, now.value) + 1}
        if was is Outcome.EQUAL:
            values["equal"] = Import.equal - 1
        statement = update(Import).where(Import.id == self._id).values(**values)
        db.session.execute(statement.execution_options(synchronize_session=False))


def put_below(company_id: int, parent_id: int | None, *, by: int | None) -> None:
    """Put a company below a parent, or at the top. Raises Conflict or NotFound."""
    if parent_id is None:
        remove_parent(company_id, by=by)
    else:
        set_parent(company_id, parent_id, by=by)
