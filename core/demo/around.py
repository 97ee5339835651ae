"""What stands around the demo's customers: families, referrals, groups of companies, confirmations."""

import datetime as dt
from collections.abc import Mapping, Sequence

from sqlalchemy import func, select, update

from core.customers.company_group.services import set_parent
from core.customers.models import Company, Customer
from core.customers.relations.services import relate
from core.db import db
from core.i18n import site_today

_GROUPS = (
    ("株式会社 朝日文具", "株式会社 北斗物流"),
    ("書店 余白", "株式会社 朝日文具"),
    ("ベーカリー 麦の輪", "レストラン 帆船"),
)
_ROLES = ("spouse", "referrer", "child", "friend", "referred")


def put_around(named: Mapping[str, int], people: Sequence[int]) -> None:
    """Write what a shop would know after some years."""
    for child, parent in _GROUPS:
        set_parent(_company(child), _company(parent))
    _choose_contact_persons()
    ends = [*named.values(), *people[7::61]]
    for number, (first, second) in enumerate(zip(ends[::2], ends[1::2], strict=False)):
        relate(first, second, {"role": _ROLES[number % len(_ROLES)]})
    _confirm([*list(named.values())[:2], *people[::6]])


def _company(name: str) -> int:
    return db.session.execute(select(Company.id).where(Company.name == name)).scalar_one()


def _choose_contact_persons() -> None:
    first = select(func.min(Customer.id)).where(Customer.company_id.is_not(None))
    chosen = first.group_by(Customer.company_id)
    statement = update(Customer).where(Customer.id.in_(chosen.scalar_subquery()))
    db.session.execute(statement.values(is_contact_person=True))


def _confirm(customer_ids: Sequence[int]) -> None:
    """Let people have been asked some weeks ago, but not before they became known."""
    day = site_today() - dt.timedelta(days=40)
    values = {"last_confirmed_on": day, "fresh_on": day}
    theirs = (Customer.id.in_(customer_ids), func.date(Customer.created_at) <= day)
    db.session.execute(update(Customer).where(*theirs).values(values))
