"""The tools for customers and for companies."""

from collections.abc import Mapping
from typing import Any

from flask import url_for

from core.customers.company_fields import company_fields
from core.customers.listings import company_url
from core.customers.models import Company, Customer
from core.customers.registry import customer_attributes, customer_fields, stored_attributes
from core.db import db
from core.imports.companies.columns import company_columns
from core.imports.companies.overlay import DryCompanyBook
from core.imports.companies.planning import CompanyPlanner
from core.imports.companies.rows import CompanyReader
from core.imports.companies.running import CompanyRunner
from core.imports.companies.undoing import CompanyUndoer, count_companies_to_undo, list_kept_companies
from core.imports.models import Import
from core.imports.overlay import DryBook
from core.imports.planning import Planner
from core.imports.rows import RowReader
from core.imports.running import Runner
from core.imports.settings import Into
from core.imports.tools import Tools
from core.imports.undoing import Undoer, count_to_undo, list_kept


def _show_customer(customer_id: int) -> tuple[str, str] | None:
    customer = db.session.get(Customer, customer_id)
    if customer is None:
        return None
    return customer.name, url_for("customers_admin.customer", customer_id=customer_id)


def _show_company(company_id: int) -> tuple[str, str] | None:
    company = db.session.get(Company, company_id)
    return (company.name, company_url(company_id)) if company is not None else None


def _company_fields(_account: Any = None) -> Mapping[str, Any]:
    return company_fields()


def _company_columns(_account: Any = None) -> Mapping[str, Any]:
    return company_columns()


_TOOLS: Mapping[Into, Tools] = {
    Into.CUSTOMERS: Tools(
        customer_attributes,
        customer_fields,
        stored_attributes,
        RowReader,
        Planner,
        DryBook,
        Runner,
        Undoer,
        count_to_undo,
        list_kept,
        _show_customer,
    ),
    Into.COMPANIES: Tools(
        _company_columns,
        _company_fields,
        company_columns,
        CompanyReader,
        CompanyPlanner,
        DryCompanyBook,
        CompanyRunner,
        CompanyUndoer,
        count_companies_to_undo,
        list_kept_companies,
        _show_company,
    ),
}


def into_of(row: Import) -> Into:
    """Return what the rows of an import are."""
    return Into(row.settings.get("into", Into.CUSTOMERS))


def tools_of(row: Import) -> Tools:
    """Return what works on an import."""
    return _TOOLS[into_of(row)]
