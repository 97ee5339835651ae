"""What is measured. Each case alternates with its floor, round by round, in the same run."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from benchmarks.browser import Browser, read_form
from benchmarks.load import Request
from benchmarks.report import Result
from benchmarks.rounds import (
    CLIENTS,
    PASSWORD,
    Pace,
    Peak,
    Servers,
    alternate,
    compared,
    middle,
)

# Columns that the export writes as they are stored, so that the floor can write the same from raw SQL.
EXPORTED = (
    *("family_name", "given_name", "family_kana", "given_kana", "email", "phone", "postal_code"),
    *("prefecture", "city", "address_line", "stage", "created_at"),
)


def gated_page(servers: Servers, pace: Pace) -> Result:
    gold = Browser(servers.small.url)
    gold.log_in("gold@demo.example", PASSWORD)
    return _page("gated page, logged-in member", "/gold", gold, "宵", servers, pace, at_least=0.30)


def page_of_parts(servers: Servers, pace: Pace) -> Result:
    """Ten parts with rules of their own, for a member with three memberships."""
    gold = Browser(servers.small.url)
    gold.log_in("gold@demo.example", PASSWORD)
    return _page("page of ten gated parts", "/bench-parts", gold, "部分9", servers, pace, at_least=0.25)


def anonymous_page(servers: Servers, pace: Pace) -> Result:
    return _page("anonymous page", "/about", Browser(servers.small.url), "谷中", servers, pace)


def _page(
    name: str,
    path: str,
    visitor: Browser,
    must_hold: str,
    servers: Servers,
    pace: Pace,
    at_least: float | None = None,
) -> Result:
    if must_hold not in visitor.get(path):
        raise RuntimeError(f"{path} does not show its text")
    own = Request(path, headers={"Accept-Language": "ja", **visitor.headers})
    ours, floors = alternate((servers.small, own), (servers.bare_page, Request("/")), CLIENTS, pace)
    return compared(name, ours, floors, "a bare Flask page of as many bytes", at_least)


def customer_list(servers: Servers, pace: Pace) -> Result:
    runs = []
    for server in (servers.large, servers.small):
        owner = Browser(server.url)
        owner.log_in("owner@demo.example", PASSWORD)
        if "<tbody" not in owner.get("/admin/customers/"):
            raise RuntimeError("the list of customers shows no rows")
        runs.append(
            (server, Request("/admin/customers/", headers={"Accept-Language": "ja", **owner.headers}))
        )
    large, small = alternate(runs[0], runs[1], 1, pace)
    return Result(
        *("customer list at 100,000 rows", "ms a page, median, 1 client"),
        [run.load.p50_ms for run in large],
        [run.load.p50_ms for run in small],
        *("the same list at 1,000 rows",),
        at_most=1.5,
        more={
            "cpu_ms": middle([run.cpu_ms for run in large]),
            "p99_ms": middle([r.load.p99_ms for r in large]),
        },
    )


def csv_export(servers: Servers, pace: Pace) -> list[Result]:
    owner = Browser(servers.large.url)
    owner.log_in("owner@demo.example", PASSWORD)
    # So many rows are else made in the background; what is measured is the stream.
    settings = "/admin/settings/exports"
    values = {"export_at_once_rows": "1000000", "export_keep_hours": "24", "look_log_months": "13"}
    owner.post(settings, [*{**read_form(owner.get(settings), settings), **values}.items()])
    path = "/admin/exports/customers"
    token = read_form(owner.get("/admin/exports/?export=customers"), path)["csrf_token"]
    values = [("csrf_token", token), ("encoding", "utf-8-sig")]
    values += [("purpose", "other"), ("purpose_note", "bench")]
    values += [(name, column) for column in EXPORTED for name in ("order", "columns")]
    rows = _ask(servers.large_database, "SELECT count(*) FROM core_customer")
    before = servers.large.largest_rss_mb()
    peak, ours, floors = before, [], []
    for _round in range(pace.rounds):
        with Peak(servers.large.largest_rss_mb) as watched:
            begun = time.perf_counter()
            lines = owner.post(path, values).count("\n")
            ours.append(rows / (time.perf_counter() - begun))
        if lines < rows:
            raise RuntimeError(f"the export has {lines} lines for {rows} customers")
        peak = max(peak, watched.value)
        floors.append(rows / _timed(lambda: _raw_export(servers.large_database)))
    return [
        Result(
            "CSV export of 100,000 customers",
            "rows/s",
            ours,
            floors,
            "csv module from raw SQL",
            at_least=0.30,
        ),
        Result("memory growth during the export", "MB", [max(0.0, peak - before)], at_most=40),
    ]


def _raw_export(database: Path) -> None:
    import csv

    target = database.with_name("floor.csv")
    with sqlite3.connect(database) as connection, target.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(EXPORTED)
        writer.writerows(connection.execute(f"SELECT {', '.join(EXPORTED)} FROM core_customer ORDER BY id"))


def _ask(database: Path, query: str) -> int:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)) as connection:
        return int(connection.execute(query).fetchone()[0])


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def memory_at_rest(servers: Servers) -> Result:
    return Result(
        "memory at rest", "MB, 2 web processes and 1 worker", [servers.small.memory_mb()], at_most=350
    )
