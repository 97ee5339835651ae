"""Measures the inbox with few and with very many messages: `python -m benchmarks.inbox [rows …]`.

By hand only: filling a database with a million messages takes minutes. Each page is asked for over
and over on one connection; the median says how long the server works for it.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import text

from core.accounts.services import create_account
from core.db import db, transaction, utcnow
from core.jobs.statistics import gather_statistics
from core.plugin_host import lifecycle
from core.plugin_host.snapshot import use_current_snapshot
from core.search.grams import gram_tokens
from core.testing.fixtures import Client, make_app
from core.text import fold

KIND = "contact_forms.submission"
PASSWORD = "measure-the-inbox-2026"
COMMON, RARE = "予約したいのですが空きはありますか", "万華鏡の修理"
PAGES = {
    "inbox": "?view=inbox",
    "unread": "?view=unread",
    "mine": "?view=mine",
    "unassigned": "?view=unassigned",
    "overdue": "?view=overdue",
    "waiting": "?view=pending",
    "search, few hits": f"?q={RARE}",
    "search, all hits": f"?q={COMMON}",
    "search, no hit": "?q=見つからない言葉",
    "one message": "/500",
}
ROUNDS = 25
# Of the newest 300 messages some wait, are overdue or mine, 20 are unread; the rest is done, as in a
# shop that has used its inbox for years. All other columns are those of the first message.
_OTHERS = {
    "id": "i",
    "receipt": "'R-' || i",
    "once_key": "'once-' || i",
    "folder": "CASE WHEN i % 20 = 7 THEN 'spam' ELSE 'inbox' END",
    "is_read": "CASE WHEN :rows - i < 20 THEN 0 ELSE 1 END",
    "sender_name": "'山田 ' || i",
    "sender_email": "'p' || i || '@example.jp'",
    "sender_key": "'p' || i || '@example.jp'",
    "submitted_at": (
        "strftime('%Y-%m-%d %H:%M:%f', '2020-01-01', '+' || (i * 150000000.0 / :rows) || ' seconds') || '000'"
    ),
    "status": "CASE WHEN :rows - i > 300 THEN 'done' WHEN i % 30 = 1 THEN 'waiting' ELSE 'new' END",
    "assignee_id": "CASE WHEN :rows - i <= 600 AND i % 60 = 0 THEN :account END",
    "due_on": "CASE WHEN :rows - i <= 300 AND i % 150 = 1 THEN '2026-01-31' END",
}


def fill(rows: int, account_id: int) -> None:
    """Make the messages and what the search knows of them."""
    from plugins.contact_forms.builder.building import create_from_starter
    from plugins.contact_forms.models import Submission

    answer = {"key": "message", "label": "内容", "type": "textarea", "value": COMMON}
    with transaction():
        form = create_from_starter("お問い合わせ", "contact", "contact")
        db.session.flush()
        db.session.add(
            Submission(
                id=1,
                form_id=form.id,
                receipt="R-1",
                once_key="once-1",
                answers=[answer],
                accepted_at=utcnow(),
            )
        )
        db.session.flush()
        columns = [column.name for column in Submission.__table__.columns]
        values = ", ".join(_OTHERS.get(name, f"one.{name}") for name in columns)
        _run(
            "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < :rows) "
            f"INSERT INTO contact_forms_submission ({', '.join(columns)}) "
            f"SELECT {values} FROM n, contact_forms_submission AS one WHERE one.id = 1",
            rows=rows,
            account=account_id,
        )
        for which, words in (("!=", COMMON), ("=", f"{COMMON} {RARE}")):
            ids = f"SELECT id, {{}} FROM contact_forms_submission WHERE id % (:rows / 5) {which} 0"
            _run(
                "INSERT INTO core_search_text (id, kind, object_id, folded) "
                + ids.format(":kind, id, :folded"),
                rows=rows,
                kind=KIND,
                folded=fold(words),
            )
            grams = " ".join(gram_tokens(KIND, fold(words)))
            _run("INSERT INTO fts_core_search (rowid, grams) " + ids.format(":grams"), rows=rows, grams=grams)


def _run(statement: str, **values: Any) -> None:
    db.session.execute(text(statement), values)


def measure(rows: int) -> dict[str, float]:
    """Return milliseconds by page with so many messages."""
    with tempfile.TemporaryDirectory() as folder:
        app = make_app(Path(folder), f"sqlite:///{folder}/measure.db")
        with app.app_context():
            lifecycle.upgrade_all()
            use_current_snapshot()
            lifecycle.enable("contact_forms", by=None)
            use_current_snapshot()
            with transaction():
                account = create_account("owner@example.jp", PASSWORD, "Owner", language="ja")
            fill(rows, account.id)
            gather_statistics()
            app.test_client_class = Client
            client = app.test_client()
            login = client.post("/login", data={"email": "owner@example.jp", "password": PASSWORD})
            if login.status_code != 302:
                raise RuntimeError(f"cannot log in: {login.status_code}")
            return {name: _median(client, f"/admin/forms/inbox{path}") for name, path in PAGES.items()}


def _median(client: Any, path: str) -> float:
    times = []
    for _round in range(ROUNDS):
        started = time.perf_counter()
        answer = client.get(path)
        times.append(1000 * (time.perf_counter() - started))
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code}")
    return statistics.median(times)


def main(sizes: list[int]) -> None:
    """Print a table: milliseconds by size, and how many times the first the last is."""
    found = [measure(rows) for rows in sizes]
    print("page".ljust(20), *(f"{rows:>12,}" for rows in sizes), "  times")
    for name in PAGES:
        times = [times[name] for times in found]
        print(name.ljust(20), *(f"{ms:>10.1f}ms" for ms in times), f"{times[-1] / times[0]:7.2f}")


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [1_000, 1_000_000])
