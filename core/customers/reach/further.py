"""Tables of core that lead to customers in another way than by a key to them."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select

from core.accounts.models import Account
from core.activity.models import Activity, AuditEntry, Mention
from core.bulk.models import BulkRun
from core.customers.models import CustomerInterest, Interest
from core.customers.reach.conditions import CUSTOMERS, customers_of, reachable_company, reaches
from core.customers.reach.scope import Scope
from core.exports.models import ExportEntry
from core.imports.models import Import
from core.looks.models import Look
from core.mail.models import OutboxMail
from core.privacy.models import PrivacyRequest

Criterion = Callable[[Scope], ColumnElement[bool]]


def _through(table: Any, key: Any, scope: Scope, column: Any = None) -> ColumnElement[bool]:
    """Return that the row which `key` names belongs to somebody within the scope, or to no customer."""
    one = table.__table__.alias("kaiin_reach_through")
    owner = one.c[column or "customer_id"]
    within = or_(owner.is_(None), reaches(scope, owner))
    return exists(select(1).select_from(one).where(one.c.id == key, within).correlate_except(one))


def _about(kind: Any, number: Any, scope: Scope) -> ColumnElement[bool]:
    """Return that what a row names by kind and number is no customer, company or account out of reach."""
    return or_(
        kind.is_(None),
        kind.not_in(("customer", "company", "account")),
        and_(kind == "company", reachable_company(scope, number)),
        and_(kind == "customer", reaches(scope, number)),
        and_(kind == "account", _through(Account, number, scope)),
    )


def _mails(scope: Scope) -> ColumnElement[bool]:
    anybody, one = CUSTOMERS.alias("kaiin_reach_any"), CUSTOMERS.alias("kaiin_reach_one")
    known = select(1).select_from(anybody).where(anybody.c.email_key == OutboxMail.to_key)
    within = select(1).select_from(one).where(one.c.email_key == OutboxMail.to_key)
    within = within.where(customers_of(scope, one.c))
    return and_(
        _about(OutboxMail.related_kind, OutboxMail.related_id, scope),
        or_(~exists(known.correlate_except(anybody)), exists(within.correlate_except(one))),
    )


def _interests(scope: Scope) -> ColumnElement[bool]:
    link = CustomerInterest.__table__.alias("kaiin_reach_link")
    used = select(1).select_from(link).where(link.c.interest_id == Interest.id)
    used = used.where(reaches(scope, link.c.customer_id))
    return exists(used.correlate_except(link))


FURTHER: Mapping[type, Criterion] = {
    Mention: lambda scope: _through(Activity, Mention.activity_id, scope),
    AuditEntry: lambda scope: _about(AuditEntry.target_kind, AuditEntry.target_id, scope),
    Look: lambda scope: _about(Look.kind, Look.record_id, scope),
    OutboxMail: _mails,
    Interest: _interests,
    # Whoever answers requests finds the customer of those that name nobody yet.
    PrivacyRequest: lambda scope: or_(
        PrivacyRequest.customer_id.is_(None), reaches(scope, PrivacyRequest.customer_id)
    ),
    # A file about one customer is named by their number, which outlives them.
    ExportEntry: lambda scope: or_(
        ExportEntry.customer_id.is_(None), reaches(scope, ExportEntry.customer_id)
    ),
    # Files and changes are as wide as the reach of those who began them.
    Import: lambda scope: Import.account_id.in_(sorted(scope.accounts)),
    BulkRun: lambda scope: BulkRun.account_id.in_(sorted(scope.accounts)),
}
