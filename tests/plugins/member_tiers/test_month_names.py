"""Months are called by their names in English, and by their numbers in Japanese."""

from typing import Any

import pytest
from paying_kit import open_tier

from core.i18n import in_language
from core.testing.factories import make_account
from plugins.member_tiers.months import month_name
from plugins.member_tiers.paying.showing import term_text
from plugins.member_tiers.ranks.models import RankPlan, Schedule, Window
from plugins.member_tiers.ranks.words import schedule_words, span_words

LANGUAGES = ("ja", "en")


def said(words: Any, *given: Any) -> tuple[str, ...]:
    """Return what a function says in Japanese and in English."""
    found = []
    for language in LANGUAGES:
        with in_language(language):
            found.append(words(*given))
    return tuple(found)


def plan(**values: Any) -> RankPlan:
    return RankPlan(schedule=Schedule.YEARLY, closing_month=3, **values)


def test_every_month_has_its_name(app: Any) -> None:
    assert [said(month_name, month) for month in (1, 3, 12)] == [
        ("1月", "January"),
        ("3月", "March"),
        ("12月", "December"),
    ]


@pytest.mark.parametrize(
    ("begins", "words"),
    [
        (4, ("年度（3月末まで）", "a year, until the end of March")),
        (1, ("年度（12月末まで）", "a year, until the end of December")),
    ],
)
def test_the_table_of_plans_says_until_when_a_fiscal_year_lasts(
    tiers: Any, begins: int, words: tuple[str, str]
) -> None:
    tier = open_tier(tiers["gold"], term="fiscal", year_begins=begins)
    assert said(term_text, tier) == words


def test_plans_of_ranks_say_when_they_are_evaluated(app: Any) -> None:
    at_end = said(schedule_words, plan(closing_day=31))
    assert at_end[0].endswith("（3月末を基準）") and at_end[1] == "Once a year, at the end of March"
    on_day = said(schedule_words, plan(closing_day=15))
    assert on_day[0].endswith("（3月15日を基準）") and on_day[1] == "Once a year, from day 15 of March"
    year = said(span_words, RankPlan(span=Window.YEAR, year_begins=4))
    assert year == ("4月から始まる1年", "A year that begins in April")


@pytest.mark.parametrize(
    ("language", "words"), [("ja", "年度（4月始まり）"), ("en", "fiscal year from April")]
)
def test_the_list_of_tiers_says_when_a_fiscal_year_begins(
    tiers: Any, client: Any, login: Any, language: str, words: str
) -> None:
    open_tier(tiers["gold"], term="fiscal", year_begins=4)
    login(client, make_account("Owner"))
    assert words in client.get(f"/admin/member-tiers/tiers?lang={language}").text
