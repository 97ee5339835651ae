"""The work of a run: each batch is one short transaction that also notes how far the run is.

So a worker that is killed leaves whole batches, and the next one goes on behind them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import update

from core.bulk.acting import acting_account
from core.bulk.changes import changed_value, editable_attributes
from core.bulk.models import BulkKind, BulkRow, BulkRun, BulkState, RowState
from core.bulk.queries import get_run
from core.bulk.selection import next_ids
from core.bulk.starting import finish
from core.bulk.writing import load, write
from core.customers.attributes import Attribute, clean
from core.customers.erasing import erase_customer
from core.customers.reach import acting_for
from core.customers.storage import as_json, read_values
from core.db import db, savepoint, transaction
from core.errors import Conflict, PluginError
from core.i18n import _, _l
from core.prepared import insert_rows
from core.security.sessions import SignedInAccount

BATCH, FEW = 200, 20
CHANGED = _l("Changed together with others")


class Stopped(Exception):
    """Somebody cancelled the run, or another worker has it."""


def run(progress: Callable[..., Any], run_id: int) -> None:
    """Carry a run out from where it stands."""
    found = get_run(run_id)
    if found.state != BulkState.RUNNING:
        return
    total, kind = found.total, found.kind
    work = _erase_batch if kind == BulkKind.ERASE else _edit_batch
    try:
        while True:
            with transaction():
                current = get_run(run_id, for_change=True)
                if current.state != BulkState.RUNNING:
                    return
                account = acting_account(current)
                if account is None:
                    current.problem = _("Whoever began this may not do it any more.")
                    finish(current, BulkState.CANCELLED)
                    return
                with acting_for(account):
                    goes_on = work(current, account)
                if not goes_on:
                    finish(current, BulkState.DONE)
                    return
                seen = current.seen
            progress(min(seen, total), total)
    except Stopped:
        return


def _edit_batch(current: BulkRun, account: SignedInAccount) -> bool:
    name, how = current.change["field"], current.change["how"]
    attribute = editable_attributes(account).get(name)
    if attribute is None:
        current.problem = _("The field is not there any more, or not open to whoever began this.")
        return False
    value = _value(attribute, current.change["value"])
    ids = _take(current, account, BATCH)
    if not ids:
        return False
    customers = load(ids, {name: attribute})
    lines, changes = [], {}
    for customer_id, customer in customers.items():
        old = read_values(customer, {name: attribute})[name]
        new = changed_value(how, old, value)
        if _is_same(old, new):
            continue
        changes[customer_id] = (old, new)
        lines.append(_line(current, customer_id, RowState.CHANGED, changes=[_plain(old), _plain(new)]))
    write(customers, {name: attribute}, changes, CHANGED, account.id)
    insert_rows(BulkRow, lines)
    _count(current, changed=len(lines), equal=len(ids) - len(lines))
    return True


def _erase_batch(current: BulkRun, account: SignedInAccount) -> bool:
    ids = _take(current, account, FEW)
    lines = []
    for customer_id in ids:
        try:
            with savepoint():
                erase_customer(customer_id, by=account.id)
        except (PluginError, Conflict) as problem:
            lines.append(_line(current, customer_id, RowState.REFUSED, reason=str(problem)[:300]))
    insert_rows(BulkRow, lines)
    _count(current, changed=len(ids) - len(lines), refused=len(lines))
    return bool(ids)


def _take(current: BulkRun, account: SignedInAccount, limit: int) -> Sequence[int]:
    """Return the next customers, and move the run's position behind them."""
    ids = db.session.scalars(next_ids(current, account, limit)).all()
    if not ids:
        return ids
    mine = (BulkRun.id == current.id) & (BulkRun.position == current.position)
    moved = db.session.execute(
        update(BulkRun)
        .where(mine, BulkRun.state == BulkState.RUNNING)
        .values(position=ids[-1])
        .execution_options(synchronize_session=False)
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise Stopped
    return ids


def _value(attribute: Attribute, kept: Any) -> Any:
    return clean(attribute, kept) if kept not in (None, []) else kept


def _is_same(old: Any, new: Any) -> bool:
    if isinstance(new, list) or isinstance(old, list):
        return sorted(old or ()) == sorted(new or ())
    return bool(old == new)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, list) else as_json(value)


def _line(current: BulkRun, customer_id: int, state: RowState, **values: Any) -> Mapping[str, Any]:
    none = {"changes": None, "reason": None}
    return {"run_id": current.id, "customer_id": customer_id, "state": state, **none, **values}


def _count(current: BulkRun, **counts: int) -> None:
    added = {name: getattr(BulkRun, name) + count for name, count in counts.items()}
    statement = update(BulkRun).where(BulkRun.id == current.id).values(**added)
    db.session.execute(statement.execution_options(synchronize_session=False))
    db.session.expire(current)
