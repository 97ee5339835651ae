"""Dates, times, money and numbers as people write them."""

import datetime as dt

import pytest

from core import formats
from core.i18n import in_language

NIGHT = dt.datetime(2026, 11, 21, 15, 5, tzinfo=dt.UTC)


def test_moments_are_shown_in_the_sites_zone(app):
    with in_language("ja"):
        assert formats.format_datetime(NIGHT) == "2026年11月22日(日) 00:05"
    with in_language("en"):
        assert formats.format_datetime(NIGHT) == "22 Nov 2026, 00:05"


def test_days_have_no_time(app):
    with in_language("ja"):
        assert formats.format_date(dt.date(2026, 1, 3)) == "2026年1月3日(土)"
    with in_language("en"):
        assert formats.format_date(dt.date(2026, 1, 3)) == "3 Jan 2026"


def test_lists_name_the_year_only_where_it_is_another(app, monkeypatch):
    monkeypatch.setattr(formats, "utcnow", lambda: NIGHT)
    with in_language("ja"):
        assert formats.format_short(NIGHT) == "11/22 00:05"
        assert formats.format_short(NIGHT - dt.timedelta(days=400)) == "2025/10/18 00:05"
        assert formats.format_short(dt.date(1980, 5, 4)) == "1980/5/4"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (5, "たった今"),
        (125, "2分前"),
        (7300, "2時間前"),
        (3 * 86400, "3日前"),
        (-30, "まもなく"),
        (-7300, "2時間後"),
        (8 * 86400, "11/14 00:05"),
    ],
)
def test_recent_moments_are_said_relative_to_now(app, monkeypatch, seconds, text):
    monkeypatch.setattr(formats, "utcnow", lambda: NIGHT)
    with in_language("ja"):
        assert formats.format_relative(NIGHT - dt.timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (12800, "JPY", "¥12,800"),
        (-5, "JPY", "−¥5"),
        (123456, "USD", "$1,234.56"),
        (-7, "EUR", "−€0.07"),
        (None, "JPY", ""),
    ],
)
def test_money_is_written_in_its_currency(app, amount, currency, text):
    assert formats.format_money(amount, currency) == text


def test_nothing_is_written_as_nothing(app):
    assert [
        f(None)
        for f in (
            formats.format_date,
            formats.format_datetime,
            formats.format_short,
            formats.format_relative,
            formats.format_number,
        )
    ] == [""] * 5
