"""Verbs of groups of companies. They flush and never commit; `by` is the acting account's id."""

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, func, select

from core.activity.services import record_audit
from core.customers.company_group.models import CompanyParent
from core.customers.company_group.queries import MOST_LEVELS, ancestors, height
from core.customers.models import Company
from core.db import db
from core.errors import Conflict, NotFound
from core.i18n import _

_LOCK = 0x6B636F6D70616E79


def set_parent(company_id: int, parent_id: int, *, by: int | None = None) -> None:
    """Put a company below another one, wherever it stood before.

    Raises NotFound, and Conflict where the group would run in a circle or become too high.
    """
    one_change_at_a_time()
    names = {number: _name(number) for number in (company_id, parent_id)}
    refuse_place(company_id, parent_id, names, ancestors(parent_id), height(company_id))
    link = db.session.get(CompanyParent, company_id)
    if link is not None and link.parent_id == parent_id:
        return
    if link is None:
        link = CompanyParent(company_id=company_id)
        db.session.add(link)
    link.parent_id = parent_id
    db.session.flush()
    _note(company_id, by)


def refuse_place(
    company_id: int, parent_id: int, names: Mapping[int, str], above: Sequence[int], below: int
) -> None:
    """Raise Conflict where a company cannot stand below a parent.

    `above` is what stands above that parent, `below` how many levels stand below the company.
    """
    if company_id == parent_id:
        raise Conflict(_("A company cannot be its own parent."))
    if company_id in above:
        raise Conflict(
            _(
                "%(parent)s already stands below %(name)s, so it cannot be its parent as well.",
                parent=names[parent_id],
                name=names[company_id],
            )
        )
    if len(above) + 2 + below > MOST_LEVELS:
        raise Conflict(_("A group can have at most %(limit)s levels.", limit=MOST_LEVELS))


def remove_parent(company_id: int, *, by: int | None = None) -> None:
    """Let a company stand at the top of its own group. Raises NotFound."""
    _name(company_id)
    gone = db.session.execute(
        delete(CompanyParent)
        .where(CompanyParent.company_id == company_id)
        .returning(CompanyParent.company_id)
        .execution_options(synchronize_session="fetch")
    ).all()
    if gone:
        _note(company_id, by)


def one_change_at_a_time() -> None:
    """Let nobody else change groups: two changes at once could close a circle. SQLite has one writer."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def _name(company_id: int) -> str:
    name = db.session.execute(select(Company.name).where(Company.id == company_id)).scalar()
    if name is None:
        raise NotFound(_("There is no such company."))
    return name


def _note(company_id: int, by: int | None) -> None:
    record_audit("company.updated", target=("company", company_id), by=by, data={"fields": ["parent"]})
