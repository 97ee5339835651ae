"""The plugin's settings, and what they say in words and days."""

import datetime as dt
from typing import Any

from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange

from core.api import SettingsGroup, _, _l, current_language, plugin_settings, site_today

from .paying import settings as paying
from .points import settings_form as points_form
from .points.expiry import add_months as add_months
from .points.expiry import default_expiry as default_expiry

PLUGIN = "member_tiers"
MOST_DAYS = 36_500

DEFAULTS: dict[str, Any] = {**points_form.DEFAULTS, "unlock_days": 0, **paying.DEFAULTS}
GROUPS = (
    *points_form.GROUPS,
    SettingsGroup(_l("Invoices and payments"), paying.FIELDS, "file-invoice"),
)


class SettingsForm(points_form.PointsFields, paying.PayingSettings):
    """The settings page of the plugin."""

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
    """Return a number of points with their name, e.g. `1,250 ポイント` or `1 point`."""
    name = points_name()
    if abs(amount) == 1 and current_language() == "en":
        name = name.removesuffix("s")
    return _("%(amount)s %(points)s", amount=f"{amount:,}", points=name)


def unlock_expiry() -> dt.date | None:
    """Return the last day of a page unlocked today, None when it stays open."""
    days = int(plugin_settings(PLUGIN)["unlock_days"])
    return site_today() + dt.timedelta(days=days - 1) if days else None
