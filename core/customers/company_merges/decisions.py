"""What staff said about pairs of companies."""

from sqlalchemy import delete

from core.customers.company_merges.models import CompanyMerge, DifferentCompanies
from core.customers.company_services import lock_company
from core.customers.merges.queries import kept_for
from core.db import db, utcnow
from core.errors import Conflict
from core.i18n import _


def say_two_companies(one_id: int, other_id: int) -> None:
    """Remember that two companies are not the same. Raises NotFound, Conflict for one and itself."""
    if one_id == other_id:
        raise Conflict(_("Choose two different companies."))
    first, second = sorted((one_id, other_id))
    for number in (first, second):
        lock_company(number)
    if db.session.get(DifferentCompanies, (first, second)) is None:
        db.session.add(DifferentCompanies(first_id=first, second_id=second))
        db.session.flush()


def take_back_two_companies(one_id: int, other_id: int) -> None:
    """Let two companies be a pair again that may be one."""
    first, second = sorted((one_id, other_id))
    pair = db.session.get(DifferentCompanies, (first, second))
    if pair is not None:
        db.session.delete(pair)
        db.session.flush()


def forget_company_merges() -> int:
    """Delete what is noted about merges whose time is over; return how many. Needs a transaction."""
    old = delete(CompanyMerge).where(CompanyMerge.created_at < utcnow() - kept_for())
    return int(db.session.execute(old.execution_options(synchronize_session=False)).rowcount)  # type: ignore[attr-defined]
