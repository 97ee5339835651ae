"""The columns of the log of downloads, for its list and its export."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from core.api import Customer, Export, Field, FieldType, _l

from ..models import Download
from ..permissions import EXPORT


def _of_customer(value: Any) -> ColumnElement[Any]:
    found = select(value).where(Customer.id == Download.customer_id)
    return found.correlate(Download.__table__).scalar_subquery()


def download_fields() -> Sequence[Field]:
    """Return the columns of downloads."""
    name = func.coalesce(Customer.family_name, "") + " " + func.coalesce(Customer.given_name, "")
    shown = func.coalesce(func.nullif(func.trim(name), ""), Customer.email)
    return [
        Field("file", _l("File"), FieldType.TEXT, lambda: Download.file_title),
        Field("file_id", _l("File number"), FieldType.INTEGER, lambda: Download.file_id),
        Field(
            "customer",
            _l("Name"),
            FieldType.TEXT,
            lambda: _of_customer(shown),
            sort_key=lambda: _of_customer(Customer.kana_key),
        ),
        Field("customer_id", _l("Member number"), FieldType.INTEGER, lambda: Download.customer_id),
        Field("email", _l("E-mail"), FieldType.EMAIL, lambda: _of_customer(Customer.email)),
        Field("downloaded_at", _l("Downloaded"), FieldType.DATETIME, lambda: Download.downloaded_at),
        Field("is_stamped", _l("Stamped copy"), FieldType.BOOLEAN, lambda: Download.is_stamped),
    ]


def _all() -> Select[Any]:
    return select(Download.id)


DOWNLOADS_EXPORT = Export("library_downloads", _l("Downloads of files"), _all, download_fields, EXPORT)
