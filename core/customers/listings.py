"""The lists of customers and companies."""

from collections.abc import Callable
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, Select, func, select
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from core.activity.services import record_audit
from core.admin.forms import BaseForm
from core.admin.listing import BulkAction, EmptyState, Listing, ListView
from core.admin.signed_in import signed_in
from core.customers import permissions
from core.customers.choices import STAGES
from core.customers.company_fields import company_fields
from core.customers.erasing import erase_customer
from core.customers.label_services import add_label_to, get_label, list_labels, remove_label_from
from core.customers.models import Company, Customer, Stage
from core.customers.queries import companies_matching, customers_matching
from core.customers.registry import customer_fields
from core.customers.services import update_customer
from core.db import db
from core.errors import ValidationFailed
from core.i18n import _, _l, ngettext
from core.next_actions.queries import nobody_plans

MOST_AT_ONCE = 1_000


def customer_url(customer_id: int) -> str:
    """Return the address of a customer's page in the admin."""
    return url_for("customers_admin.customer", customer_id=customer_id)


def company_url(company_id: int) -> str:
    """Return the address of a company's page in the admin."""
    return url_for("customers_admin.company", company_id=company_id)


def _stage_is(stage: Stage) -> Callable[[], ColumnElement[bool]]:
    return lambda: Customer.stage == stage


def _label_form() -> type[BaseForm]:
    class LabelForm(BaseForm):
        label = SelectField(
            _l("Label"), choices=[SelectChoice(str(row.id), row.name) for row in list_labels()]
        )

    return LabelForm


def _stage_form() -> type[BaseForm]:
    class StageForm(BaseForm):
        stage = SelectField(
            _l("Stage"), choices=[SelectChoice(choice.value, choice.label) for choice in STAGES]
        )

    return StageForm


def _add_label(ids: Select[Any], label: str) -> int:
    return _note("customers.labelled", add_label_to(ids, get_label(int(label)).id), label)


def _remove_label(ids: Select[Any], label: str) -> int:
    return _note("customers.unlabelled", remove_label_from(ids, get_label(int(label)).id), label)


def _note(action: str, count: int, label: str) -> int:
    record_audit(action, target=("label", int(label)), by=signed_in().id, data={"customers": count})
    return count


def _set_stage(ids: Select[Any], stage: str) -> int:
    chosen = _few(ids)
    for customer_id in chosen:
        update_customer(customer_id, {"stage": stage}, by=signed_in().id)
    return len(chosen)


def _erase(ids: Select[Any]) -> int:
    chosen = _few(ids)
    for customer_id in chosen:
        erase_customer(customer_id, by=signed_in().id)
    return len(chosen)


def _few(ids: Select[Any]) -> list[int]:
    """Return the chosen ids; each change is a story of its own for the timeline and plugins."""
    if db.session.execute(select(func.count()).select_from(ids.subquery())).scalar_one() > MOST_AT_ONCE:
        message = _("Choose at most %(limit)s customers for this.", limit=f"{MOST_AT_ONCE:,}")
        raise ValidationFailed({"ids": message})
    return list(db.session.execute(ids).scalars())


def _erase_question(count: int) -> str:
    return ngettext(
        "%(num)d customer will be deleted for good, with timeline, mails and log-in.",
        "%(num)d customers will be deleted for good, with timelines, mails and log-ins.",
        count,
    )


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
    search_hint=_l("Name, kana, e-mail, telephone, company"),
    views=(
        ListView("all", _l("All")),
        ListView("leads", _l("Leads"), _stage_is(Stage.LEAD)),
        ListView("customers", _l("Customers"), _stage_is(Stage.CUSTOMER)),
        ListView("former", _l("Former"), _stage_is(Stage.FORMER)),
        ListView("unplanned", _l("Nobody plans to contact them"), nobody_plans, counted=False),
    ),
    actions=(
        BulkAction(
            *("label", _l("Add a label"), _add_label),
            permission=permissions.EDIT,
            icon="tag",
            form=_label_form,
        ),
        BulkAction(
            *("unlabel", _l("Take a label off"), _remove_label),
            permission=permissions.EDIT,
            icon="circle-minus",
            form=_label_form,
        ),
        BulkAction(
            *("stage", _l("Change the stage"), _set_stage),
            permission=permissions.EDIT,
            icon="flag",
            form=_stage_form,
        ),
        BulkAction(
            *("erase", _l("Erase"), _erase),
            permission=permissions.ERASE,
            icon="trash",
            danger=True,
            confirm=_erase_question,
        ),
    ),
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
