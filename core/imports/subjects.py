"""The tools for customers, for companies and for what plugins bring."""

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
from core.imports.kinds import undoing as kind_undoing
from core.imports.kinds.asking import ask
from core.imports.kinds.book import DryKindBook
from core.imports.kinds.contract import ImportKind
from core.imports.kinds.registry import attributes_of, columns_of, fields_of, find_kind, is_own
from core.imports.kinds.rows import KindPlanner, KindReader, Work
from core.imports.kinds.running import KindRunner
from core.imports.models import Import
from core.imports.overlay import DryBook
from core.imports.planning import Planner
from core.imports.rows import RowReader
from core.imports.running import Runner
from core.imports.settings import Into, Settings, into_named
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


_TOOLS: Mapping[str, Tools] = {
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


def into_of(row: Import) -> str:
    """Return what the rows of an import are."""
    return into_named(row.settings.get("into", Into.CUSTOMERS))


def tools_of(row: Import) -> Tools:
    """Return what works on an import; raise Conflict when the rows' plugin is off."""
    into = into_of(row)
    return _TOOLS[into] if is_own(into) else _tools_for(find_kind(into), row.settings.get("match", ""))


def _tools_for(kind: ImportKind, match: str) -> Tools:
    work = Work(kind, match)

    def seen(account: Any = None) -> Mapping[str, Any]:
        fields = fields_of(kind)
        return {name: fields[name] for name in columns_of(kind, account)}

    def run(import_id: int, settings: Settings, *, by: int | None) -> KindRunner:
        return KindRunner(work, import_id, settings, by=by)

    def undo(import_id: int, *, by: int | None) -> kind_undoing.KindUndoer:
        return kind_undoing.KindUndoer(work, import_id, by=by)

    return Tools(
        lambda _account=None: work.attributes,
        seen,
        lambda: attributes_of(kind),
        lambda settings, _attributes: KindReader(settings, work),
        lambda settings, _attributes: KindPlanner(settings, work),
        lambda _settings, _attributes: DryKindBook(work),
        run,
        undo,
        kind_undoing.count_to_undo,
        kind_undoing.list_kept,
        lambda number: ask(work.plugin, work.rows.show, number),
    )
