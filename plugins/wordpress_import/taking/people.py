"""Takes users, Flamingo's address book and contacts of Jetpack CRM."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from core.api import Company, _, db

from ..book import Book, Taken
from ..kinds import Kind
from ..models import Outcome, Seen
from ..policy import RoleChoice, Settings
from ..sources.base import Row
from . import mapping
from .accounts import give_account
from .customers import TITLES, Person, take_person


def take_user(row: Row, seen: Seen | None, book: Book, settings: Settings, by: int | None) -> Taken:
    """Make a user a member or a customer, as the owner chose for their role."""
    values = row.values
    choice = settings.choice_of(values["roles"])
    if choice is RoleChoice.SKIP:
        return Taken(Outcome.SKIPPED, _("Users with this role are left out, as you chose."))
    fields, lines = mapping.user(values)
    since = _moment(values["registered"])
    person = Person(values["email"], fields, lines, TITLES["user"], since=since)
    is_double = book.dry_run and book.is_planned_email(person.email)
    taken = take_person(person, seen, book, settings.policy, by)
    if choice is RoleChoice.MEMBER and (seen is None or seen.customer_id is not None):
        note = _("Another user has the same e-mail address.") if is_double else ""
        if seen is None:
            stored, name = values["hash"], values["display_name"]
            note = note or give_account(
                taken.customer_id, person.email, name, stored, since, dry_run=book.dry_run
            )
        taken.message = " ".join(part for part in (taken.message, note) if part)
    return taken


def take_contact(row: Row, seen: Seen | None, book: Book, settings: Settings, by: int | None) -> Taken:
    """Make somebody of Flamingo's address book a customer."""
    values = row.values
    if values["is_trash"]:
        return Taken(Outcome.SKIPPED, _("It lies in the trash there."))
    fields, lines = mapping.contact(values)
    if values["last_contacted"]:
        lines.append(_("Last wrote on %(day)s", day=values["last_contacted"][:10]))
    labels = mapping.label_names(values["tags"])
    person = Person(values["email"], fields, lines, TITLES["contact"], labels, _moment(values["date"]))
    return take_person(person, seen, book, settings.policy, by)


def take_crm_contact(row: Row, seen: Seen | None, book: Book, settings: Settings, by: int | None) -> Taken:
    """Make a contact of Jetpack CRM a customer; the user that it is there is the same person."""
    values = row.values
    fields, lines = mapping.crm_contact(values)
    for number in values["companies"][:1]:
        company = book.find(Kind.COMPANY, number)
        found = db.session.get(Company, company.target_id) if company and company.target_id else None
        if found is not None:
            fields["company_name"] = found.name
    labels = mapping.label_names(values["tags"])
    person = Person(values["email"], fields, lines, TITLES["crm_contact"], labels, _moment(values["created"]))
    number = int(values["wpid"]) if values["wpid"].isdecimal() else 0
    user = book.find(Kind.USER, number)
    if user is not None and user.customer_id is not None:
        person.known_as = user.customer_id
    person.is_planned = book.dry_run and book.is_planned(Kind.USER, number)
    return take_person(person, seen, book, settings.policy, by)


def _moment(text: str) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


def email_of(values: Mapping[str, Any]) -> str:
    """Return the address in a row, empty when it has none."""
    return str(values.get("email", ""))
