"""The plugin's settings: what points are called and how long they and unlocked pages last."""

import calendar
import datetime as dt
from typing import Any

from wtforms import IntegerField, StringField
from wtforms.validators import InputRequired, Length, NumberRange

from core.api import BaseForm, _, _l, current_language, plugin_settings, site_today

PLUGIN = "member_tiers"
MOST_MONTHS = 1200
MOST_DAYS = 36_500

DEFAULTS: dict[str, Any] = {
    "points_name_ja": "ポイント",
    "points_name_en": "points",
    "expiry_months": 12,
    "unlock_days": 0,
}


class SettingsForm(BaseForm):
    """The settings page of the plugin."""

    points_name_ja = StringField(
        _l("What points are called (Japanese)"), [InputRequired(), Length(max=20)], default="ポイント"
    )
    points_name_en = StringField(
        _l("What points are called (English)"), [InputRequired(), Length(max=20)], default="points"
    )
    expiry_months = IntegerField(
        _l("Points expire after … months"),
        [InputRequired(), NumberRange(0, MOST_MONTHS)],
        description=_l("0: they never expire. Applies to points given from now on."),
    )
    unlock_days = IntegerField(
        _l("An unlocked page stays open for … days"),
        [InputRequired(), NumberRange(0, MOST_DAYS)],
        description=_l("0: for ever. Applies to pages unlocked from now on."),
    )


def points_name() -> str:
    """Return what points are called in the current language."""
    return str(plugin_settings(PLUGIN)[f"points_name_{current_language()}"])


def points_title() -> str:
    """Return the name of points as a heading: the word inside sentences, with a capital."""
    name = points_name()
    return name[:1].upper() + name[1:]


def points_text(amount: int) -> str:
    """Return a number of points with their name, e.g. `1,250 ポイント`."""
    return _("%(amount)s %(points)s", amount=f"{amount:,}", points=points_name())


def default_expiry() -> dt.date | None:
    """Return the last day of points given today, None when they never expire."""
    months = int(plugin_settings(PLUGIN)["expiry_months"])
    return add_months(site_today(), months) if months else None


def unlock_expiry() -> dt.date | None:
    """Return the last day of a page unlocked today, None when it stays open."""
    days = int(plugin_settings(PLUGIN)["unlock_days"])
    return site_today() + dt.timedelta(days=days - 1) if days else None


def add_months(day: dt.date, months: int) -> dt.date:
    """Return the same day of a later month, or that month's last day when it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    month += 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
