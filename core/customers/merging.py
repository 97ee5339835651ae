"""Makes one customer of two."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select, update

from core import search
from core.accounts.member_models import Withdrawal
from core.accounts.models import Account
from core.accounts.registration.consents import move_consents
from core.activity.models import Activity
from core.activity.services import record_activity, record_audit
from core.conditions.fields import FieldType
from core.customers.contact_points.merging import gather, settle
from core.customers.field_rights import actor_of
from core.customers.indexing import CUSTOMER, index_customers
from core.customers.models import Customer
from core.customers.queries import get_customer_for_change
from core.customers.registry import customer_attributes, stored_attributes
from core.customers.storage import read_values, write_values
from core.db import db
from core.errors import Conflict
from core.i18n import _, _l
from core.mail.services import move_mails
from core.next_actions.services import move_actions
from core.plugin_host.guards import collect, notify


def merge_customers(
    kept_id: int, merged_id: int, *, take: Collection[str] = (), by: int | None = None
) -> Customer:
    """Move everything of `merged_id` to `kept_id`, delete it, and tell `customer_merged`.

    The kept customer's values stay, except those that `take` names and `by` may change; what it
    lacks is filled, and lists (labels, interests, contact points) are united. Raises NotFound, and
    Conflict when both can log in; a plugin that fails in `customer_merging` stops everything.
    """
    if kept_id == merged_id:
        raise Conflict(_("Choose two different customers."))
    locked = {number: get_customer_for_change(number) for number in sorted((kept_id, merged_id))}
    kept, merged = locked[kept_id], locked[merged_id]
    _refuse_two_accounts(kept_id, merged_id)
    collect("customer_merging", kept_id=kept_id, merged_id=merged_id)
    allowed = customer_attributes(actor_of(by))
    take = [name for name in take if name in allowed and not allowed[name].locked]
    values = merged_values(kept, merged, take)
    points = gather(kept, merged)
    company_id = merged.company_id
    _move_rows(kept_id, merged_id)
    _delete(merged)
    write_values(kept, stored_attributes(), values)
    if "company_name" in values:
        kept.company_id = company_id
    db.session.flush()
    settle(kept, points)
    index_customers([kept])
    title = _l("Merged with customer %(number)s", number=f"{merged_id:08d}")
    record_activity(kept_id, "merged", title, data={"fields": sorted(values)}, by=by)
    record_audit("customer.merged", target=("customer", kept_id), by=by, data={"merged_id": merged_id})
    notify("customer_merged", kept_id=kept_id, merged_id=merged_id)
    return kept


def merged_values(kept: Customer, merged: Customer, take: Collection[str]) -> dict[str, Any]:
    """Return what the kept customer would get: chosen values, filled gaps, united lists."""
    attributes = stored_attributes()
    old, new = read_values(kept, attributes), read_values(merged, attributes)
    found: dict[str, Any] = {}
    for name, attribute in attributes.items():
        if attribute.type is FieldType.MULTI:
            united = list(dict.fromkeys([*old[name], *new[name]]))
            if united != old[name]:
                found[name] = united
        elif new[name] is not None and new[name] != old[name] and (name in take or _is_empty(old, name)):
            found[name] = new[name]
    return found


def _is_empty(values: Mapping[str, Any], name: str) -> bool:
    # Nobody enters "not a decision maker"; it is what stands there without an answer.
    return values[name] is None or (name == "is_decision_maker" and values[name] is False)


def _refuse_two_accounts(kept_id: int, merged_id: int) -> None:
    accounts = db.session.execute(
        select(Account.id).where(Account.customer_id.in_((kept_id, merged_id)))
    ).all()
    if len(accounts) > 1:
        raise Conflict(_("Both customers can log in. Delete one of the two accounts first."))


def _move_rows(kept_id: int, merged_id: int) -> None:
    move_consents(merged_id, kept_id)
    for column in (Activity.customer_id, Account.customer_id, Withdrawal.customer_id):
        statement = update(column.class_).where(column == merged_id).values(customer_id=kept_id)
        db.session.execute(statement.execution_options(synchronize_session=False))
    move_actions(kept_id, merged_id)
    move_mails("customer", merged_id, kept_id)


def _delete(merged: Customer) -> None:
    search.remove(CUSTOMER, merged.id)
    db.session.delete(merged)
    # At once, because the kept customer may take over the unique e-mail address.
    db.session.flush()
