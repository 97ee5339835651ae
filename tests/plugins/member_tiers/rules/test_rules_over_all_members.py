"""A rule over all members reads what it needs of memberships and points in one index each."""

import pytest
from sqlalchemy import func, select

from core.conditions import compile_condition
from core.customers.models import Customer
from core.customers.registry import customer_fields
from core.db import db
from core.jobs.statistics import gather_statistics
from core.testing.plans import explain

MEMBERSHIPS = (
    "member_tiers_membership USING COVERING INDEX ix_member_tiers_membership_of_customer"
    " (customer_id=? AND starts_on<?)"
)
LOTS = "member_tiers_point_lot USING COVERING INDEX ix_member_tiers_point_lot_of_customer (customer_id=?)"
RULES = {
    "tier": ({"field": "tier", "op": "eq", "value": "gold"}, MEMBERSHIPS),
    "tier or higher": ({"field": "tier_or_higher", "op": "eq", "value": "silver"}, MEMBERSHIPS),
    "points": ({"field": "points", "op": "gte", "value": 100}, LOTS),
}


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("with_statistics", [False, True], ids=["new site", "after a night"])
def test_each_member_is_one_look_into_one_index(tiers, name, with_statistics):
    if with_statistics:
        gather_statistics()
    db.session.rollback()
    rule, expected = RULES[name]
    query = select(func.count()).select_from(Customer).where(compile_condition(rule, customer_fields()))
    assert expected in explain(query)
