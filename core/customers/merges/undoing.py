"""Takes a merge back: the merged customer returns with all that was theirs.

What somebody changed since stays with the customer who was kept, and is named.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete

from core.activity.services import record_activity, record_audit
from core.customers.contact_points.claims import claim_email
from core.customers.duplicates.decisions import return_decisions
from core.customers.indexing import index_customers
from core.customers.merges.models import Merge
from core.customers.merges.queries import get_merge, is_over, kept_for
from core.customers.merges.rows import return_core_rows
from core.customers.merges.state import State, columns_of, name_of, read_state, write_state
from core.customers.merges.three_way import way_back
from core.customers.models import Customer
from core.customers.queries import get_customer_for_change
from core.customers.storage import set_keys
from core.customers.values import normalise_email
from core.db import db, utcnow
from core.errors import Conflict
from core.i18n import _, _l
from core.next_actions.services import return_actions
from core.plugin_host.guards import hand_back, notify


@dataclass(frozen=True, slots=True)
class Undone:
    """Both customers as they are again, and what could not go back: names of fields, and sentences."""

    kept: Customer
    merged: Customer
    fields: list[str]
    sentences: list[str]


def undo_merge(merge_id: int, *, by: int | None = None) -> Undone:
    """Take a merge back and tell `customer_unmerged`.

    Raises NotFound, and Conflict when its time is over or another merge came on top. A plugin
    that fails in `customer_unmerging` stops everything.
    """
    merge = get_merge(merge_id, for_change=True)
    record = undoable_record(merge)
    kept = get_customer_for_change(merge.kept_id)
    kept_id, merged_id = merge.kept_id, merge.merged_id
    stayed = _put_back(kept, record)
    merged = _bring_back(merged_id, record, stayed)
    return_core_rows(record["rows"], kept_id, merged_id)
    sentences = return_actions(kept_id, merged_id, record["actions"])
    return_decisions(kept_id, merged_id, record["pairs"])
    answers = hand_back("customer_unmerging", record["plugins"], kept_id=kept_id, merged_id=merged_id)
    sentences += [str(line) for _plugin, lines in answers for line in lines]
    merged.updated_at = dt.datetime.fromisoformat(record["updated_at"])
    db.session.flush()
    index_customers([kept, merged])
    fields = list(dict.fromkeys(name_of(path) for path in stayed))
    _note(merge, fields, sentences, by)
    notify("customer_unmerged", kept_id=kept_id, merged_id=merged_id)
    return Undone(kept, merged, fields, sentences)


def undoable_record(merge: Merge) -> dict[str, Any]:
    """Return what is noted about a merge; raise Conflict when it cannot be taken back now."""
    if merge.undone_at is not None:
        raise Conflict(_("This merge was taken back already."))
    if merge.record is None or is_over(merge):
        raise Conflict(_("The time in which this merge could be taken back is over."))
    if merge.holder_id != merge.kept_id:
        raise Conflict(
            _(
                "Customer No. %(number)s was merged into another one since. Take that back first.",
                number=f"{merge.kept_id:08d}",
            )
        )
    return merge.record


def what_stays(merge: Merge, kept: Customer) -> list[str]:
    """Return the names of the fields that would stay as they are because they changed since."""
    record = merge.record or {}
    stayed = way_back(record["kept"], record["after"], read_state(kept)).stayed
    return list(dict.fromkeys(name_of(path) for path in stayed))


def _put_back(kept: Customer, record: Mapping[str, Any]) -> list[str]:
    back = way_back(record["kept"], record["after"], read_state(kept))
    changes, taken = _without_taken_emails(back.changes, but=kept.id)
    return [*back.stayed, *taken, *write_state(kept, changes)]


def _bring_back(merged_id: int, record: Mapping[str, Any], stayed: list[str]) -> Customer:
    """Make the merged customer anew under the old number; add to `stayed` what is lost."""
    state, taken = _without_taken_emails(record["merged"], but=merged_id)
    created_at = dt.datetime.fromisoformat(record["created_at"])
    merged = Customer(id=merged_id, stage=columns_of(state)["stage"], created_at=created_at)
    set_keys(merged)
    db.session.add(merged)
    db.session.flush()
    stayed += [*taken, *write_state(merged, state)]
    return merged


def _without_taken_emails(state: State, *, but: int) -> tuple[State, list[str]]:
    """Leave out the e-mail addresses that somebody else was given since."""
    taken = []
    for path, value in state.items():
        if path == "column:email":
            key = normalise_email(value[0]) if value and value[0] else None
        else:
            key = value[0] if path.startswith("point:email:") and value else None
        if key and claim_email(key, but=but) is not None:
            taken.append(path)
    return {path: value for path, value in state.items() if path not in taken}, taken


def _note(merge: Merge, fields: list[str], sentences: list[str], by: int | None) -> None:
    kept, merged = merge.kept_id, merge.merged_id
    data = {"stayed": fields}
    title = _l("Merge with customer %(number)s taken back", number=f"{merged:08d}")
    record_activity(kept, "merged", title, body="\n".join(sentences), data=data, by=by)
    title = _l("Merge into customer %(number)s taken back", number=f"{kept:08d}")
    record_activity(merged, "merged", title, by=by)
    count = len(fields) + len(sentences)
    record_audit(
        "customer.unmerged",
        target=("customer", kept),
        by=by,
        data={"merged_id": merged, "stayed": count},
    )
    merge.undone_at, merge.record, merge.stayed = utcnow(), None, fields
    db.session.flush()


def forget_merges() -> int:
    """Delete what is noted about merges whose time is over; return how many. Needs a transaction."""
    old = delete(Merge).where(Merge.created_at < utcnow() - kept_for())
    return int(db.session.execute(old.execution_options(synchronize_session=False)).rowcount)  # type: ignore[attr-defined]
