"""Timeline lines as people read them."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from core.activity.kinds import DIRECTIONS, RESULTS, find_kind, touch_kinds
from core.activity.models import Activity
from core.i18n import current_language, to_site_time, translate
from core.masks import REST


@dataclass(frozen=True, slots=True)
class Change:
    """One field that was changed, in words."""

    title: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class LineMail:
    """Where the mail stands that a line tells of; `url` is its page, for those who may see it."""

    url: str
    state: str
    tone: str


@dataclass(frozen=True, slots=True)
class ActivityView:
    """One line of the timeline in the reader's language."""

    id: int
    kind: str
    kind_title: str
    icon: str
    title: str
    body: str
    url: str | None
    at: dt.datetime
    author: str
    changes: Sequence[Change] = ()
    is_written: bool = False
    is_pinned: bool = False
    direction: str = ""
    result: str = ""
    files: Sequence[Any] = ()
    mail: LineMail | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """The lines of one day on the site's clock."""

    date: dt.date
    activities: Sequence[ActivityView]


def activity_title(activity: Activity) -> str:
    """Return the title of a line in the current language, its marks filled from the data."""
    text = translate(current_language(), activity.title)
    if "%(" not in text:
        return text
    try:
        return text % shown_data(activity)
    except (KeyError, ValueError, TypeError):
        return text


def shown_data(activity: Activity) -> Mapping[str, Any]:
    """Return what fills the marks of a title; what of a contact point cannot be told apart is masked."""
    from core.customers.masking import is_masked

    data = activity.data or {}
    if activity.kind == "updated" and "value" in data and is_masked("address"):
        return {**data, "value": REST}
    return data


def view_activity(
    activity: Activity, authors: Mapping[int, str], changes: Sequence[Change] = ()
) -> ActivityView:
    """Return one line as it is shown."""
    kind = find_kind(activity.kind)
    return ActivityView(
        id=activity.id,
        kind=activity.kind,
        kind_title=str(kind.title),
        icon=kind.icon,
        title=activity_title(activity),
        body=activity.body,
        url=activity.url if is_own_address(activity.url) else None,
        at=activity.occurred_at,
        author=authors.get(activity.account_id or 0, ""),
        changes=changes,
        is_written=activity.kind in touch_kinds(),
        is_pinned=activity.pinned_at is not None,
        direction=str(DIRECTIONS.get(activity.direction or "", "")),
        result=str(RESULTS.get(activity.result or "", "")),
    )


def is_own_address(url: str | None) -> bool:
    """Tell whether an address leads to a page of this site."""
    return bool(url) and url.startswith("/") and not url.startswith(("//", "/\\"))  # type: ignore[union-attr]


def by_day(activities: Iterable[ActivityView]) -> list[Day]:
    """Group lines, newest first, by the day on the site's clock."""
    grouped = groupby(activities, key=lambda view: to_site_time(view.at).date())
    return [Day(day, list(lines)) for day, lines in grouped]


def author_ids(activities: Iterable[Activity]) -> set[int]:
    """Return the accounts that wrote the lines."""
    return {activity.account_id for activity in activities if activity.account_id is not None}


def raw_changes(activity: Activity) -> Mapping[str, Sequence[Any]]:
    """Return what a line says was changed: `[old, new]` by field name."""
    changes = (activity.data or {}).get("changes")
    return changes if isinstance(changes, dict) else {}
