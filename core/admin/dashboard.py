"""The dashboard's own figures, and the pieces that plugins add."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask import render_template
from markupsafe import Markup
from sqlalchemy import func, select

from core.activity.kinds import find_kind
from core.activity.models import Activity
from core.activity.presentation import shown_data
from core.activity.visibility import seen_activities
from core.admin.registrations import Card
from core.admin.search import customer_url
from core.customers import permissions as customer_permissions
from core.customers.models import Customer
from core.customers.names import display_name, kana_name
from core.db import db
from core.i18n import _, select_timezone, site_today
from core.plugin_host.guards import call_plugin, collect
from core.security.sessions import SignedInAccount

NEWEST = 6
LAST_ACTIVITIES = 10


@dataclass(frozen=True, slots=True)
class CustomerLine:
    """A new customer."""

    name: str
    kana: str
    url: str
    created_at: dt.datetime


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """Something that happened with a customer."""

    icon: str
    text: str
    name: str
    url: str
    occurred_at: dt.datetime


@dataclass(frozen=True, slots=True)
class CustomerNews:
    """What is new about customers."""

    this_week: int
    last_week: int
    newest: Sequence[CustomerLine]
    activities: Sequence[ActivityLine]


@dataclass(frozen=True, slots=True)
class DrawnCard:
    """A plugin's card, drawn."""

    title: Any
    html: Markup
    wide: bool


def customer_news(account: SignedInAccount) -> CustomerNews | None:
    """Return the news about customers, or None for those who may not see them."""
    if not account.can(customer_permissions.SEE):
        return None
    monday = site_today() - dt.timedelta(days=site_today().weekday())
    start, before = _start_of(monday), _start_of(monday - dt.timedelta(days=7))
    counts = db.session.execute(
        select(
            select(func.count()).where(Customer.created_at >= start).scalar_subquery(),
            select(func.count())
            .where(Customer.created_at >= before, Customer.created_at < start)
            .scalar_subquery(),
        )
    ).one()
    return CustomerNews(counts[0], counts[1], _newest(), _last_activities())


def _start_of(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.min, ZoneInfo(select_timezone()))


def _newest() -> list[CustomerLine]:
    query = select(
        Customer.id,
        Customer.family_name,
        Customer.given_name,
        Customer.family_kana,
        Customer.given_kana,
        Customer.email,
        Customer.created_at,
    ).order_by(Customer.created_at.desc(), Customer.id.desc())
    return [
        CustomerLine(
            display_name(row.family_name, row.given_name) or row.email or _("(no name)"),
            kana_name(row.family_kana, row.given_kana),
            customer_url(row.id),
            row.created_at,
        )
        for row in db.session.execute(query.limit(NEWEST))
    ]


def _last_activities() -> list[ActivityLine]:
    query = (
        select(Activity, Customer.family_name, Customer.given_name, Customer.email)
        .join(Customer, Customer.id == Activity.customer_id)
        .where(*seen_activities())
        .order_by(Activity.occurred_at.desc(), Activity.id.desc())
        .limit(LAST_ACTIVITIES)
    )
    return [
        ActivityLine(
            find_kind(row.Activity.kind).icon,
            activity_text(row.Activity),
            display_name(row.family_name, row.given_name) or row.email or _("(no name)"),
            customer_url(row.Activity.customer_id),
            row.Activity.occurred_at,
        )
        for row in db.session.execute(query)
    ]


def activity_text(activity: Activity) -> str:
    """Return a timeline line's title in the reader's language."""
    title = _(activity.title)
    try:
        return title % shown_data(activity) if activity.data else title
    except (KeyError, TypeError, ValueError):
        return title


def plugin_cards(account: SignedInAccount) -> list[DrawnCard]:
    """Return the cards of all plugins, drawn; one that fails is left out."""
    found: list[tuple[str, Card]] = [
        (plugin, card) for plugin, cards in collect("dashboard_cards", account=account) for card in cards
    ]
    drawn = []
    for plugin, card in sorted(found, key=lambda entry: entry[1].order):
        html = call_plugin(plugin, render_template, card.template, **card.context)
        if html is not None:
            drawn.append(DrawnCard(card.title, Markup(html), card.wide))  # noqa: S704 - a template's output
    return drawn
