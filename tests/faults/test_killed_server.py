"""Answered means kept: processes are killed while visitors send; nothing is lost and nothing doubled.

`make faults` runs it for minutes, with thousands of messages; the suite for seconds.
"""

import os
import time

import pytest

from core.testing.server import kill
from tests.faults.books import count_waiting, read_books
from tests.faults.visitors import Crowd
from tests.live_site import live_site

pytestmark = pytest.mark.faults
SECONDS = float(os.environ.get("KAIIN_FAULT_SECONDS", "6"))
# So many messages at least must have been acknowledged.
LEAST = int(os.environ.get("KAIIN_FAULT_LEAST", "10"))
# Every so many seconds a web worker dies; in every fourth round the job worker, too, in every eighth and
# in the last one everything.
PACE = 1.0 if SECONDS < 60 else 4.0
# Each of the visitors rests so long after a message: no faster than jobs can follow for minutes.
PAUSE = 0.0 if SECONDS < 60 else 0.025
PATIENCE = 120.0 + 3 * SECONDS


def test_killing_workers_and_the_whole_server_loses_and_doubles_nothing(tmp_path, template_database):
    with live_site(tmp_path, template_database) as site:
        with Crowd(site.url, pause=PAUSE) as crowd:
            kills = kill_again_and_again(site, crowd)
        sent = len(crowd.acknowledged)
        wait_until_all_is_worked_off(site)
        books = read_books(site.database_url)
    print(f"{sent:,} acknowledged, {len(crowd.repeated):,} repeated, {kills} kills")  # noqa: T201
    assert kills >= 3
    assert crowd.repeated, "nobody met a server that was gone"
    assert sent >= LEAST
    kept = books.receipts
    lost = {message for message in crowd.acknowledged if message not in kept}
    assert lost == set()
    doubled = {message for message, receipts in kept.items() if len(receipts) != 1}
    assert doubled == set()
    assert {m: kept[m][0] for m in crowd.acknowledged} == crowd.acknowledged, "a receipt names its message"
    assert set(books.notices.values()) == {1}, "one notice for each message"
    assert len(books.notices) == len(kept)


def kill_again_and_again(site, crowd):
    kills, rounds = 0, 0
    wait_for_another(crowd)
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        time.sleep(PACE)
        # Who kills faster than a busy machine starts workers would only ever see a server that starts.
        wait_for_another(crowd)
        rounds += 1
        kills += kill_some(site.server.web_workers()[:1])
        if rounds % 4 == 0:
            kills += kill_some(site.server.job_workers())
        if rounds % 8 == 0 or time.monotonic() >= until:
            site.server.kill()
            time.sleep(0.3)
            site.server.start()
            kills += 1
    return kills


def wait_for_another(crowd):
    until, before = time.monotonic() + 60, len(crowd.acknowledged)
    while len(crowd.acknowledged) == before:
        assert time.monotonic() < until, "nobody is answered"
        time.sleep(0.05)


def kill_some(pids):
    for pid in pids:
        kill(pid)
    return len(pids)


def wait_until_all_is_worked_off(site):
    until = time.monotonic() + PATIENCE
    while waiting := count_waiting(site.database_url):
        assert time.monotonic() < until, f"{waiting} messages wait"
        time.sleep(0.5)
