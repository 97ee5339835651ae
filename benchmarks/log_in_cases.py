"""What logging in costs: beside its one hash, and in memory when many come at the same time."""

import http.client
import sqlite3
import threading
import time
import urllib.parse
from contextlib import closing
from http.cookies import SimpleCookie

from benchmarks.browser import Browser, read_form
from benchmarks.load import Request
from benchmarks.processes import Server
from benchmarks.report import Result
from benchmarks.rounds import PASSWORD, Pace, Peak, Servers, alternate, middle

PARALLEL = 200
FORM = "application/x-www-form-urlencoded"


def log_in(servers: Servers, pace: Pace) -> Result:
    """One person after the other from a browser that the account knows; the floor only hashes."""
    visitor = Browser(servers.small.url)
    visitor.log_in("gold@demo.example", PASSWORD)
    visitor.post("/logout", list(read_form(visitor.get("/account"), "/logout").items()))
    values = {
        **read_form(visitor.get("/login"), "/login"),
        "email": "gold@demo.example",
        "password": PASSWORD,
    }
    headers = {"Content-Type": FORM, "Accept-Language": "ja", **visitor.headers}
    own = Request("/login", "POST", headers, urllib.parse.urlencode(values))
    before = _sessions(servers)
    ours, floors = alternate(
        (servers.small, own), (servers.bare_hash, Request("/", "POST", headers, own.body)), 1, pace
    )
    answered = sum(run.load.requests for run in ours)
    if _sessions(servers) - before < answered:
        raise RuntimeError(f"{answered} answers, but not as many new sessions")
    return Result(
        *("log-in beside its hash", "ms, median of 1 client, less the floor's"),
        [own.load.p50_ms - floor.load.p50_ms for own, floor in zip(ours, floors, strict=True)],
        at_most=10,
        more={
            "log_in_ms": middle([run.load.p50_ms for run in ours]),
            "bare_hash_ms": middle([run.load.p50_ms for run in floors]),
            "cpu_ms": middle([run.cpu_ms for run in ours]),
            "floor_cpu_ms": middle([run.cpu_ms for run in floors]),
        },
    )


def _sessions(servers: Servers) -> int:
    path = f"file:{servers.small_database}?mode=ro"
    with closing(sqlite3.connect(path, uri=True, timeout=30)) as connection:
        return int(connection.execute("SELECT count(*) FROM core_login_session").fetchone()[0])


def parallel_log_ins(servers: Servers) -> Result:
    """As many people as PARALLEL send their password at the same moment, each from their own address."""
    people = [_Person(servers.small, number) for number in range(PARALLEL)]
    for person in people:
        person.open_the_form()
    with Peak(servers.small.memory_mb) as watched:
        begun = time.perf_counter()
        threads = [threading.Thread(target=person.send) for person in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.perf_counter() - begun
    refused = [person.answer for person in people if person.answer != (302, "/account")]
    if refused:
        raise RuntimeError(f"{len(refused)} of {PARALLEL} could not log in: {refused[:3]}")
    return Result(
        *(f"{PARALLEL} log-ins at once", "MB, all processes, highest"),
        [watched.value],
        at_most=500,
        more={"seconds": took},
    )


class _Person:
    """One member with an address of their own on the loopback network."""

    def __init__(self, server: Server, number: int) -> None:
        self._email = f"member{number}@bench.example"
        source = f"127.0.{1 + number // 250}.{1 + number % 250}"
        self._connection = http.client.HTTPConnection(
            "127.0.0.1", server.port, timeout=120, source_address=(source, 0)
        )
        self._values: dict[str, str] = {}
        self._headers = {"Content-Type": FORM, "Origin": server.url}
        self.answer: tuple[int, str] | str = "not sent"

    def open_the_form(self) -> None:
        self._connection.request("GET", "/login")
        answer = self._connection.getresponse()
        self._values = read_form(answer.read().decode(), "/login")
        cookies = [SimpleCookie(value) for value in answer.headers.get_all("Set-Cookie", [])]
        given = [f"{name}={morsel.value}" for cookie in cookies for name, morsel in cookie.items()]
        self._headers["Cookie"] = "; ".join(given)

    def send(self) -> None:
        body = urllib.parse.urlencode({**self._values, "email": self._email, "password": PASSWORD})
        try:
            self._connection.request("POST", "/login", body, self._headers)
            answer = self._connection.getresponse()
            answer.read()
            self.answer = (answer.status, answer.headers.get("Location", ""))
        except OSError as error:
            self.answer = repr(error)
