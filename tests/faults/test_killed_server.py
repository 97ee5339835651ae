"""Answered means kept: web processes are killed while visitors send, and nothing acknowledged is lost."""

import http.client
import http.cookiejar
import os
import re
import signal
import sqlite3
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest

from tests.live_site import live_site

pytestmark = pytest.mark.faults
SECONDS = 8
SENDERS = 4


def hidden_fields(page):
    return dict(re.findall(r'type="hidden" name="([a-z_]+)" value="([^"]*)"', page))


def send_until(site, stop, acknowledged):
    while not stop.is_set():
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        browser = urllib.request.build_opener(jar)
        try:
            with browser.open(f"{site.url}/contact", timeout=10) as answer:
                fields = hidden_fields(answer.read().decode())
            answers = {"name": "検証", "email": "load@example.jp", "message": "負荷", "consent": "yes"}
            request = urllib.request.Request(
                f"{site.url}/forms/contact",
                urllib.parse.urlencode({**fields, **answers, "form_website": ""}).encode(),
                {"Accept": "application/json"},
            )
            with browser.open(request, timeout=10) as answer:
                receipt = re.search(r'"receipt": ?"([^"]+)"', answer.read().decode())
        except (OSError, urllib.error.URLError, http.client.HTTPException):
            continue
        if receipt:
            acknowledged.append(receipt[1])


def web_processes(site):
    listed = subprocess.run(["ps", "-eo", "pid,ppid"], capture_output=True, text=True, check=True).stdout
    parents = [line.split() for line in listed.splitlines()[1:]]
    return [int(pid) for pid, parent in parents if int(parent) == site.processes["web"].pid]


def test_killing_web_processes_loses_and_doubles_no_acknowledged_message(tmp_path):
    with live_site(tmp_path) as site:
        acknowledged, stop = [], threading.Event()
        senders = [
            threading.Thread(target=send_until, args=(site, stop, acknowledged)) for _ in range(SENDERS)
        ]
        for sender in senders:
            sender.start()
        until = time.monotonic() + SECONDS
        kills = 0
        while time.monotonic() < until:
            time.sleep(1.5)
            for pid in web_processes(site)[:1]:
                os.kill(pid, signal.SIGKILL)
                kills += 1
        stop.set()
        for sender in senders:
            sender.join(30)
        site.stop()
        kept = [
            row[0]
            for row in sqlite3.connect(site.database).execute("SELECT receipt FROM contact_forms_submission")
        ]
    assert kills >= 2
    assert len(acknowledged) >= 5
    assert set(acknowledged) <= set(kept)
    assert len(kept) == len(set(kept))
