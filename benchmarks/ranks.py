"""The rehearsal of a rank evaluation at size: `python -m benchmarks.ranks --customers 1000000`.

Half of the customers have earned points in the last year, a fifth has sent forms, some hold a rank
already. Runs the very job in a process of its own.
"""

import argparse
import datetime as dt
import json
import subprocess
import sys
import time
from typing import Any

from sqlalchemy import BigInteger, Integer, String, cast, func, insert, literal, select

from benchmarks.customer_data import site_with
from benchmarks.databases import KINDS
from benchmarks.report import Result, print_table
from benchmarks.rounds import Peak
from core.activity.models import Activity
from core.config import ROOT
from core.customers.models import Customer
from core.db import db, transaction, utcnow
from core.i18n import site_today
from core.jobs.statistics import gather_statistics
from core.plugin_host.snapshot import use_current_snapshot
from core.testing.fixtures import make_app

SECONDS_AT_MOST = 60.0
RULES: dict[str, Any] = {
    "free": None,
    "silver": {"field": "rank_points", "op": "gte", "value": 300},
    "gold": {
        "all": [
            {"field": "rank_points", "op": "gte", "value": 800},
            {"field": "rank_submissions", "op": "gte", "value": 1},
        ]
    },
}
LADDER = "bench_ranks"


def main() -> int:
    """Measure and print."""
    options = _options()
    if options.work:
        print(json.dumps(rehearse(options.customers, options.database)))
        return 0
    command = [sys.executable, "-m", "benchmarks.ranks", "--work", "--customers", str(options.customers)]
    command += ["--database", options.database]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    name = f"rank rehearsal of {options.customers:,}"
    seconds = found.pop("seconds")
    results = [
        Result(name, "s", [seconds], at_most=SECONDS_AT_MOST, more=found),
        Result("memory growth during it", "MB", [found["growth_mb"]], at_most=60),
    ]
    print_table(results)
    return 0 if all(result.is_met is not False for result in results) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ranks", description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--database", choices=KINDS, default=KINDS[0])
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def rehearse(rows: int, database: str) -> dict[str, float]:
    """Rehearse the next evaluation and say how long it took, and what it found."""
    from plugins.member_tiers.ranks.models import RankRun
    from plugins.member_tiers.ranks.runs import work
    from plugins.member_tiers.ranks.services import rehearse as begin

    instance, url = site_with(rows, database)
    app = make_app(instance, url)
    with app.app_context():
        use_current_snapshot()
        ladder_id = _live()
        with transaction():
            run_id = begin(ladder_id).id
        db.session.rollback()
        steps: list[int] = []
        with Peak(_memory) as watched:
            before = _memory()
            begun = time.perf_counter()
            work(run_id, lambda done, _total: steps.append(done))
            seconds = time.perf_counter() - begun
        run = db.session.get(RankRun, run_id, populate_existing=True)
        assert run is not None
        judged = run.rises + run.falls + run.kept + run.stays
        if judged < rows:
            raise RuntimeError(f"{judged} of {rows} customers were judged")
        figures = {
            "seconds": seconds,
            "rises": run.rises,
            "falls": run.falls,
            "steps_of_progress": len(steps),
            "growth_mb": max(0.0, watched.value - before),
        }
        db.engine.dispose()
    return figures


def _memory() -> float:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 1e6


def _live() -> int:
    """Make the ranks of the bench, with points, messages and memberships; once for a kept site."""
    from plugins.member_tiers.models import Ladder, Membership, PointChain, PointEntry, Tier
    from plugins.member_tiers.ranks import services

    kept = db.session.scalar(select(Ladder.id).where(Ladder.key == LADDER))
    if kept is not None:
        return kept
    today, now = site_today(), utcnow()
    with transaction() as session:
        ladder = Ladder(key=LADDER, title_ja="ベンチ", position=9)
        session.add(ladder)
        session.flush()
        tiers = {}
        for rank, key in enumerate(RULES, start=1):
            tiers[key] = Tier(key=f"bench_{key}", title_ja=key, rank=rank, ladder_id=ladder.id)
        session.add_all(tiers.values())
        session.flush()
        for key, rule in RULES.items():
            services.save_rule(tiers[key].id, rule)
        services.save_plan(ladder.id, {"who": "customers", "is_active": True, "schedule": "yearly"})
        session.add(PointChain(customer_id=None, head="0" * 64))
        session.flush()
        chain = session.scalar(select(func.max(PointChain.id)))
        fixed = {"kind": "earn", "reason_code": "gift", "source_type": "bench", "note": ""}
        for number, days in enumerate((20, 200)):
            amount = cast(Customer.id * 37 % 600 + 1, BigInteger)
            rows = select(
                *(literal(value) for value in fixed.values()),
                *(Customer.id, amount, amount, literal(chain), Customer.id * 2 + number),
                literal("bench:") + cast(Customer.id, String) + literal(f":{number}"),
                literal(now - dt.timedelta(days=days)),
                *(literal("0" * 64), literal("0" * 64)),
            ).where(Customer.id % 2 == 0)
            columns = [*fixed, "customer_id", "amount", "balance_after", "chain_id", "position"]
            columns += ["idempotency_key", "created_at", "prev_hash", "hash"]
            session.execute(insert(PointEntry.__table__).from_select(columns, rows))
        sent = select(
            Customer.id, literal("contact_forms.form"), literal("x"), literal(""), literal(now), literal(now)
        ).where(Customer.id % 5 == 0)
        columns = ["customer_id", "kind", "title", "body", "occurred_at", "created_at"]
        session.execute(insert(Activity.__table__).from_select(columns, sent))
        held = select(
            *(Customer.id, literal(tiers["gold"].id), literal(today - dt.timedelta(days=90))),
            *(
                literal("active"),
                literal("rank"),
                literal(""),
                literal("regular"),
                literal(now),
                literal(now),
            ),
        ).where(cast(Customer.id % 10, Integer) == 3)
        columns = ["customer_id", "tier_id", "starts_on", "status", "source", "note", "kind"]
        columns += ["created_at", "updated_at"]
        session.execute(insert(Membership.__table__).from_select(columns, held))
        ladder_id = ladder.id
    gather_statistics()
    return ladder_id


if __name__ == "__main__":
    sys.exit(main())
