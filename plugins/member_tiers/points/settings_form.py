"""The settings of points: what they are called, until when they count, what members may do."""

from typing import Any

from wtforms import BooleanField, IntegerField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange

from core.api import BaseForm, SettingsGroup, _l

from .expiry import Style

MOST_MONTHS = 1200
MOST_YEARS = 20
MOST_DAYS = 3650
MOST_POINTS = 1_000_000
MONTHS = [SelectChoice(str(month), str(month)) for month in range(1, 13)]

DEFAULTS: dict[str, Any] = {
    "points_name_ja": "ポイント",
    "points_name_en": "points",
    "expiry_style": Style.PER_LOT.value,
    "expiry_months": 12,
    "points_year_begins": "4",
    "points_years": 1,
    "return_days": 30,
    "expiry_notices": True,
    "point_value": 1,
    "transfers": False,
    "transfer_most": 1000,
}


class PointsFields(BaseForm):
    """The part of the settings page that is about points."""

    points_name_ja = StringField(
        _l("What points are called (Japanese)"), [InputRequired(), Length(max=20)], default="ポイント"
    )
    points_name_en = StringField(
        _l("What points are called (English)"), [InputRequired(), Length(max=20)], default="points"
    )
    expiry_style = SelectField(
        _l("When points expire"),
        choices=[
            SelectChoice(Style.PER_LOT, _l("Some months after they were given")),
            SelectChoice(Style.ROLLING, _l("Some months after the member last earned or spent any")),
            SelectChoice(Style.MONTH_END, _l("Some months after they were given, at the end of that month")),
            SelectChoice(Style.FISCAL_YEAR, _l("At the end of a fiscal year")),
            SelectChoice(Style.NEVER, _l("Never")),
        ],
        description=_l("Applies to points given from now on. Others keep the day that members were told."),
    )
    expiry_months = IntegerField(
        _l("Points expire after … months"),
        [InputRequired(), NumberRange(0, MOST_MONTHS)],
        description=_l("For the ways that count months. 0: they never expire."),
    )
    points_year_begins = SelectField(_l("The fiscal year begins in month"), choices=MONTHS)
    points_years = IntegerField(
        _l("Fiscal years that follow"),
        [InputRequired(), NumberRange(0, MOST_YEARS)],
        description=_l("0: the end of the year in which they were given. 1: the end of the year after it."),
    )
    expiry_notices = BooleanField(
        _l("Tell members 30, 7 and 1 days before points expire"),
        description=_l("By e-mail, once each, to members who can log in."),
    )
    return_days = IntegerField(
        _l("Points given back whose day has passed count for … days"),
        [InputRequired(), NumberRange(0, MOST_DAYS)],
        description=_l("0: they stay lost."),
    )
    point_value = IntegerField(
        _l("Yen that one paid point stands for"),
        [InputRequired(), NumberRange(1, 100_000)],
        description=_l("For the report of unused paid points on 31 March and 30 September."),
    )
    transfers = BooleanField(
        _l("Members may hand points on to other members"),
        description=_l("Free points only; they keep their last day. Off unless you need it."),
    )
    transfer_most = IntegerField(
        _l("Points that a member may hand on in a day"), [InputRequired(), NumberRange(1, MOST_POINTS)]
    )


GROUPS = (
    SettingsGroup(_l("Points: the name"), ("points_name_ja", "points_name_en"), "coins"),
    SettingsGroup(
        _l("Points: how long they count"),
        (
            "expiry_style",
            "expiry_months",
            "points_year_begins",
            "points_years",
            "expiry_notices",
            "return_days",
        ),
        "calendar-event",
    ),
    SettingsGroup(_l("Points: paid ones"), ("point_value",), "currency-yen"),
    SettingsGroup(_l("Points: between members"), ("transfers", "transfer_most"), "send"),
)
