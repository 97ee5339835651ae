"""How old the data of customers is: kept with every change, said in words, and listed by an index."""

import datetime as dt

import pytest
from sqlalchemy import select, update

from core.activity.queries import list_timeline
from core.customers.bulk import insert_customers
from core.customers.freshness.queries import age_in_words, freshness_of, is_stale, months_before
from core.customers.freshness.services import confirm_today
from core.customers.models import Customer
from core.customers.registry import customer_attributes
from core.customers.services import update_customer
from core.db import db, transaction, utcnow
from core.i18n import in_language, site_today
from core.settings.services import save_site_settings
from core.testing.factories import make_customer

TODAY = dt.date(2026, 3, 31)


def stale():
    return set(db.session.execute(select(Customer.id).where(is_stale())).scalars())


def made_long_ago(customer, days=800):
    with transaction():
        statement = update(Customer).where(Customer.id == customer.id)
        moment = utcnow() - dt.timedelta(days=days)
        db.session.execute(statement.values(created_at=moment, fresh_on=moment.date()))
    return customer


def test_what_was_just_entered_is_fresh(app):
    customer = make_customer()
    found = freshness_of(customer)
    assert (customer.fresh_on, found.is_confirmed, found.is_stale, found.age) == (
        site_today(),
        False,
        False,
        "今日",
    )


def test_confirming_moves_the_day_and_is_on_the_timeline(app):
    customer = made_long_ago(make_customer())
    assert stale() == {customer.id}
    assert freshness_of(customer).is_stale
    with transaction():
        assert confirm_today([customer.id]) == 1
    assert stale() == set()
    assert customer.fresh_on == customer.last_confirmed_on == site_today()
    assert freshness_of(customer).is_today
    assert "last_confirmed_on" in list_timeline(customer.id).activities[0].data["changes"]


def test_confirming_twice_on_a_day_writes_one_line(app):
    customer = make_customer()
    for _again in range(2):
        with transaction():
            confirm_today([customer.id])
    assert [line.kind for line in list_timeline(customer.id).activities] == ["updated", "created"]


def test_taking_the_confirmation_back_counts_from_the_entry(app):
    customer = made_long_ago(make_customer(last_confirmed_on=site_today()))
    with transaction():
        update_customer(customer.id, {"last_confirmed_on": ""})
    assert stale() == {customer.id}


def test_former_customers_need_no_confirmation(app):
    customer = made_long_ago(make_customer(stage="former"))
    assert stale() == set()
    assert not freshness_of(customer).is_stale


def test_the_owner_says_how_many_months_are_long(app):
    from core.plugin_host.snapshot import use_current_snapshot

    customer = made_long_ago(make_customer(), days=200)
    assert stale() == set()
    with transaction():
        save_site_settings({"confirm_months": 6})
    use_current_snapshot()
    assert stale() == {customer.id}


def test_whoever_comes_in_bulk_has_a_day_as_well(app):
    moment = utcnow() - dt.timedelta(days=500)
    people = [{"family_name": "山田", "stage": "lead"}, {"family_name": "佐藤", "stage": "lead"}]
    people[1]["last_confirmed_on"] = site_today()
    with transaction():
        first, second = insert_customers(people, customer_attributes(), [moment, moment])
    days = dict(db.session.execute(select(Customer.id, Customer.fresh_on)).all())
    assert (days[second], (site_today() - days[first]).days) == (site_today(), 500)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-03-31", "today"),
        ("2026-04-01", "today"),
        ("2026-03-30", "1 day ago"),
        ("2026-03-01", "30 days ago"),
        ("2026-02-28", "1 month ago"),
        ("2025-03-31", "12 months ago"),
        ("2024-04-01", "23 months ago"),
        ("2024-03-31", "2 years ago"),
        ("2020-04-01", "5 years ago"),
    ],
)
def test_ages_are_said_in_words(app, day, said):
    with in_language("en"):
        assert age_in_words(dt.date.fromisoformat(day), TODAY) == said


@pytest.mark.parametrize(
    ("months", "day"), [(1, "2026-02-28"), (4, "2025-11-30"), (12, "2025-03-31"), (25, "2024-02-29")]
)
def test_months_are_counted_back_to_a_day_that_exists(months, day):
    assert months_before(TODAY, months) == dt.date.fromisoformat(day)
