"""What site templates are given of points: frozen values, no rows."""

import datetime as dt
from collections.abc import Sequence

from core.api import site_today, view_object

from ..settings import points_text
from .caps import cut_text, wholes_of
from .factors import Multiplied, factor_text, factors_of, multiplied_of, multiplied_text
from .models import Funding, PointEntry, PointLot
from .models_rules import PointRule
from .reasons import reason_text

# How many days before its end a lot is worth a warning.
SOON = 30


@view_object
class LotView:
    """Points with a common last day."""

    points: str
    until: dt.date | None
    ends_soon: bool


@view_object
class SingleLotView:
    """Points given together: how many are left of them, when and why, and until when they count."""

    points: str
    given_on: dt.date
    reason: str
    until: dt.date | None
    days_left: int | None
    ends_soon: bool
    is_limited: bool
    is_paid: bool


@view_object
class EntryView:
    """One line of the points history."""

    at: dt.datetime
    reason: str
    amount: str
    is_plus: bool
    balance: str
    multiplied: str = ""
    cut: str = ""


@view_object
class EarningView:
    """For what a member earns how many points."""

    title: str
    points: str
    is_limited: bool
    factors: tuple[str, ...] = ()


def lot_view(until: dt.date | None, points: int) -> LotView:
    """Return points with a common last day for site templates."""
    return LotView(points=points_text(points), until=until, ends_soon=_ends_soon(until))


def single_lot_view(lot: PointLot, reason: str) -> SingleLotView:
    """Return a lot for site templates."""
    return SingleLotView(
        points=points_text(lot.remaining),
        given_on=lot.issued_on,
        reason=reason,
        until=lot.expires_on,
        days_left=(lot.expires_on - site_today()).days if lot.expires_on else None,
        ends_soon=_ends_soon(lot.expires_on),
        is_limited=lot.is_limited,
        is_paid=lot.funding == Funding.PAID,
    )


def _ends_soon(until: dt.date | None) -> bool:
    return until is not None and (until - site_today()).days <= SOON


def entry_views(entries: Sequence[PointEntry]) -> tuple[EntryView, ...]:
    """Return ledger rows for site templates."""
    ids = [entry.id for entry in entries]
    multiplied, wholes = multiplied_of(ids), wholes_of(ids)
    return tuple(_entry_view(one, multiplied.get(one.id), wholes.get(one.id)) for one in entries)


def _entry_view(entry: PointEntry, multiplied: Multiplied | None, whole: int | None) -> EntryView:
    return EntryView(
        at=entry.created_at,
        reason=reason_text(entry),
        amount=f"{entry.amount:+,}".replace("-", "−"),
        is_plus=entry.amount > 0,
        balance=f"{entry.balance_after:,}",
        multiplied=multiplied_text(multiplied) if multiplied is not None else "",
        cut=cut_text(entry.amount, whole) if whole is not None else "",
    )


def earning_views(rules: Sequence[PointRule]) -> tuple[EarningView, ...]:
    """Return earning rules for site templates, each with what its tiers make of it."""
    factors = factors_of([rule.id for rule in rules])
    return tuple(
        EarningView(
            title=rule.title,
            points=points_text(rule.amount),
            is_limited=rule.is_limited,
            factors=tuple(
                f"{tier.title} × {factor_text(percent)}" for tier, percent in factors.get(rule.id, ())
            ),
        )
        for rule in rules
    )
