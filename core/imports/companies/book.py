"""Finds the companies that rows are about, many rows at a time."""

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from core.customers.attributes import Attribute
from core.customers.company_group.models import CompanyParent
from core.customers.models import Company
from core.customers.storage import read_values
from core.db import db
from core.imports.companies.models import ImportCompanyRow
from core.imports.companies.parents import Called, the_exact
from core.imports.models import Outcome
from core.imports.plain import plain_all
from core.imports.planning import Found, Subject
from core.imports.rows import Row
from core.imports.settings import Match, Settings


class CompanyBook:
    """The companies as the database has them; `import_id` tells earlier rows of the same file."""

    def __init__(
        self, settings: Settings, attributes: Mapping[str, Attribute], import_id: int | None = None
    ) -> None:
        self._settings = settings
        self._import_id = import_id
        self.attributes = attributes

    def look_up(self, rows: Sequence[Row]) -> Found:
        """Return the companies that the rows may be about."""
        candidates = self._candidates([row for row in rows if row.match_key])
        ids = sorted({number for found in candidates.values() if len(found) == 1 for number in found})
        return Found(candidates, {}, self.subjects(ids) if ids else {})

    def _candidates(self, rows: Sequence[Row]) -> dict[int, list[int]]:
        keys = [row.match_key or "" for row in rows]
        if not keys:
            return {}
        match self._settings.match:
            case Match.NUMBER:
                there = self.existing([int(key) for key in keys])
                return {
                    row.number: [int(key)] for row, key in zip(rows, keys, strict=True) if int(key) in there
                }
            case Match.CORPORATE_NUMBER:
                numbered = self.with_corporate_numbers(keys)
                return {row.number: numbered.get(key, []) for row, key in zip(rows, keys, strict=True)}
        called = self.called(keys)
        return {
            row.number: the_exact(row.values["name"], called.get(row.match_key or "", [])) for row in rows
        }

    def existing(self, numbers: Sequence[int]) -> set[int]:
        """Return which numbers of companies there are."""
        return set(db.session.execute(select(Company.id).where(Company.id.in_(numbers))).scalars())

    def with_corporate_numbers(self, numbers: Sequence[str]) -> dict[str, list[int]]:
        """Return the companies by corporate number."""
        query = select(Company.corporate_number, Company.id).where(Company.corporate_number.in_(numbers))
        found: dict[str, list[int]] = {}
        for row in db.session.execute(query.order_by(Company.id)):
            found.setdefault(str(row.corporate_number), []).append(row.id)
        return found

    def called(self, keys: Sequence[str]) -> dict[str, list[Called]]:
        """Return number and name of the companies by folded name."""
        query = select(Company.name_key, Company.id, Company.name).where(Company.name_key.in_(keys))
        found: dict[str, list[Called]] = {}
        for row in db.session.execute(query.order_by(Company.id)):
            found.setdefault(row.name_key, []).append((row.id, row.name))
        return found

    def subjects(self, ids: Sequence[int]) -> dict[int, Subject]:
        """Return companies with all that is known, and the earlier rows about them."""
        earlier = self._earlier(ids)
        return {
            number: Subject(number, plain_all(read_values(company, self.attributes)), earlier.get(number))
            for number, company in load_companies(ids).items()
        }

    def _earlier(self, ids: Sequence[int]) -> dict[int, int]:
        if self._import_id is None:
            return {}
        rows = ImportCompanyRow
        query = select(rows.company_id, func.min(rows.number)).where(
            rows.import_id == self._import_id, rows.company_id.in_(ids), rows.outcome != Outcome.REFUSED
        )
        return dict(db.session.execute(query.group_by(rows.company_id)).all())


def load_companies(ids: Sequence[int]) -> dict[int, Company]:
    """Return companies with their handles, locked where rows can be."""
    query = select(Company).where(Company.id.in_(list(ids))).order_by(Company.id)
    query = query.options(selectinload(Company.social_accounts)).with_for_update(of=Company)
    return {company.id: company for company in db.session.execute(query).scalars()}


def parent_of(company_id: int) -> int | None:
    """Return the number of a company's parent."""
    query = select(CompanyParent.parent_id).where(CompanyParent.company_id == company_id)
    return db.session.execute(query).scalar()
