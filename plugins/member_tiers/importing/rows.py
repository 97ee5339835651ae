"""Rows of files that are memberships: whom they are about, which one, and what they do."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, select

from core.api import (
    Customer,
    ImportJob,
    ImportLine,
    ImportRecord,
    KaiinError,
    _,
    db,
    normalise_email,
    owners_of_emails,
)

from ..memberships.models import OVER, Membership, MembershipStatus, Tier
from . import writing
from .columns import NUMBER
from .judging import Judge, Problem, never_counted
from .records import read_memberships, tiers_by_id

Values = Mapping[str, Any]
Change = tuple[ImportRecord, Values]


class MembershipRows:
    """The rows of one file. Its groups are customers."""

    def __init__(self, match: str) -> None:
        self._match = match
        self._tiers: Mapping[int, Tier] = tiers_by_id()
        self._ids = {tier.key: number for number, tier in self._tiers.items()}
        self._judge = Judge({tier.key: tier for tier in self._tiers.values()})

    def place(self, lines: Sequence[ImportLine]) -> None:
        """Find the customer of each line."""
        ids = {line.values["customer_id"] for line in lines if line.values.get("customer_id")}
        there = set(db.session.scalars(select(Customer.id).where(Customer.id.in_(ids)))) if ids else set()
        emails = {key for line in lines if (key := _email_key(line))}
        owners = owners_of_emails(emails) if emails else {}
        of_number = self._owners_of_numbers(lines)
        for line in lines:
            found, problem = _whose(line, there, owners, of_number)
            if problem:
                line.problems.append(("", problem))
            else:
                line.group = str(found)

    def _owners_of_numbers(self, lines: Sequence[ImportLine]) -> dict[int, int] | None:
        """Return the customers of memberships by number; None when rows are not found by numbers."""
        if self._match != NUMBER:
            return None
        numbers = {line.values[NUMBER] for line in lines if line.values.get(NUMBER)}
        if not numbers:
            return {}
        query = select(Membership.id, Membership.customer_id).where(Membership.id.in_(numbers))
        return {row.id: row.customer_id for row in db.session.execute(query)}

    def read(self, groups: Sequence[str]) -> Iterable[ImportRecord]:
        """Return all memberships of these customers."""
        return self._read(Membership.customer_id.in_([int(group) for group in groups]))

    def find(self, numbers: Sequence[int]) -> Iterable[ImportRecord]:
        """Return memberships by number."""
        return self._read(Membership.id.in_(numbers))

    def _read(self, criterion: ColumnElement[bool]) -> Iterable[ImportRecord]:
        # Objects of before the transaction would be read again one by one.
        self._tiers = tiers_by_id()
        return read_memberships(criterion, self._tiers)

    def fitting(self, line: ImportLine, records: Sequence[ImportRecord]) -> Sequence[ImportRecord]:
        """Return which of a customer's memberships a line may be about."""
        values = line.values
        if self._match == NUMBER:
            return [record for record in records if record.id == values.get(NUMBER)]
        first = values["starts_on"].isoformat() if values.get("starts_on") else None
        stays = [
            r for r in records if r.values["tier"] == values.get("tier") and r.values["starts_on"] == first
        ]
        if len(stays) > 1 or (stays and never_counted(stays[0].values)):
            return _the_one(values, stays)
        return stays

    def judge(
        self, values: dict[str, Any], record: ImportRecord | None, others: Sequence[ImportRecord]
    ) -> Sequence[Problem]:
        """Say why a row must not be written."""
        return self._judge.judge(values, record, others)

    def create(
        self, lines: Sequence[tuple[ImportLine, Values]], job: ImportJob
    ) -> Sequence[ImportRecord | KaiinError]:
        """Give customers memberships."""
        rows = [(int(line.group or 0), self._ids[values["tier"]], values) for line, values in lines]
        return writing.take_in_all(rows, self._tiers, job)

    def change(self, changes: Sequence[Change], job: ImportJob) -> Sequence[KaiinError | None]:
        """Change memberships."""
        return writing.change_all([(record.id, values) for record, values in changes], self._tiers, job)

    def take_back(self, records: Sequence[ImportRecord], job: ImportJob) -> Sequence[KaiinError | None]:
        """Let memberships of the file never have counted."""
        return writing.take_back_all([record.id for record in records], self._tiers, job)

    def put_back(self, changes: Sequence[Change], job: ImportJob) -> Sequence[KaiinError | None]:
        """Give memberships their old days and states."""
        return writing.put_back_all([(record.id, values) for record, values in changes], self._tiers, job)

    def show(self, number: int) -> tuple[str, str] | None:
        """Return customer and tier, and the membership's page."""
        query = select(Customer, Tier).select_from(Membership)
        query = query.join(Customer, Customer.id == Membership.customer_id)
        found = db.session.execute(
            query.join(Tier, Tier.id == Membership.tier_id).where(Membership.id == number)
        ).first()
        if found is None:
            return None
        name = _("%(name)s: %(tier)s", name=found[0].name, tier=found[1].title)
        return name, url_for("member_tiers_admin.membership", membership_id=number)


def _email_key(line: ImportLine) -> str | None:
    email = line.values.get("email")
    return normalise_email(email) if email else None


def _whose(
    line: ImportLine,
    there: set[int],
    owners: Mapping[str, list[int]],
    of_number: Mapping[int, int] | None,
) -> tuple[int | None, str]:
    """Return the customer of a line, or why none is found. Nobody learns of those out of their reach."""
    found: set[int] = set()
    number, key = line.values.get("customer_id"), _email_key(line)
    if number is not None:
        if number not in there:
            return None, _("There is no customer with this number.")
        found.add(number)
    if key is not None:
        having = owners.get(key, [])
        if len(having) > 1:
            return None, _("Several customers have this e-mail address. Write the customer number.")
        if not having and not found:
            return None, _("There is no customer with this e-mail address.")
        if found and set(having) != found:
            return None, _("Number and e-mail address are those of two customers. Leave one column out.")
        found.update(having)
    membership = line.values.get(NUMBER)
    if of_number is not None and membership is not None:
        if membership not in of_number:
            return None, _("There is no membership with this number.")
        found.add(of_number[membership])
    if len(found) > 1:
        return None, _("The membership with this number is another customer's.")
    if not found:
        return None, _("The row names no customer: write a customer number or an e-mail address.")
    return found.pop(), ""


def _the_one(values: Mapping[str, Any], stays: Sequence[ImportRecord]) -> Sequence[ImportRecord]:
    """Choose among stays on one tier from one day: the same in all that the file says, else what counted."""
    equal = [one for one in stays if _says_the_same(values, one.values)]
    if equal:
        return equal[:1]
    counted = [one for one in stays if not never_counted(one.values)]
    living = [one for one in counted if one.values["status"] not in OVER]
    if values.get("status") not in OVER and living:
        return living
    return [one for one in counted if one.values["status"] in OVER] or counted


def _says_the_same(values: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    if (
        never_counted(known)
        and known["status"] == MembershipStatus.EXPIRED
        and not values.get("counted_until")
    ):
        return False  # what was taken back; the file means another one
    said = {name: value for name, value in values.items() if name in known and value is not None}
    return all(
        (value.isoformat() if hasattr(value, "isoformat") else value) == known[name]
        for name, value in said.items()
    )
