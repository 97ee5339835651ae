"""How SQLite finds what stands around a customer: by indexes, however many there are."""

from sqlalchemy import select, text

from core.customers.company_timeline import company_lines
from core.customers.freshness.queries import is_stale
from core.customers.models import Customer
from core.customers.relations.models import Relation
from core.db import db
from core.testing.factories import make_company


def plan_of(query):
    compiled = query.compile(db.engine, compile_kwargs={"literal_binds": True})
    return [row[3] for row in db.session.execute(text(f"EXPLAIN QUERY PLAN {compiled}"))]


def test_the_list_of_old_data_walks_one_index_from_the_oldest(app):
    plan = plan_of(select(Customer.id).where(is_stale()).order_by(Customer.fresh_on, Customer.id).limit(51))
    assert any("ix_core_customer_fresh_on_id" in step for step in plan), plan
    assert not any("TEMP B-TREE" in step or step.startswith("SCAN") for step in plan), plan


def test_the_timeline_of_a_company_reads_the_newest_lines_of_each_person_by_their_index(app):
    mark = "20260101T000000000000-5"
    plan = plan_of(company_lines(make_company().id, kind=None, before=mark, limit=31))
    assert any("ix_core_customer_company_id" in step for step in plan), plan
    assert any("ix_core_activity_customer_id_occurred_at_id" in step for step in plan), plan
    assert not any(step.startswith("SCAN") for step in plan), plan


def test_the_people_around_somebody_are_found_from_both_ends_by_indexes(app):
    theirs = (Relation.customer_id == 1) | (Relation.other_id == 1)
    plan = plan_of(select(Relation.id).where(theirs))
    assert any("ix_core_relation_other_id" in step for step in plan), plan
    assert not any(step.startswith("SCAN") for step in plan), plan
