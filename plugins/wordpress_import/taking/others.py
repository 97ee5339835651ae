"""Hands rows over to the plugins that take them: forms, messages, levels, memberships."""

from collections.abc import Mapping
from typing import Any

from core.api import _, collect

from ..book import Book, Taken
from ..kinds import NEEDS, Kind
from ..models import Outcome, Seen
from ..policy import Settings
from ..sources.base import Row


def kinds_of_plugins() -> frozenset[str]:
    """Return the kinds that active plugins take."""
    return frozenset(str(kind) for _plugin, kinds in collect("wordpress_kinds") for kind in kinds)


def take_other(row: Row, seen: Seen | None, book: Book, settings: Settings, by: int | None) -> Taken:
    """Let the plugin whose rows these are take one, once."""
    if seen is not None:
        return Taken(Outcome.UNCHANGED)
    if row.kind is Kind.MEMBERSHIP:
        missing = _missing(row, book)
        if missing:
            return Taken(Outcome.SKIPPED, missing)
    links = {"site": book.site, "source_id": row.id, "dry_run": book.dry_run, **_links(row, book)}
    answers = collect("take_wordpress_row", kind=str(row.kind), values=row.values, links=links, by=by)
    if not answers:
        return Taken(Outcome.REFUSED, _("The plugin “%(name)s” could not take it.", name=NEEDS[row.kind]))
    taken = _read(answers[0][1], links)
    if row.kind is Kind.FORM:
        # Flamingo's messages name their form by this.
        taken.written = {"slug": row.values["slug"]}
    return taken


def _read(answer: Mapping[str, Any], links: Mapping[str, Any]) -> Taken:
    for name, outcome in (("refused", Outcome.REFUSED), ("skipped", Outcome.SKIPPED)):
        if name in answer:
            return Taken(outcome, str(answer[name])[:500])
    return Taken(
        Outcome(answer.get("outcome", Outcome.CREATED)),
        str(answer.get("note", ""))[:500],
        answer.get("customer_id", links.get("customer_id")),
        answer.get("id"),
        str(answer.get("url", ""))[:200],
    )


def _links(row: Row, book: Book) -> dict[str, Any]:
    if row.kind is Kind.MEMBERSHIP:
        person, level = book.find(Kind.USER, row.values["user"]), book.find(Kind.LEVEL, row.values["level"])
        return {
            "customer_id": person.customer_id if person is not None else None,
            "tier_id": level.target_id if level is not None else None,
        }
    if row.kind is Kind.MESSAGE:
        return {"form_id": book.form_called(row.values["channel"])}
    return {}


def _missing(row: Row, book: Book) -> str:
    for kind, number, words in (
        (Kind.USER, row.values["user"], _("The person that it is about was not taken.")),
        (Kind.LEVEL, row.values["level"], _("The level that it is about was not taken.")),
    ):
        found = book.find(kind, number)
        is_here = (
            found is not None and (found.customer_id if kind is Kind.USER else found.target_id) is not None
        )
        if not is_here and not (book.dry_run and book.is_planned(kind, number)):
            return words
    return ""
