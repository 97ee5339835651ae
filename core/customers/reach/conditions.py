"""The conditions over customers and companies that follow from a scope."""

from typing import Any, cast

from sqlalchemy import ColumnElement, Table, exists, or_, select, true

from core.customers.models import Company, Customer
from core.customers.reach.scope import Scope, scope_of
from core.db import db
from core.errors import NotFound
from core.i18n import _
from core.security.sessions import current_account
from core.seen_by import scope_in_force

CUSTOMERS = cast(Table, Customer.__table__)


def reachable(account: Any = None) -> ColumnElement[bool]:
    """Return the criterion over `Customer` of what somebody reaches; always true for all.

    Without an account it is whoever is signed in, or whom the job acts for. Jobs that keep the id
    of who began them give that.
    """
    scope = scope_of(account) if account is not None else scope_in_force() or scope_of(current_account())
    return true() if scope is None else customers_of(scope)


def customers_of(scope: Scope, columns: Any = Customer) -> ColumnElement[bool]:
    """Return the criterion of a scope over the customers' columns, or those of an alias."""
    assigned = columns.assigned_account_id
    within: ColumnElement[bool]
    if len(scope.accounts) == 1:
        within = assigned == next(iter(scope.accounts))
    else:
        within = assigned.in_(sorted(scope.accounts))
    return or_(within, assigned.is_(None)) if scope.unassigned else within


def reaches(scope: Scope, column: Any) -> ColumnElement[bool]:
    """Return the criterion that a column names a customer within a scope."""
    # A plain table: criteria that are put on the class must not come in here again.
    one = CUSTOMERS.alias("kaiin_reach_one")
    return exists(
        select(1).select_from(one).where(one.c.id == column, customers_of(scope, one.c)).correlate_except(one)
    )


def reachable_company(scope: Scope, column: Any = Company.id) -> ColumnElement[bool]:
    """Return the criterion that a column names a company of a reachable customer, or of nobody at all."""
    one, anybody = CUSTOMERS.alias("kaiin_reach_one"), CUSTOMERS.alias("kaiin_reach_any")
    reached = (
        select(1).select_from(one).where(one.c.company_id == column, customers_of(scope, one.c))
    ).correlate_except(one)
    peopled = select(1).select_from(anybody).where(anybody.c.company_id == column).correlate_except(anybody)
    return or_(exists(reached), ~exists(peopled))


def is_handed_over(customer_id: int) -> bool:
    """Tell whether whoever acts does not see a customer any more whom they just changed."""
    if scope_in_force() is None:
        return False
    return db.session.scalar(select(Customer.id).where(Customer.id == customer_id)) is None


def customer_or_404(customer_id: int) -> Customer:
    """Return a customer whom the present reader reaches; raise NotFound as for one who is not there."""
    query = select(Customer).where(Customer.id == customer_id, reachable())
    found = db.session.execute(query).scalar()
    if found is None:
        raise NotFound(_("There is no such customer."))
    return found
