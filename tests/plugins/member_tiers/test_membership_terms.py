"""How long a term lasts, around 29 February, 31 March, and for those who join within a year."""

import datetime as dt

import pytest

from plugins.member_tiers.memberships.terms import first_term, next_term
from plugins.member_tiers.models import Tier

day = dt.date.fromisoformat


def tier(term, **values):
    settings = {"term_length": 12, "term_unit": "months", "year_begins": 4, "mid_year": "full"}
    return Tier(term=term, **{**settings, "late_months": 0, **values})


def dates(term):
    return str(term.starts_on), str(term.ends_on), term.months


def test_an_open_term_has_no_end():
    assert dates(first_term(tier("open"), day("2026-11-22"))) == ("2026-11-22", "None", None)


@pytest.mark.parametrize(
    ("length", "unit", "joined", "last"),
    [
        (12, "months", "2026-11-22", "2027-11-21"),
        (12, "months", "2028-02-29", "2029-02-28"),
        (12, "months", "2027-03-01", "2028-02-29"),
        (1, "months", "2027-01-31", "2027-02-28"),
        (1, "months", "2028-01-30", "2028-02-29"),
        (1, "months", "2026-12-31", "2027-01-30"),
        (30, "days", "2028-02-01", "2028-03-01"),
        (1, "days", "2026-12-31", "2026-12-31"),
    ],
)
def test_a_fixed_term_ends_on_the_day_before_the_same_day_or_with_a_short_month(length, unit, joined, last):
    found = first_term(tier("fixed", term_length=length, term_unit=unit), day(joined))
    assert dates(found) == (joined, last, None)


@pytest.mark.parametrize(
    ("term", "joined", "expected"),
    [
        ("fiscal", "2026-04-01", ("2026-04-01", "2027-03-31", None)),
        ("fiscal", "2026-03-31", ("2026-03-31", "2026-03-31", None)),
        ("fiscal", "2027-12-31", ("2027-12-31", "2028-03-31", None)),
        ("fiscal", "2028-02-29", ("2028-02-29", "2028-03-31", None)),
        ("calendar", "2026-01-01", ("2026-01-01", "2026-12-31", None)),
        ("calendar", "2026-12-31", ("2026-12-31", "2026-12-31", None)),
    ],
)
def test_a_year_ends_for_all_on_the_same_day(term, joined, expected):
    assert dates(first_term(tier(term), day(joined))) == expected


@pytest.mark.parametrize(
    ("joined", "months", "fee"),
    [
        ("2026-04-01", None, 12000),
        ("2026-04-02", 12, 12000),
        ("2026-10-31", 6, 6000),
        ("2027-03-31", 1, 1000),
    ],
)
def test_a_part_fee_counts_the_months_that_are_left(joined, months, fee):
    found = first_term(tier("fiscal", mid_year="part"), day(joined))
    assert (found.months, found.fee_of(12000)) == (months, fee)
    assert found.ends_on == day("2027-03-31")


def test_a_part_fee_is_rounded_up():
    assert first_term(tier("fiscal", mid_year="part"), day("2027-03-01")).fee_of(10000) == 834


def test_who_joins_within_a_year_may_begin_with_the_next_one():
    found = first_term(tier("fiscal", mid_year="next"), day("2026-11-22"))
    assert dates(found) == ("2027-04-01", "2028-03-31", None)
    found = first_term(tier("fiscal", mid_year="next"), day("2027-04-01"))
    assert dates(found) == ("2027-04-01", "2028-03-31", None)


@pytest.mark.parametrize(
    ("joined", "last", "months"),
    [
        ("2026-12-31", "2027-03-31", 4),
        ("2027-01-01", "2028-03-31", None),
        ("2027-03-31", "2028-03-31", None),
        ("2027-04-01", "2028-03-31", None),
    ],
)
def test_who_joins_from_january_on_stays_until_the_end_of_march_of_the_next_year(joined, last, months):
    found = first_term(tier("fiscal", late_months=3, mid_year="part"), day(joined))
    assert dates(found) == (joined, last, months)


def test_terms_follow_each_other_without_a_gap():
    assert dates(next_term(tier("fiscal"), day("2026-11-22"), day("2027-03-31"))) == (
        "2027-04-01",
        "2028-03-31",
        None,
    )
    assert dates(next_term(tier("fixed"), day("2020-01-01"), day("2027-03-30")))[1] == "2028-03-30"


def test_an_anniversary_stays_the_day_of_joining():
    yearly, monthly = tier("anniversary"), tier("anniversary", term_length=1)
    assert dates(next_term(yearly, day("2027-03-31"), day("2028-03-30")))[1] == "2029-03-30"
    # Prolonged by hand until some other day: the next term is a short one.
    assert dates(next_term(yearly, day("2026-04-10"), day("2027-06-30")))[1] == "2028-04-09"
    ends, found = day("2026-12-30"), []
    for _month in range(3):
        ends = next_term(monthly, day("2026-10-31"), ends).ends_on
        found.append(str(ends))
    assert found == ["2027-01-30", "2027-02-28", "2027-03-30"]


def test_an_anniversary_on_29_february_comes_back():
    yearly, ends, found = tier("anniversary"), day("2029-02-28"), []
    for _year in range(3):
        ends = next_term(yearly, day("2028-02-29"), ends).ends_on
        found.append(str(ends))
    assert found == ["2030-02-28", "2031-02-28", "2032-02-28"]
