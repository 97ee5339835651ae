"""What the customer page shows: facts by group, the timeline, the panels of plugins."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, url_for
from markupsafe import Markup

from core.accounts.queries import staff_names
from core.accounts.registration.consent_queries import consent_views
from core.activity.kinds import DIRECTIONS, RESULTS, find_kind, touch_kinds
from core.activity.mentions import colleague_names
from core.activity.models import Activity
from core.activity.presentation import (
    ActivityView,
    Change,
    Day,
    author_ids,
    by_day,
    raw_changes,
    view_activity,
)
from core.activity.queries import list_kinds, list_pinned, list_timeline
from core.conditions.fields import Field, FieldType
from core.conditions.formatting import format_value
from core.customers.attributes import Attribute
from core.customers.companions import with_companions
from core.customers.field_groups import group_titles
from core.customers.models import Company, Customer
from core.customers.panels import Panel
from core.customers.registry import customer_fields, stored_attributes
from core.customers.storage import read_values
from core.customers.wareki import write_wareki
from core.i18n import _, current_language, site_today
from core.plugin_host.guards import call_plugin, collect
from core.security.sessions import current_account

_NO_FACTS = frozenset({"name", "record", "other"})
_ORDER = ("contact", "address", "work", "relation", "profile", "social", "custom")
_ELSEWHERE = frozenset({"caution_note", "stage", "labels", "may_contact"})


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is known, in words; `href` leads there (mail, telephone, web)."""

    name: str
    title: str
    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class FactGroup:
    """One block of facts; an empty one only offers to fill it in."""

    name: str
    title: str
    facts: Sequence[Fact]
    may_edit: bool = True


@dataclass(frozen=True, slots=True)
class PanelView:
    """A box beside the timeline, already drawn."""

    title: str
    body: Markup


@dataclass(frozen=True, slots=True)
class TimelineView:
    """A part of the timeline, and where the older part is."""

    days: Sequence[Day]
    older: str | None
    kind: str
    kinds: Sequence[tuple[str, str]]
    pinned: Sequence[ActivityView] = ()


def fact_groups(
    subject: Customer | Company,
    attributes: Mapping[str, Attribute],
    fields: Mapping[str, Field],
    groups: Sequence[str] = (),
    *,
    without: Collection[str] = (),
) -> list[FactGroup]:
    """Return what is known about a customer or company, by group; `without` stands elsewhere."""
    titles = group_titles()
    groups = groups or _fact_groups(titles)
    listed = {name: a for name, a in attributes.items() if name not in _ELSEWHERE and a.group in groups}
    shown = {name: attribute for name, attribute in listed.items() if name not in without}
    values = read_values(subject, shown)
    found: dict[str, list[Fact]] = {group: [] for group in groups}
    for name, attribute in shown.items():
        if values[name] not in (None, []) and not (name == "is_decision_maker" and values[name] is False):
            found[attribute.group].append(_fact(subject, attribute, fields[name], values[name]))
    present = {attribute.group for attribute in listed.values()}
    open_groups = {attribute.group for attribute in listed.values() if not attribute.locked}
    return [FactGroup(g, str(titles[g]), found[g], g in open_groups) for g in groups if g in present]


def _fact_groups(titles: Iterable[str]) -> list[str]:
    own = [name for name in titles if name not in _NO_FACTS and name not in _ORDER]
    return [*_ORDER, *own]


def _fact(subject: Customer | Company, attribute: Attribute, field: Field, value: Any) -> Fact:
    text = format_value(field, value)
    href = ""
    if attribute.type is FieldType.EMAIL:
        href = f"mailto:{text}"
    elif attribute.type is FieldType.PHONE:
        href = f"tel:{text.replace(' ', '')}"
    elif attribute.name == "website":
        href = text
    elif attribute.name == "birthday":
        era = write_wareki(value).partition("年")[0]
        if era and current_language() == "ja":
            text = f"{text}・{era}年"
        text = _("%(date)s (age %(age)s)", date=text, age=age_on(value, site_today()))
    elif attribute.name == "company_name" and isinstance(subject, Customer) and subject.company_id:
        href = url_for("customers_admin.company", company_id=subject.company_id)
    return Fact(attribute.name, str(attribute.title), text, href)


