"""Takes companies of Jetpack CRM."""

from typing import Any

from core.api import Company, ValidationFailed, _, create_company, db, find_companies_named, update_company

from ..book import Book, Taken, field_digest
from ..models import Outcome, Seen
from ..policy import Policy, Settings
from ..sources.base import Row
from . import mapping
from .customers import left_out


def take_company(row: Row, seen: Seen | None, book: Book, settings: Settings, by: int | None) -> Taken:
    """Make a company, or bring the one who is here up to date; companies are told by their name."""
    values = row.values
    if not values["name"]:
        return Taken(Outcome.REFUSED, _("The company has no name."))
    fields = _fields(row)
    found = _find(values["name"], seen)
    if found is None:
        if book.dry_run:
            return Taken(Outcome.CREATED)
        return _create(fields, by)
    changes = {
        name: value
        for name, value in fields.items()
        if _may_set(name, getattr(found, name, None), value, seen, settings)
    }
    if book.dry_run:
        return Taken(Outcome.CHANGED if changes else Outcome.MATCHED, target_id=found.id)
    note = _update(found.id, changes, by) if changes else ""
    written = {name: field_digest(name, getattr(found, name)) for name in changes}
    outcome = Outcome.CHANGED if changes else Outcome.MATCHED
    return Taken(outcome, note, None, found.id, _url(found.id), written)


def _fields(row: Row) -> dict[str, Any]:
    values = row.values
    phones = [values[name] for name in ("maintel", "sectel") if values[name]]
    lines = [_("Telephone: %(phone)s", phone=phone) for phone in phones[1:]]
    if values["tags"]:
        lines.append(_("Tags there: %(tags)s", tags=", ".join(values["tags"])))
    lines += mapping.crm_lines(values)
    fields = {
        "name": values["name"][:200],
        "email": values["email"],
        "phone": phones[0] if phones else "",
        **mapping.crm_address(values),
        "memo": "\n".join(lines)[:5_000],
    }
    return {name: value for name, value in fields.items() if value}


def _find(name: str, seen: Seen | None) -> Company | None:
    if seen is not None and seen.target_id is not None:
        return db.session.get(Company, seen.target_id)
    found = find_companies_named(name)
    return found[0] if len(found) == 1 else None


def _create(fields: dict[str, Any], by: int | None) -> Taken:
    note = ""
    try:
        company = create_company(fields, by=by)
    except ValidationFailed as problem:
        left = {name: value for name, value in fields.items() if name not in problem.errors}
        if left == fields:
            raise
        note, company = left_out(problem), create_company(left, by=by)
    written = {name: field_digest(name, getattr(company, name, None)) for name in fields}
    return Taken(Outcome.CREATED, note, None, company.id, _url(company.id), written)


def _update(company_id: int, changes: dict[str, Any], by: int | None) -> str:
    try:
        update_company(company_id, changes, by=by)
    except ValidationFailed as problem:
        left = {name: value for name, value in changes.items() if name not in problem.errors}
        if left:
            update_company(company_id, left, by=by)
        return left_out(problem)
    return ""


def _may_set(name: str, have: Any, value: Any, seen: Seen | None, settings: Settings) -> bool:
    if str(have or "") == str(value) or name == "name":
        return False
    if settings.policy is Policy.KEEP:
        return False
    if have in (None, "") or settings.policy is Policy.OVERWRITE:
        return True
    return seen is not None and (seen.written or {}).get(name) == field_digest(name, have)


def _url(company_id: int) -> str:
    return f"/admin/companies/{company_id}"
