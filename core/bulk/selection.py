"""Which customers a run is about: exactly those of the list as it stood when it began."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from core.admin.listing.queries import criteria
from core.admin.listing.state import Settings
from core.bulk.models import BulkRun
from core.customers.listings import CUSTOMERS
from core.customers.models import Customer
from core.customers.registry import customer_fields
from core.security.sessions import SignedInAccount


def next_ids(run: BulkRun, account: SignedInAccount, limit: int) -> Select[Any]:
    """Return the `select()` of the next customers behind the run's position."""
    where = [Customer.id > run.position, *_criteria(run.selection, account, run.created_at)]
    return select(Customer.id).where(*where).order_by(Customer.id).limit(limit)


def _criteria(
    selection: Mapping[str, Any], account: SignedInAccount, since: dt.datetime
) -> list[ColumnElement[bool]]:
    kept = selection["settings"]
    settings = Settings(**{**kept, "columns": tuple(kept["columns"])})
    found = criteria(CUSTOMERS, settings, customer_fields(account), now=since)
    # Who came later was not in the list that was shown.
    found.append(Customer.id <= selection["upto"])
    if selection["ids"] is not None:
        found.append(Customer.id.in_(selection["ids"]))
    return found