def age_on(birthday: dt.date, day: dt.date) -> int:
    """Return how old somebody is on a day."""
    return day.year - birthday.year - ((day.month, day.day) < (birthday.month, birthday.day))


def timeline_view(customer_id: int, *, kind: str = "", before: str | None = None) -> TimelineView:
    """Return a part of a customer's timeline in words."""
    part = list_timeline(customer_id, kind=kind or None, before=before)
    pinned = list_pinned(customer_id) if not kind and not before else []
    views = line_views([*part.activities, *pinned])
    kinds = [(name, str(find_kind(name).title)) for name in list_kinds(customer_id)]
    days = by_day([views[row.id] for row in part.activities])
    return TimelineView(days, part.older, kind, kinds, [views[row.id] for row in pinned])


def line_views(rows: Sequence[Activity]) -> dict[int, ActivityView]:
    """Return lines of timelines in words, by number."""
    authors = staff_names(author_ids(rows)) if rows else {}
    reader = current_account()
    fields, is_open = customer_fields(reader), reader is None or reader.is_owner
    views = {row.id: view_activity(row, authors, _changes(row, fields, is_open)) for row in rows}
    return with_companions(rows, views)


def written_kinds() -> list[tuple[str, str, str]]:
    """Return what staff can write down: kind, title, icon."""
    return [
        (name, str(kind.title), kind.icon) for name, kind in touch_kinds().items() if not kind.is_archived
    ]


@dataclass(frozen=True, slots=True)
class ComposerView:
    """What the form for a new line of the timeline offers."""

    kinds: Sequence[tuple[str, str, str]]
    directions: Sequence[tuple[str, str]]
    results: Sequence[tuple[str, str]]
    colleagues: Sequence[str]


def composer_view(account_id: int) -> ComposerView:
    """Return what somebody can choose when they write on a timeline."""
    directions = [(name, str(title)) for name, title in DIRECTIONS.items()]
    results = [(name, str(title)) for name, title in RESULTS.items()]
    return ComposerView(written_kinds(), directions, results, colleague_names(account_id))


def _changes(activity: Activity, fields: Mapping[str, Field], is_open: bool) -> list[Change]:
    attributes = stored_attributes()
    found = []
    for name, pair in raw_changes(activity).items():
        field = fields.get(name)
        # What is closed, archived or gone is for owners only: nobody can say whose it was to see.
        if field is None and not is_open:
            continue
        title = str(attributes[name].title) if name in attributes else name
        if isinstance(pair, list) and len(pair) == 2:
            found.append(Change(title, _say_kept(field, pair[0]), _say_kept(field, pair[1])))
    return found


def _say_kept(field: Field | None, value: Any) -> str:
    if value is None or value == []:
        return ""
    if field is None:
        return str(value)
    try:
        if field.type is FieldType.DATE:
            value = dt.date.fromisoformat(value)
        elif field.type is FieldType.DATETIME:
            value = dt.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return str(value)
    return format_value(field, value)


def consents_panel(customer: Customer, *, is_member: bool, may_edit: bool) -> list[PanelView]:
    """Return the box of what a person agreed to; none for whom nobody ever asked."""
    views = consent_views(customer.id)
    shown = [view for view in views if view.answers or is_member]
    if not shown:
        return []
    body = render_template(
        "admin/customers/_consents.html", customer=customer, consents=shown, may_edit=may_edit
    )
    # The output of an admin template, which escaped what it was given.
    return [PanelView(_("Consents"), Markup(body))]  # noqa: S704


def panels_for(customer: Customer, account: Any) -> list[PanelView]:
    """Return the boxes of plugins for a customer's page; one that fails is missing."""
    offered = [
        (plugin, panel)
        for plugin, panels in collect("customer_panels", customer=customer, account=account)
        for panel in call_plugin(plugin, list, panels, default=[])
    ]
    drawn = [(panel, call_plugin(plugin, _draw, panel, customer)) for plugin, panel in offered]
    shown = [(panel, body) for panel, body in drawn if body is not None and body.strip()]
    shown.sort(key=lambda entry: entry[0].order)
    return [PanelView(str(panel.title), body) for panel, body in shown]


def _draw(panel: Panel, customer: Customer) -> Markup:
    context = {"customer": customer, **panel.context}
    # The output of an admin template, which escaped what it was given.
    return Markup(render_template(panel.template, **context))  # noqa: S704
