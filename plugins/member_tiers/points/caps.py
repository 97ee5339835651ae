"""How often a rule gives a customer something, and how many points at most come of it.

Both are counted since the beginning of the day, of the week (Monday) and of the month, and in all. The
caller holds the customer's lock, so that nobody gives more between the look and the entry.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select

from core.api import _, db, site_day_begins

from ..settings import points_text
from .models import PointEntry
from .models_rules import PointCut, PointHold, PointRule

SOURCE = "rule"
_AT_ONCE = 500


def given_by(rule: PointRule) -> tuple[ColumnElement[bool], ...]:
    """Return what picks the entries that a rule made."""
    return (PointEntry.source_type == SOURCE, PointEntry.source_id == rule.id)


def has_times_left(rule: PointRule, customer_id: int, today: dt.date) -> bool:
    """Tell whether a rule may give something once more; what is held counts, too."""
    caps = (rule.cap_day, rule.cap_week, rule.cap_month, rule.cap_total)
    return all(
        _given(func.count(), rule, customer_id, since) + _held(func.count(), rule, customer_id, since) < cap
        for cap, since in _periods(caps, today)
    )


def points_left(rule: PointRule, customer_id: int, today: dt.date) -> int | None:
    """Return how many points a rule may still give; None is any number. What is held has not been given."""
    total = func.coalesce(func.sum(PointEntry.amount), 0)
    left = [
        max(cap - _given(total, rule, customer_id, since), 0) for cap, since in _periods(_points(rule), today)
    ]
    return min(left, default=None)


def may_hold_more(rule: PointRule, customer_id: int, today: dt.date) -> bool:
    """Tell whether any point would be left for a further one to hold, after those that are held."""
    given, held = (func.coalesce(func.sum(model.amount), 0) for model in (PointEntry, PointHold))
    return all(
        _given(given, rule, customer_id, since) + _held(held, rule, customer_id, since) < cap
        for cap, since in _periods(_points(rule), today)
    )


def _points(rule: PointRule) -> tuple[int | None, ...]:
    return (rule.points_day, rule.points_week, rule.points_month, rule.points_total)


def _periods(caps: Sequence[int | None], today: dt.date) -> Iterator[tuple[int, dt.date | None]]:
    begins = (today, today - dt.timedelta(days=today.weekday()), today.replace(day=1), None)
    yield from ((cap, since) for cap, since in zip(caps, begins, strict=True) if cap is not None)


def _given(total: Any, rule: PointRule, customer_id: int, since: dt.date | None) -> int:
    query = select(total).where(*given_by(rule), PointEntry.customer_id == customer_id)
    if since is not None:
        query = query.where(PointEntry.created_at >= site_day_begins(since))
    return int(db.session.scalar(query) or 0)


def _held(total: Any, rule: PointRule, customer_id: int, since: dt.date | None) -> int:
    query = select(total).where(PointHold.rule_id == rule.id, PointHold.customer_id == customer_id)
    if since is not None:
        query = query.where(PointHold.created_at >= site_day_begins(since))
    return int(db.session.scalar(query) or 0)


def note_cut(entry: PointEntry, whole: int) -> None:
    """Write down beside an entry how many points it would have been without the cap."""
    db.session.add(PointCut(entry_id=entry.id, whole=whole))
    db.session.flush()


def wholes_of(entry_ids: Sequence[int]) -> Mapping[int, int]:
    """Return how many points entries would have been, of those that a cap left fewer."""
    found: dict[int, int] = {}
    for start in range(0, len(entry_ids), _AT_ONCE):
        query = select(PointCut.entry_id, PointCut.whole)
        some = query.where(PointCut.entry_id.in_(entry_ids[start : start + _AT_ONCE]))
        found.update((row.entry_id, row.whole) for row in db.session.execute(some))
    return found


def cut_text(amount: int, whole: int) -> str:
    """Return in words that a cap left fewer points."""
    return _(
        "%(amount)s of %(whole)s, because of the rule's limit",
        amount=f"{amount:,}",
        whole=points_text(whole),
    )


def limits_of(rule: PointRule) -> list[str]:
    """Return the caps in words: times, then points."""
    times = (
        _("%(num)s a day", num=rule.cap_day) if rule.cap_day else "",
        _("%(num)s a week", num=rule.cap_week) if rule.cap_week else "",
        _("%(num)s a month", num=rule.cap_month) if rule.cap_month else "",
        _("%(num)s in all", num=rule.cap_total) if rule.cap_total else "",
    )
    points = (
        _("%(points)s a day", points=points_text(rule.points_day)) if rule.points_day else "",
        _("%(points)s a week", points=points_text(rule.points_week)) if rule.points_week else "",
        _("%(points)s a month", points=points_text(rule.points_month)) if rule.points_month else "",
        _("%(points)s in all", points=points_text(rule.points_total)) if rule.points_total else "",
    )
    return [words for words in (*times, *points) if words]
