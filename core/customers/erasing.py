"""Erases a person, and reports what is kept about one."""

import datetime as dt
from typing import Any

from sqlalchemy import func, select

from core import search
from core.accounts.models import Account
from core.accounts.registration.consent_queries import list_consents
from core.activity.models import Activity
from core.activity.services import record_audit
from core.customer_files.services import forget_files
from core.customers.contact_points.queries import emails_of
from core.customers.contact_points.report import report_points
from core.customers.indexing import CUSTOMER
from core.customers.merges.queries import report_merges
from core.customers.queries import get_customer, get_customer_for_change
from core.customers.registry import stored_attributes
from core.customers.relations.queries import report_relations
from core.customers.storage import as_json, read_values
from core.db import db
from core.mail.queries import mails_to, readable_text
from core.mail.services import forget_mails
from core.next_actions.queries import report_actions
from core.plugin_host.guards import collect
from core.privacy.erasing.certificates import certify, erasing_lines
from core.privacy.erasing.traces import forget_bulk, forget_interests, forget_tokens
from core.privacy.holds import refuse_held


def erase_customer(customer_id: int, *, by: int | None = None) -> dict[str, int]:
    """Delete a customer with timeline, log-in and mails; return how much went, and the certificate's id.

    Plugins delete or anonymise theirs first, disabled ones too; one that fails stops everything.
    The audit log keeps numbers only, and so does the certificate. Raises NotFound, and Conflict
    while the customer is held.
    """
    customer = get_customer_for_change(customer_id)
    refuse_held(customer_id)
    counts = erasing_counts(customer_id)
    certificate = certify(customer_id, erasing_lines(customer_id), by=by)
    addresses = emails_of(customer_id)
    collect("customer_erasing", customer_id=customer_id)
    counts["mails"] = forget_mails(None, ("customer", customer_id))
    counts["mails"] += sum(forget_mails(address) for address in addresses)
    counts["files"] = forget_files(customer_id)
    forget_tokens(addresses)
    forget_interests(customer_id)
    forget_bulk(customer_id)
    search.remove(CUSTOMER, customer_id)
    db.session.delete(customer)
    db.session.flush()
    counts["certificate"] = certificate.id
    record_audit("customer.erased", target=("customer", customer_id), by=by, data=counts)
    return counts


def erasing_counts(customer_id: int) -> dict[str, int]:
    """Return how much of core's would be deleted with a customer."""
    return {
        "activities": _count(Activity.id, Activity.customer_id == customer_id),
        "accounts": _count(Account.id, Account.customer_id == customer_id),
    }


def warnings_before_erasing(customer_id: int) -> list[Any]:
    """Return what plugins want staff to know before they erase a person, e.g. what must be kept."""
    answers = collect("before_erasing", customer_id=customer_id)
    return [line for _plugin, lines in answers for line in lines]


def _count(column: Any, criterion: Any) -> int:
    return db.session.execute(select(func.count(column)).where(criterion)).scalar_one()


def customer_report(customer_id: int) -> dict[str, Any]:
    """Return everything that is kept about a person, as JSON values; raise NotFound.

    What plugins keep stands under their names.
    """
    customer = get_customer(customer_id)
    values = read_values(customer, stored_attributes())
    account = db.session.execute(select(Account).where(Account.customer_id == customer_id)).scalar()
    report = {
        "number": customer.number,
        "contact_points": report_points(customer_id),
        "fields": {name: as_json(value) for name, value in values.items() if value not in (None, [])},
        "created_at": as_json(customer.created_at),
        "updated_at": as_json(customer.updated_at),
        "account": _account(account),
        "consents": list_consents(customer_id),
        "next_actions": report_actions(customer_id),
        "related_people": report_relations(customer_id),
        "merged_records": report_merges(customer_id),
        "timeline": _timeline(customer_id),
        "mails": [
            {
                "at": as_json(mail.created_at),
                "subject": mail.subject,
                "text": readable_text(mail),
                "state": mail.state,
            }
            for address in emails_of(customer_id)
            for mail in mails_to(address)
        ],
    }
    return {**report, "plugins": dict(collect("customer_data", customer_id=customer_id, for_member=False))}


def _account(account: Account | None) -> dict[str, Any] | None:
    if account is None:
        return None
    last: dt.datetime | None = account.last_login_at
    return {
        "email": account.email,
        "created_at": as_json(account.created_at),
        "last_login_at": as_json(last),
        "language": account.language,
    }


def _timeline(customer_id: int) -> list[dict[str, Any]]:
    query = (
        select(Activity)
        .where(Activity.customer_id == customer_id)
        .order_by(Activity.occurred_at, Activity.id)
    )
    return [
        {
            "at": as_json(row.occurred_at),
            "kind": row.kind,
            "title": row.title,
            "body": row.body,
            "direction": row.direction,
            "result": row.result,
            "data": row.data,
        }
        for row in db.session.execute(query).scalars()
    ]
