"""What is measured of forms and their inbox."""

import json
import shutil
import sqlite3
import time
import urllib.parse
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

from benchmarks.browser import Browser, read_form
from benchmarks.load import NUMBER, Request, drive
from benchmarks.messages import COMMON, FEW, MANY, RARE
from benchmarks.processes import Server, kaiin, make_data
from benchmarks.report import Result
from benchmarks.rounds import (
    CLIENTS,
    PASSWORD,
    Pace,
    Run,
    Servers,
    alternate,
    compared,
    middle,
    run_once,
)

FLOOR = "one durable insert through Flask"
INBOX = "/admin/forms/inbox"
PAGES = {
    "inbox": "?view=inbox",
    "inbox, nobody's messages": "?view=unassigned",
    "inbox, search with few hits": f"?q={urllib.parse.quote(RARE)}",
    "inbox, search that all fit": f"?q={urllib.parse.quote(COMMON)}",
    "one message": "/700",
}


def submission(servers: Servers, pace: Pace) -> list[Result]:
    """Kaiin also makes each sender a customer, in jobs; their processor time counts, too."""
    own = _filled_form(servers.small, "contact")
    floor = Request("/", own.method, own.headers, own.body)
    return [_submissions(servers, own, floor, clients, pace) for clients in (1, CLIENTS)]


def _submissions(servers: Servers, own: Request, floor: Request, clients: int, pace: Pace) -> Result:
    before = _stored(servers.small_database)
    ours, floors, waits = [], [], []
    for server, request in ((servers.bare_insert, floor), (servers.small, own)):
        drive(server.port, request, clients, min(2.0, pace.seconds), f"warm{clients}")
    _wait_for_jobs(servers.small_database)
    for number in range(pace.rounds):
        cpu_before = servers.small.cpu_seconds()
        run = run_once(servers.small, own, clients, pace.seconds, f"c{clients}r{number}")
        waits.append(_timed(lambda: _wait_for_jobs(servers.small_database)))
        ours.append(Run(run.load, servers.small.cpu_seconds() - cpu_before))
        floors.append(run_once(servers.bare_insert, floor, clients, pace.seconds, f"c{clients}r{number}"))
    stored = _stored(servers.small_database) - before
    sent = sum(run.load.requests for run in ours)
    if stored < sent:
        raise RuntimeError(f"{sent} answers said “kept”, but only {stored} submissions have a customer")
    name = f"submission, {clients} client{'s' if clients > 1 else ''}"
    more = {"jobs_done_after_s": middle(waits)}
    return compared(name, ours, floors, FLOOR, at_least=0.50, clients=clients, **more)


def crowded_inbox(servers: Servers, pace: Pace) -> list[Result]:
    """The same with a million messages and with a thousand, each on a server of its own."""
    folder = servers.small_database.parent.parent
    with ExitStack() as stack:
        few, many = (stack.enter_context(_filled(folder, servers, rows)) for rows in (FEW, MANY))
        return [_crowded_submission(few, many, pace), *_pages(few, many, pace)]


def _filled(folder: Path, servers: Servers, rows: int) -> Server:
    instance = folder / f"messages-{rows}"
    # A copy of a database in use is only whole when the database itself makes it.
    instance.mkdir()
    for file in servers.small_database.parent.iterdir():
        if file.is_file() and not file.name.startswith(servers.small_database.name):
            shutil.copy2(file, instance)
    with closing(sqlite3.connect(servers.small_database)) as source:
        source.execute("VACUUM INTO ?", (str(instance / servers.small_database.name),))
    make_data(instance, "messages", str(rows))
    return kaiin(instance)


def _crowded_submission(few: Server, many: Server, pace: Pace) -> Result:
    runs = [(server, _filled_form(server, "contact")) for server in (many, few)]
    large, small = alternate(runs[0], runs[1], CLIENTS, pace)
    return Result(
        *("submission beside 1,000,000", f"ms, {CLIENTS} clients, seconds by requests"),
        [CLIENTS * 1000 / run.load.per_second for run in large],
        [CLIENTS * 1000 / run.load.per_second for run in small],
        *("the same beside 1,000 messages",),
        at_most=1.3,
        more={"p50_ms": middle([run.load.p50_ms for run in large])},
    )


def _pages(few: Server, many: Server, pace: Pace) -> list[Result]:
    owners = []
    for server in (many, few):
        owner = Browser(server.url)
        owner.log_in("owner@demo.example", PASSWORD)
        owners.append((server, {"Accept-Language": "ja", **owner.headers}))
    shorter = Pace(pace.rounds, min(2.0, pace.seconds))
    results = []
    for name, address in PAGES.items():
        runs = [(server, Request(INBOX + address, headers=headers)) for server, headers in owners]
        large, small = alternate(runs[0], runs[1], 1, shorter)
        results.append(
            Result(
                *(name, "ms a page with 1,000,000 messages, median, 1 client"),
                [run.load.p50_ms for run in large],
                [run.load.p50_ms for run in small],
                *("the same with 1,000",),
                at_most=1.5,
            )
        )
    return results


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
    late = json.loads(visitor.get(f"/forms/{slug}/token"))
    answers = {
        **hidden,
        "form_once": late["once"],
        "form_started": late["started"],
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


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
