"""The dry run: counts, examples and reasons, without writing anything about customers."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import delete

from core.db import db, transaction
from core.imports.matching import waves
from core.imports.models import Import, ImportProblem, Outcome
from core.imports.overlay import Settled
from core.imports.plain import plain
from core.imports.planning import Plan
from core.imports.reading import Numbered
from core.imports.settings import Settings
from core.imports.tools import Tools
from core.prepared import insert_rows

BATCH = 500
# Changes deserve more of the reader than new rows, which all look alike.
EXAMPLES = {Outcome.CREATED: 3, Outcome.CHANGED: 10}
Report = dict[str, Any]


def check_rows(
    rows: Iterable[Numbered],
    settings: Settings,
    tools: Tools,
    *,
    problems: Callable[[list[Plan]], None],
    progress: Callable[[int], None],
) -> Report:
    """Return counts and examples of what the rows would do; hand over the plans of refused ones."""
    attributes = tools.attributes()
    reader, planner = tools.reader(settings, attributes), tools.planner(settings, attributes)
    report: Report = {**{outcome.value: 0 for outcome in Outcome}, "examples": [], "rows": 0}
    book = tools.dry_book(settings, attributes)
    try:
        for batch in batches(rows):
            for wave in waves(reader.read_all(batch)):
                plans = _plan(book, planner, wave)
                for plan in plans:
                    _count(report, plan)
                problems([plan for plan in plans if plan.outcome is Outcome.REFUSED])
            report["rows"] += len(batch)
            # Ends the read transaction, so that a long check holds back nobody.
            db.session.rollback()
            progress(report["rows"])
        for settled in book.settle():
            _count_settled(report, settled)
            if settled.problem:
                problems([settled.refusal()])
        db.session.rollback()
    finally:
        book.close()
    return report


def _plan(book: Any, planner: Any, wave: list[Any]) -> list[Plan]:
    found = book.look_up(wave)
    plans = [planner.plan(row, found) for row in wave]
    book.note(plans)
    return plans


def batches(rows: Iterable[Numbered], size: int | None = None) -> Iterator[list[Numbered]]:
    """Cut rows into pieces that one short transaction can take."""
    source = iter(rows)
    while batch := list(islice(source, size or BATCH)):
        yield batch


def _count(report: Report, plan: Plan) -> None:
    report[plan.outcome.value] += 1
    shown = sum(1 for example in report["examples"] if example["outcome"] == plan.outcome)
    if shown < EXAMPLES.get(plan.outcome, 0):
        beside = {name: [None, plain(value)] for name, value in plan.beside.items()}
        said = {name: [old, new] for name, (old, new) in plan.said().items() if old != new}
        customer = plan.subject.id if plan.subject is not None and plan.subject.id > 0 else None
        report["examples"].append(
            {
                "row": plan.row.number,
                "outcome": plan.outcome.value,
                "customer": customer,
                "again": plan.subject.row if plan.subject is not None else None,
                "changes": {**beside, **said},
            }
        )


def _count_settled(report: Report, settled: Settled) -> None:
    """Count what shows only when all rows are known."""
    examples = report["examples"]
    if settled.outcome is Outcome.EQUAL:
        report[Outcome.EQUAL] -= 1
        report[Outcome.REFUSED if settled.problem else Outcome.CHANGED] += 1
    elif settled.problem:
        report[Outcome.REFUSED] += 1
    if settled.problem:
        return
    shown = next((example for example in examples if example["row"] == settled.row), None)
    if shown is not None:
        shown["changes"].update(settled.changes)
    elif settled.outcome is Outcome.EQUAL and len(examples) < sum(EXAMPLES.values()):
        customer = settled.subject if settled.subject > 0 else None
        example = {"row": settled.row, "outcome": Outcome.CHANGED.value, "customer": customer, "again": None}
        examples.append({**example, "changes": dict(settled.changes)})


def forget_problems(import_id: int) -> None:
    """Delete the reasons of an earlier check. Needs a transaction."""
    db.session.execute(delete(ImportProblem).where(ImportProblem.import_id == import_id))


def note_problems(import_id: int, plans: Iterable[Plan]) -> None:
    """Keep why rows were refused. Needs a transaction."""
    rows = [
        {"import_id": import_id, "number": plan.row.number, "messages": [list(p) for p in plan.problems]}
        for plan in plans
    ]
    insert_rows(ImportProblem, rows)


def keep_problems(row: Import) -> Callable[[list[Plan]], None]:
    """Return what keeps the reasons of a dry run, in small transactions."""
    import_id = row.id

    def keep(plans: list[Plan]) -> None:
        if plans:
            with transaction():
                note_problems(import_id, plans)

    return keep
