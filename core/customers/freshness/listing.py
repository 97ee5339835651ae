"""The list of customers whose data should be confirmed."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask import url_for
from sqlalchemy import Select, func, select

from core.admin.listing import BulkAction, EmptyState, Listing
from core.admin.signed_in import signed_in
from core.conditions.fields import Field, FieldType
from core.customers import permissions
from core.customers.freshness.queries import age_in_words, is_stale
from core.customers.freshness.services import confirm_today
from core.customers.listings import customer_url
from core.customers.models import Customer
from core.customers.queries import customers_matching, some_customers_matching
from core.customers.registry import customer_fields
from core.db import db
from core.errors import ValidationFailed
from core.formats import format_short
from core.i18n import _, _l, ngettext, site_today

MOST_AT_ONCE = 1_000
_FRESH_ON = Field(
    *("fresh_on", _l("Data as of"), FieldType.DATE, lambda: Customer.fresh_on),
    exportable=False,
    cacheable=True,
)


def _fields() -> Mapping[str, Field]:
    return {**customer_fields(), _FRESH_ON.name: _FRESH_ON}


def _aged(day: dt.date) -> str:
    return _("%(date)s (%(age)s)", date=format_short(day), age=age_in_words(day, site_today()))


def _confirm(ids: Select[Any]) -> int:
    if db.session.execute(select(func.count()).select_from(ids.subquery())).scalar_one() > MOST_AT_ONCE:
        message = _("Choose at most %(limit)s customers for this.", limit=f"{MOST_AT_ONCE:,}")
        raise ValidationFailed({"ids": message})
    return confirm_today(db.session.execute(ids).scalars().all(), by=signed_in().id)


def _question(count: int) -> str:
    return ngettext(
        "Today is noted as the day on which the data of %(num)d customer was found right.",
        "Today is noted as the day on which the data of %(num)d customers was found right.",
        count,
    )


def _done(count: int) -> str:
    return ngettext(
        "The data of %(num)d customer is confirmed.", "The data of %(num)d customers is confirmed.", count
    )


STALE = Listing(
    name="stale-customers",
    title=_l("To be confirmed"),
    key=Customer.id,
    fields=_fields,
    columns=("name", "fresh_on", "phone", "email", "assigned_account_id"),
    primary="name",
    secondary="kana",
    row_url=customer_url,
    where=is_stale,
    search=customers_matching,
    some_found=some_customers_matching,
    search_hint=_l("Name, kana, e-mail, telephone, company"),
    default_sort="fresh_on",
    words={"fresh_on": _aged},
    actions=(
        BulkAction(
            *("confirm", _l("Confirmed today"), _confirm),
            confirm=_question,
            permission=permissions.EDIT,
            icon="circle-check",
            done=_done,
        ),
    ),
    template="admin/customers/list.html",
    empty=EmptyState(
        _l("Everybody's data is fresh"),
        _l("Customers stand here when nobody has confirmed their data for a long time."),
        _l("See all customers"),
        lambda: url_for("customers_admin.list_customers"),
        icon="circle-check",
    ),
    permission=permissions.SEE,
)
