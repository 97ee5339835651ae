"""The lists of customers and companies."""

from collections.abc import Callable

from flask import url_for
from sqlalchemy import ColumnElement

from core.admin.listing import EmptyState, Listing, ListView
from core.admin.listing.quick import QuickFilter
from core.bulk.actions import CUSTOMER_ACTIONS
from core.customers import permissions
from core.customers.cells import CUSTOMER_CELLS
from core.customers.company_fields import company_fields
from core.customers.models import Company, Customer, Stage
from core.customers.queries import (
    companies_matching,
    customers_matching,
    some_companies_matching,
    some_customers_matching,
)
from core.customers.registry import customer_fields
from core.i18n import _l
from core.next_actions.queries import nobody_plans


def customer_url(customer_id: int) -> str:
    """Return the address of a customer's page in the admin."""
    return url_for("customers_admin.customer", customer_id=customer_id)


def company_url(company_id: int) -> str:
    """Return the address of a company's page in the admin."""
    return url_for("customers_admin.company", company_id=company_id)


def _stage_is(stage: Stage) -> Callable[[], ColumnElement[bool]]:
    return lambda: Customer.stage == stage


CUSTOMERS = Listing(
    name="customers",
    title=_l("Customers"),
    key=Customer.id,
    fields=customer_fields,
    columns=("name", "email", "phone", "stage", "labels", "created_at"),
    optional_columns=("tier", "points"),
    primary="name",
    secondary="kana",
    row_url=customer_url,
    search=customers_matching,
    some_found=some_customers_matching,
    search_hint=_l("Name, kana, e-mail, telephone, company"),
    views=(
        ListView("all", _l("All")),
        ListView("leads", _l("Leads"), _stage_is(Stage.LEAD)),
        ListView("customers", _l("Customers"), _stage_is(Stage.CUSTOMER)),
        ListView("former", _l("Former"), _stage_is(Stage.FORMER)),
        ListView("unplanned", _l("Nobody plans to contact them"), nobody_plans, counted=False),
    ),
    actions=CUSTOMER_ACTIONS,
    quick=(
        QuickFilter("assigned_account_id", _l("Mine"), lambda account: ("eq", str(account.id))),
        QuickFilter("next_action_on", _l("No plan"), lambda _account: ("is_empty", None)),
        QuickFilter("stage"),
        QuickFilter("assigned_account_id"),
        QuickFilter("labels"),
    ),
    cells=CUSTOMER_CELLS,
    export="customers",
    template="admin/customers/list.html",
    tones={"stage": {"lead": "info", "customer": "success", "former": "neutral"}},
    empty=EmptyState(
        _l("Nobody here yet"),
        _l("Everybody who writes, registers or buys will stand here, each person once."),
        _l("New customer"),
        lambda: url_for("customers_admin.new_customer"),
        icon="users",
    ),
    permission=permissions.SEE,
)

COMPANIES = Listing(
    name="companies",
    title=_l("Companies"),
    key=Company.id,
    fields=company_fields,
    columns=("name", "industry", "phone", "prefecture", "contacts", "rank", "updated_at"),
    primary="name",
    secondary="kana",
    row_url=company_url,
    search=companies_matching,
    some_found=some_companies_matching,
    search_hint=_l("Name, kana, representative, telephone"),
    export="companies",
    template="admin/customers/list.html",
    empty=EmptyState(
        _l("No companies yet"),
        _l("A company gathers its contact persons in one place."),
        _l("New company"),
        lambda: url_for("customers_admin.new_company"),
        icon="building",
    ),
    permission=permissions.SEE,
)
