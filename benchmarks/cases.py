"""What is measured. Each case alternates with its floor, round by round, in the same run."""

import sqlite3
import time
import urllib.parse
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from benchmarks.browser import Browser, read_form
from benchmarks.load import NUMBER, Request, drive
from benchmarks.processes import Server
from benchmarks.report import Result
from benchmarks.rounds import (
    CLIENTS,
    PASSWORD,
    Pace,
    Peak,
    Run,
    Servers,
    alternate,
    compared,
    middle,
    run_once,
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


def submission(servers: Servers, pace: Pace) -> Result:
    """Kaiin also makes each sender a customer, in jobs; their processor time counts, too."""
    own = _filled_form(servers.small, "contact")
    floor = Request("/", own.method, own.headers, own.body)
    before = _stored(servers.small_database)
    ours, floors, waits = [], [], []
    for server, request in ((servers.bare_insert, floor), (servers.small, own)):
        drive(server.port, request, CLIENTS, min(2.0, pace.seconds), "warm")
    _wait_for_jobs(servers.small_database)
    for number in range(pace.rounds):
        cpu_before = servers.small.cpu_seconds()
        run = run_once(servers.small, own, CLIENTS, pace.seconds, f"r{number}")
        waits.append(_timed(lambda: _wait_for_jobs(servers.small_database)))
        ours.append(Run(run.load, servers.small.cpu_seconds() - cpu_before))
        floors.append(run_once(servers.bare_insert, floor, CLIENTS, pace.seconds, f"r{number}"))
    stored = _stored(servers.small_database) - before
    sent = sum(run.load.requests for run in ours)
    if stored < sent:
        raise RuntimeError(f"{sent} answers said “kept”, but only {stored} submissions have a customer")
    name, floor_name = "form submission, stored durably", "one durable insert through Flask"
    more = {"jobs_done_after_s": middle(waits)}
    return compared(name, ours, floors, floor_name, at_least=0.40, **more)


def _wait_for_jobs(database: Path) -> None:
    deadline = time.monotonic() + 600
    query = "SELECT count(*) FROM core_job WHERE state IN ('queued', 'running') AND run_at <= datetime('now')"
    while _ask(database, query):
        if time.monotonic() > deadline:
            raise RuntimeError("the jobs of the submissions were not done in ten minutes")
        time.sleep(0.1)


def _stored(database: Path) -> int:
    """Count the submissions that are in the inbox and whose sender is a customer."""
    done = "folder = 'inbox' AND customer_id IS NOT NULL"
    return _ask(database, f"SELECT count(*) FROM contact_forms_submission WHERE {done}")


def _ask(database: Path, query: str) -> int:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)) as connection:
        return int(connection.execute(query).fetchone()[0])


def _filled_form(server: Server, slug: str) -> Request:
    visitor = Browser(server.url)
    hidden = read_form(visitor.get(f"/forms/{slug}"), f"/forms/{slug}")
    answers = {
        **hidden,
        "name": "山田 花子",
        "kana": "ヤマダ ハナコ",
        "email": f"visitor{NUMBER}@bench.example",
        "tel": "03-0000-0000",
        "message": "湯呑みを二客、贈りもの用に探しています。予算は八千円ほどです。",
        "consent": "yes",
    }
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept-Language": "ja",
        **visitor.headers,
    }
    return Request(f"/forms/{slug}", "POST", headers, urllib.parse.urlencode(answers))


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
    path = "/admin/exports/customers"
    token = read_form(owner.get("/admin/exports/?export=customers"), path)["csrf_token"]
    values = [("csrf_token", token), ("encoding", "utf-8-sig")]
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


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def memory_at_rest(servers: Servers) -> Result:
    return Result(
        "memory at rest", "MB, 2 web processes and 1 worker", [servers.small.memory_mb()], at_most=350
    )
