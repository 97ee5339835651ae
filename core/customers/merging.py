"""Makes one customer of two."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select

from core import search
from core.accounts.models import Account
from core.activity.services import record_activity, record_audit
from core.conditions.fields import FieldType
from core.customers.attributes import Attribute
from core.customers.contact_points.merging import gather, settle
from core.customers.duplicates.decisions import carry_decisions
from core.customers.field_rights import actor_of
from core.customers.indexing import CUSTOMER, index_customers
from core.customers.merges.models import Merge
from core.customers.merges.rows import move_core_rows
from core.customers.merges.state import read_state
from core.customers.models import Customer
from core.customers.queries import get_customer_for_change
from core.customers.registry import customer_attributes, stored_attributes
from core.customers.storage import read_values, write_values
from core.db import db
from core.errors import Conflict, PluginError
from core.i18n import _, _l
from core.next_actions.services import move_actions
from core.plugin_host.guards import collect, notify

KEPT, MERGED, BOTH = "kept", "merged", "both"
_GAP = "\n\n"


def merge_customers(
    kept_id: int,
    merged_id: int,
    *,
    choices: Mapping[str, str] | None = None,
    leave: Collection[str] = (),
    by: int | None = None,
) -> Customer:
    """Move everything of `merged_id` to `kept_id`, delete it, and tell `customer_merged`.

    The kept customer's values stay and what it lacks is filled; lists (labels, interests) are
    united. `choices` says otherwise by field that `by` may change: `kept`,
    `merged` or `both`. All contact points come
    along but those that `leave` names (`Gathered.name`). What was done is noted, so that it can be
    taken back (`core.customers.merges`). Raises NotFound, and Conflict when both can log in; a
    plugin that fails in `customer_merging` stops everything.
    """
    if kept_id == merged_id:
        raise Conflict(_("Choose two different customers."))
    locked = {number: get_customer_for_change(number) for number in sorted((kept_id, merged_id))}
    kept, merged = locked[kept_id], locked[merged_id]
    _refuse_two_accounts(kept_id, merged_id)
    allowed = customer_attributes(actor_of(by))
    chosen = {n: how for n, how in (choices or {}).items() if n in allowed and not allowed[n].locked}
    values = merged_values(kept, merged, chosen)
    record: dict[str, Any] = {
        "kept": read_state(kept),
        "merged": read_state(merged),
        "created_at": merged.created_at.isoformat(),
        "updated_at": merged.updated_at.isoformat(),
        "plugins": _as_json(collect("customer_merging", kept_id=kept_id, merged_id=merged_id)),
        "rows": move_core_rows(kept_id, merged_id),
        "actions": move_actions(kept_id, merged_id),
        "pairs": carry_decisions(kept_id, merged_id),
    }
    points = [point for point in gather(kept, merged) if point.name not in leave]
    company_id = merged.company_id
    _delete(merged)
    write_values(kept, stored_attributes(), values)
    if "company_name" in values:
        kept.company_id = company_id
    db.session.flush()
    settle(kept, points)
    index_customers([kept])
    db.session.expire(kept)
    record["after"] = read_state(kept)
    merge = Merge(holder_id=kept_id, kept_id=kept_id, merged_id=merged_id, record=record, account_id=by)
    db.session.add(merge)
    db.session.flush()
    title, data = _l("Merged with customer %(number)s", number=f"{merged_id:08d}"), {"fields": sorted(values)}
    # From there it is taken back.
    record_activity(kept_id, "merged", title, data=data, by=by, url=f"/admin/customers/merges/{merge.id}")
    record_audit("customer.merged", target=("customer", kept_id), by=by, data={"merged_id": merged_id})
    notify("customer_merged", kept_id=kept_id, merged_id=merged_id)
    return kept


def merged_values(kept: Customer, merged: Customer, choices: Mapping[str, str]) -> dict[str, Any]:
    """Return what the kept customer would get: chosen values, filled gaps, united lists."""
    attributes = stored_attributes()
    old, new = read_values(kept, attributes), read_values(merged, attributes)
    found: dict[str, Any] = {}
    for name, attribute in attributes.items():
        value = _chosen(attribute, old[name], new[name], choices.get(name, ""))
        if value != old[name]:
            found[name] = value
    return found


def _chosen(attribute: Attribute, old: Any, new: Any, choice: str) -> Any:
    if attribute.type is FieldType.MULTI:
        united = list(dict.fromkeys([*old, *new]))
        return {KEPT: old, MERGED: new}.get(choice, united)
    # Nobody enters "not a decision maker"; it is what stands there without an answer.
    is_empty = old is None or (attribute.name == "is_decision_maker" and not old)
    if new is None or (is_empty and choice == KEPT):
        return old
    if is_empty or choice == MERGED:
        return new
    return _joined(attribute, old, new) if choice == BOTH and attribute.multiline else old


def _joined(attribute: Attribute, old: str, new: str) -> str:
    if new in old:
        return old
    both = f"{old}{_GAP}{new}"
    if len(both) > attribute.limit:
        raise Conflict(
            _("Both texts of “%(title)s” together are too long. Choose one.", title=str(attribute.title))
        )
    return both


def _as_json(answers: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return what each plugin wants back for an undoing, as it is kept."""
    notes = {}
    for plugin, note in answers:
        try:
            notes[plugin] = json.loads(json.dumps(note))
        except (TypeError, ValueError) as error:
            message = _("The plugin “%(name)s” stopped this; nothing was changed.", name=plugin)
            raise PluginError(plugin, message) from error
    return notes


def _refuse_two_accounts(kept_id: int, merged_id: int) -> None:
    accounts = db.session.execute(
        select(Account.id).where(Account.customer_id.in_((kept_id, merged_id)))
    ).all()
    if len(accounts) > 1:
        raise Conflict(_("Both customers can log in. Delete one of the two accounts first."))


def _delete(merged: Customer) -> None:
    search.remove(CUSTOMER, merged.id)
    db.session.delete(merged)
    # At once, because the kept customer may take over the unique e-mail address.
    db.session.flush()
