"""Fields for letters and labels: how a person is addressed, and dates of birth in Japanese eras."""

import datetime as dt
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Integer, String, case, cast, extract, func, literal

from core.conditions.fields import FieldType
from core.customers.field_rights import may_see
from core.customers.fields import CustomerField
from core.customers.models import Customer
from core.customers.wareki import ERAS
from core.i18n import _l, current_language

_PERSON, _COMPANY = " 様", " 御中"


def written_fields(full_name: Any, company_title: Any) -> list[CustomerField]:
    """Return them; both arguments return the SQL value of the name."""
    options: dict[str, Any] = {"sortable": False, "filterable": False}
    return [
        CustomerField(
            *("addressee", _l("Addressee"), FieldType.TEXT, partial(_addressee, full_name, company_title)),
            group="name",
            **options,
        ),
        CustomerField(
            *("birthday_era", _l("Birthday (Japanese era)"), FieldType.TEXT, birthday_in_era),
            visible_to=_sees_birthday,
            group="profile",
            **options,
        ),
    ]


def _sees_birthday(account: Any) -> bool:
    return may_see(account, "birthday_era")


def _addressee(full_name: Any, company_title: Any) -> ColumnElement[Any]:
    """Return the person with 様, or the company with 御中 when nobody there is known."""
    person, company = full_name(), company_title()
    if current_language() != "ja":
        return func.coalesce(person, company)
    return func.coalesce(person + literal(_PERSON), company + literal(_COMPANY))


def birthday_in_era() -> ColumnElement[Any]:
    """Return the date of birth as 昭和63年1月7日; NULL before Meiji, when the calendar was another."""
    newest_first = reversed(list(ERAS.items()))
    return case(*((Customer.birthday >= begin, _written(era, begin)) for era, begin in newest_first))


def _written(era: str, begin: dt.date) -> ColumnElement[Any]:
    year = _part("year") - (begin.year - 1)
    text = case((year == 1, literal("元")), else_=cast(year, String))
    month, day = (cast(_part(name), String) for name in ("month", "day"))
    return literal(era) + text + literal("年") + month + literal("月") + day + literal("日")


def _part(name: str) -> ColumnElement[Any]:
    return cast(extract(name, Customer.birthday), Integer)
