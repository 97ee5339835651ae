"""What is known of a site's rows while they are taken: the map, and in a dry run what would be in it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from core.api import db, keyed_hash, normalise_email

from .kinds import Kind
from .models import Outcome, Seen

PURPOSE = "wordpress_import.row"


@dataclass(slots=True)
class Taken:
    """What became of a row."""

    outcome: Outcome
    message: str = ""
    customer_id: int | None = None
    target_id: int | None = None
    url: str = ""
    written: dict[str, str] = field(default_factory=dict)


class Book:
    """The map of one site."""

    def __init__(self, site: str, run_id: int, *, dry_run: bool) -> None:
        self.site = site
        self.run_id = run_id
        self.dry_run = dry_run
        self._planned: dict[str, set[int]] = {}
        self._planned_emails: set[int] = set()
        self._forms: dict[str, int] | None = None
        self.made: set[int] = set()

    def look_up(self, kind: Kind, ids: Iterable[int]) -> dict[int, Seen]:
        """Return what was taken before, by number."""
        theirs = (Seen.site == self.site) & (Seen.kind == str(kind)) & Seen.source_id.in_(list(ids))
        return {seen.source_id: seen for seen in db.session.scalars(select(Seen).where(theirs))}

    def find(self, kind: Kind, number: int) -> Seen | None:
        """Return one row that was taken before."""
        return self.look_up(kind, [number]).get(number)

    def form_called(self, slug: str) -> int | None:
        """Return the form that came from the form with this name."""
        if self._forms is None:
            theirs = (Seen.site == self.site) & (Seen.kind == str(Kind.FORM)) & Seen.target_id.is_not(None)
            rows = db.session.execute(select(Seen.written, Seen.target_id).where(theirs)).all()
            self._forms = {row.written.get("slug", ""): row.target_id for row in rows}
        return self._forms.get(slug)

    def is_planned(self, kind: Kind, number: int) -> bool:
        """Tell whether a row would have been taken by now."""
        return number in self._planned.get(kind, ())

    def plan(self, kind: Kind, number: int, email: str) -> None:
        """Note in a dry run what would have been taken."""
        self._planned.setdefault(kind, set()).add(number)
        if email:
            self._planned_emails.add(hash(normalise_email(email)))

    def is_planned_email(self, email: str) -> bool:
        """Tell whether somebody with this address would be here by now."""
        return bool(email) and hash(normalise_email(email)) in self._planned_emails

    def keep(self, kind: Kind, number: int, seen: Seen | None, digest: str, taken: Taken) -> Seen:
        """Put a row into the map and return what stands there."""
        if seen is None:
            seen = Seen(site=self.site, kind=str(kind), source_id=number)
            seen.customer_id, seen.target_id, seen.url = taken.customer_id, taken.target_id, taken.url
            seen.run_id, seen.outcome = self.run_id, str(taken.outcome)
            db.session.add(seen)
        seen.digest = digest
        seen.written = {**(seen.written or {}), **taken.written}
        db.session.flush()
        return seen


def digest_of(values: Mapping[str, Any]) -> str:
    """Return what stands for all values of a row; only this site can make it."""
    return keyed_hash(PURPOSE, json.dumps(values, ensure_ascii=False, sort_keys=True))[:64]


def field_digest(name: str, value: Any) -> str:
    """Return what stands for one value that was written."""
    return keyed_hash(PURPOSE, f"{name}={value}")[:24]
