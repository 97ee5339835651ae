"""How long it takes to find all members who meet a rule: `python -m benchmarks.rule_work ROWS DATABASE`.

Every customer of the site is given a membership, and every third one points, in a transaction that
is undone at the end: the site is the same for the other cases.
"""

import json
import sys
import time
from typing import Any

from sqlalchemy import func, insert, literal, select

from benchmarks.customer_data import site_with
from core.conditions import compile_condition
from core.customers.models import Customer
from core.customers.registry import customer_fields
from core.db import db, transaction
from core.i18n import site_today
from core.plugin_host.snapshot import use_current_snapshot
from core.testing.fixtures import make_app

KANTO = ["08", "09", "10", "11", "12", "13", "14"]
RULES: dict[str, Any] = {
    "tier and region": {
        "all": [
            {"field": "tier_or_higher", "op": "eq", "value": "silver"},
            {"field": "prefecture", "op": "in", "value": KANTO},
        ]
    },
    "tier or points, not a region": {
        "all": [
            {
                "any": [
                    {"field": "tier", "op": "eq", "value": "gold"},
                    {"field": "points", "op": "gte", "value": 100},
                ]
            },
            {"not": {"field": "prefecture", "op": "eq", "value": "13"}},
        ]
    },
}


class Undone(Exception):
    """Ends the transaction without keeping anything."""


def main() -> None:
    """Measure and print the seconds of each rule as JSON."""
    rows, kind = int(sys.argv[1]), sys.argv[2]
    instance, url = site_with(rows, kind)
    app = make_app(instance, url)
    seconds: dict[str, float] = {}
    with app.app_context():
        use_current_snapshot()
        try:
            with transaction():
                _give_memberships()
                for name, rule in RULES.items():
                    begun = time.perf_counter()
                    found = db.session.scalar(
                        select(func.count())
                        .select_from(Customer)
                        .where(compile_condition(rule, customer_fields()))
                    )
                    seconds[name] = time.perf_counter() - begun
                    if not found:
                        raise RuntimeError(f"nobody meets the rule “{name}”")
                raise Undone
        except Undone:
            pass
    print(json.dumps(seconds))


def _give_memberships() -> None:
    from plugins.member_tiers.models import Membership, PointEntry, PointLot, Tier
    from plugins.member_tiers.points import ledger

    tiers = {row.key: row.id for row in db.session.execute(select(Tier.key, Tier.id))}
    today = site_today()
    for number, key in enumerate(("free", "silver", "gold")):
        columns: dict[Any, Any] = {
            "customer_id": Customer.id,
            "tier_id": literal(tiers[key]),
            "starts_on": literal(today),
            "status": literal("active"),
            "source": literal("bench"),
            "note": literal(""),
            "kind": literal("regular"),
            "created_at": Customer.created_at,
            "updated_at": Customer.created_at,
        }
        known = {name: value for name, value in columns.items() if name in Membership.__table__.columns}
        who = select(*known.values()).where(Customer.id % 3 == number)
        db.session.execute(insert(Membership).from_select(list(known), who, include_defaults=True))
    first = db.session.scalar(select(func.min(Customer.id))) or 0
    ledger.earn(first, 1, ledger.Movement("bench", "gift"), expires_on=None)
    entry_id = db.session.scalar(select(func.max(PointEntry.id)))
    values = (literal(entry_id), literal(150), literal(150), literal(today))
    lots = select(Customer.id, *values).where(Customer.id % 3 == 0)
    names = ["customer_id", "entry_id", "granted", "remaining", "issued_on"]
    db.session.execute(insert(PointLot).from_select(names, lots, include_defaults=True))


if __name__ == "__main__":
    main()
