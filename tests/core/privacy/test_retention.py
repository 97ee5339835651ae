import datetime as dt

import pytest
from sqlalchemy import select, text, update

from core.activity.services import add_note
from core.customers.models import Customer
from core.db import db, transaction, utcnow
from core.i18n import site_today
from core.next_actions.services import plan_action
from core.privacy import services as requests
from core.privacy.holds import hold_customer
from core.privacy.models import Mark, RetentionRun
from core.privacy.retention import queries
from core.privacy.retention.running import run_rule
from core.testing.factories import make_account, make_customer
from tests.journey_kit import set_site

LONG_AGO = utcnow() - dt.timedelta(days=800)


def age(*ids, at=LONG_AGO):
    """Let customers, and all lines of their timelines, be old."""
    with transaction():
        for customer_id in ids:
            db.session.execute(update(Customer).where(Customer.id == customer_id).values(updated_at=at))
            db.session.execute(
                text("UPDATE core_activity SET occurred_at = :at WHERE customer_id = :id"),
                {
                    "at": at.replace(tzinfo=None) if db.engine.dialect.name == "sqlite" else at,
                    "id": customer_id,
                },
            )


def lead(**values):
    customer_id = make_customer(stage="lead", **values).id
    age(customer_id)
    return customer_id


def found(months=12):
    return [one.id for one in queries.preview(months).first]


def marks():
    return {row.customer_id: row.erase_on for row in db.session.scalars(select(Mark))}


def test_only_leads_with_whom_nothing_happened_are_found(app):
    old, fresh, customer = lead(), make_customer(stage="lead").id, make_customer(stage="customer").id
    age(customer)
    written, planned, asked, held, member = (lead() for _n in range(5))
    with transaction():
        add_note(written, "電話した")
        day = site_today().isoformat()
        staff = make_account("Staff").id
        plan_action(planned, {"title": "電話", "due_on": day, "account_id": str(staff)}, by=staff)
        requests.receive({"kind": "other", "way": "phone", "customer_id": asked}, by=None)
        hold_customer(held, "retention", "大切", by=None)
    make_account("Member", customer=db.session.get(Customer, member))
    age(planned, asked, held, member)
    assert found() == [old]
    assert fresh not in found(1)


def test_plugins_keep_members_points_and_open_messages(app, enable_plugins):
    from plugins.member_tiers.models import PointAccount

    enable_plugins("member_tiers", "contact_forms")
    lonely, rich = lead(), lead()
    with transaction():
        db.session.add(PointAccount(customer_id=rich, balance=1))
    assert found() == [lonely]


def rule(months=12, then="erase", days=30):
    set_site(lead_retention_months=months, lead_retention_then=then, lead_retention_days=days)


def test_off_means_off(app):
    old = lead()
    rule(months=0)
    assert run_rule() is None
    assert db.session.get(Customer, old) is not None
    assert marks() == {}


def test_found_ones_are_marked_wait_and_go(app):
    old = lead()
    rule()
    run = run_rule()
    assert (run.marked, run.erased) == (1, 0)
    assert marks() == {old: site_today() + dt.timedelta(days=30)}
    assert run_rule() is None
    with transaction():
        db.session.get(Mark, old).erase_on = site_today()
    assert run_rule().erased == 1
    assert db.session.get(Customer, old) is None
    assert [one.erased for one in db.session.scalars(select(RetentionRun).order_by(RetentionRun.id))] == [
        0,
        1,
    ]


def test_who_is_active_again_is_released_even_on_the_last_day(app):
    old, kept = lead(), lead()
    rule()
    run_rule()
    with transaction():
        for one in (old, kept):
            db.session.get(Mark, one).erase_on = site_today()
        add_note(old, "電話した")
        hold_customer(kept, "retention", "大切", by=None)
    assert run_rule().erased == 0
    assert marks() == {}
    assert db.session.get(Customer, old) is not None
    assert db.session.get(Customer, kept) is not None


def test_for_review_nobody_is_ever_erased(app):
    old = lead()
    rule(then="review")
    assert run_rule().marked == 1
    assert marks() == {old: None}
    run_rule()
    assert db.session.get(Customer, old) is not None


def test_a_plugin_that_cannot_say_whom_it_needs_stops_the_rule(app, monkeypatch):
    old = lead()
    rule()

    def fail(hook, **values):
        raise RuntimeError(hook)

    monkeypatch.setattr(queries, "collect", fail)
    with pytest.raises(RuntimeError):
        run_rule()
    assert db.session.get(Customer, old) is not None
    assert marks() == {}


def test_many_are_done_in_steps(app, monkeypatch):
    from core.privacy.retention import running

    monkeypatch.setattr(running, "MARK_STEP", 2)
    monkeypatch.setattr(running, "ERASE_STEP", 2)
    monkeypatch.setattr(running, "RELEASE_STEP", 2)
    monkeypatch.setattr(running, "PAUSE", 0)
    ids = [lead() for _n in range(5)]
    rule()
    assert run_rule().marked == 5
    with transaction():
        db.session.execute(update(Mark).values(erase_on=site_today()))
    assert run_rule().erased == len(ids)
    assert db.session.execute(select(Customer)).first() is None


def test_the_search_walks_an_index(app):
    if db.engine.dialect.name != "sqlite":
        return
    query = queries.oldest_first(12).limit(500)
    sql = str(query.compile(db.engine, compile_kwargs={"literal_binds": True}))
    plan = " / ".join(row[3] for row in db.session.execute(text("EXPLAIN QUERY PLAN " + sql)))
    assert "ix_core_customer_updated_at_id (updated_at<" in plan
    assert "SCAN" not in plan
    assert "TEMP B-TREE" not in plan
