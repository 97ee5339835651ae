"""Takes logs and orders: they become lines of a customer's timeline."""

import datetime as dt

from core.api import (
    Company,
    _,
    _l,
    db,
    record_activity,
    to_site_time,
    update_company,
    utcnow,
)

from ..book import Book, Taken
from ..kinds import Kind
from ..models import Outcome, Seen
from ..policy import Settings
from ..sources.base import Row

ORDER = "wordpress_import.order"
LOG = "wordpress_import.log"
# Kinds of contact that staff write down; what Jetpack CRM noted by itself gets a kind of its own.
LOG_KINDS = {"note": "note", "call": "call", "email": "mail", "mail": "letter", "meeting": "meeting"}
_MOST_MEMO = 5_000


def take_log(row: Row, seen: Seen | None, book: Book, settings: Settings, by: int | None) -> Taken:
    """Write a log on the timeline of its contact, or into the memo of its company."""
    values = row.values
    if seen is not None:
        return Taken(Outcome.UNCHANGED)
    if values["of"] == "company":
        return _into_memo(row, book, by)
    if values["of"] != "contact":
        return Taken(Outcome.SKIPPED, _("It is about neither a contact nor a company."))
    customer_id, problem = customer_of(Kind.CRM_CONTACT, values["of_id"], book)
    if problem is not None or customer_id is None:
        return problem or Taken(Outcome.CREATED)
    kind = LOG_KINDS.get(values["type"].lower(), LOG)
    title = values["title"] or values["type"] or _l("Log of Jetpack CRM")
    if kind is LOG and values["type"] and values["title"]:
        title = f"{values['type']}: {values['title']}"
    activity = record_activity(
        customer_id, kind, title, body=values["body"], occurred_at=_moment(values["date"])
    )
    activity.pinned_at = utcnow() if values["is_pinned"] else None
    db.session.flush()
    return Taken(Outcome.CREATED, "", customer_id, activity.id, f"/admin/customers/{customer_id}")


def _into_memo(row: Row, book: Book, by: int | None) -> Taken:
    values = row.values
    company = book.find(Kind.COMPANY, values["of_id"])
    found = db.session.get(Company, company.target_id) if company is not None and company.target_id else None
    if found is None:
        if book.dry_run and book.is_planned(Kind.COMPANY, values["of_id"]):
            return Taken(Outcome.CREATED)
        return Taken(Outcome.SKIPPED, _("The company that it is about was not taken."))
    moment = _moment(values["date"])
    day = to_site_time(moment).date().isoformat() if moment else ""
    line = " ".join(part for part in (day, values["type"], values["title"], values["body"]) if part)
    memo = f"{found.memo or ''}\n{line}".strip()
    if len(memo) > _MOST_MEMO:
        return Taken(Outcome.SKIPPED, _("The memo of the company is full."))
    if not book.dry_run:
        update_company(found.id, {"memo": memo}, by=by)
    return Taken(Outcome.CREATED, "", None, found.id, f"/admin/companies/{found.id}")


def take_order(row: Row, seen: Seen | None, book: Book, settings: Settings, by: int | None) -> Taken:
    """Write an order on the timeline of its member."""
    values = row.values
    if seen is not None:
        return Taken(Outcome.UNCHANGED)
    customer_id, problem = customer_of(Kind.USER, values["user"], book)
    if problem is not None or customer_id is None:
        return problem or Taken(Outcome.CREATED)
    title = _l("Membership order %(code)s: %(total)s", code=values["code"], total=values["total"])
    lines = [
        _("Status there: %(status)s", status=values["status"]) if values["status"] else "",
        _("Paid by: %(gateway)s", gateway=values["gateway"]) if values["gateway"] else "",
    ]
    activity = record_activity(
        customer_id,
        ORDER,
        title,
        body="\n".join(filter(None, lines)),
        occurred_at=_moment(values["date"]),
    )
    return Taken(Outcome.CREATED, "", customer_id, activity.id, f"/admin/customers/{customer_id}")


def customer_of(kind: Kind, number: int, book: Book) -> tuple[int | None, Taken | None]:
    """Return whom a row is about, or what becomes of it when that person is not here."""
    person = book.find(kind, number)
    if person is not None and person.customer_id is not None:
        return person.customer_id, Taken(Outcome.CREATED) if book.dry_run else None
    if book.dry_run and book.is_planned(kind, number):
        return None, None
    return None, Taken(Outcome.SKIPPED, _("The person that it is about was not taken."))


def _moment(text: str) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None
