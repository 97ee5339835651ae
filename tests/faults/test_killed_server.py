"""Answered means kept: processes are killed while visitors send; nothing is lost and nothing doubled."""

import time

import pytest

from core.testing.server import kill
from tests.faults.books import read_books
from tests.faults.visitors import Crowd
from tests.live_site import live_site

pytestmark = pytest.mark.faults
SECONDS = 6.0
PATIENCE = 120.0


def test_killing_web_workers_and_the_whole_server_loses_and_doubles_nothing(tmp_path, template_database):
    with live_site(tmp_path, template_database) as site:
        kills = 0
        with Crowd(site.url) as crowd:
            until = time.monotonic() + SECONDS
            while time.monotonic() < until:
                time.sleep(1.0)
                for pid in site.server.web_workers()[:1]:
                    kill(pid)
                    kills += 1
            site.server.kill()
            time.sleep(0.3)
            site.server.start()
            time.sleep(1.0)
        books = wait_until_all_is_worked_off(site)
    assert kills >= 2
    assert crowd.repeated, "nobody met a server that was gone"
    assert len(crowd.acknowledged) >= 10
    kept = books.receipts
    lost = {message for message in crowd.acknowledged if message not in kept}
    assert lost == set()
    doubled = {message for message, receipts in kept.items() if len(receipts) != 1}
    assert doubled == set()
    assert {m: kept[m][0] for m in crowd.acknowledged} == crowd.acknowledged, "a receipt names its message"
    assert set(books.notices.values()) == {1}, "one notice for each message"
    assert len(books.notices) == len(kept)


def wait_until_all_is_worked_off(site):
    until = time.monotonic() + PATIENCE
    while True:
        books = read_books(site.database_url)
        if not books.waiting:
            return books
        assert time.monotonic() < until, f"{books.waiting} messages wait"
        time.sleep(0.5)
