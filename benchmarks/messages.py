"""Fills an inbox: messages, and what the search knows of them, multiplied in the database.

Of the newest 300 some wait, are overdue or somebody's, 20 are unread; the rest is done, as in a shop
that has used its inbox for years.
"""

from typing import Any

from sqlalchemy import Table, func, select, text

from core.accounts.models import Account
from core.db import db, transaction, utcnow
from core.jobs.statistics import gather_statistics
from core.search.grams import gram_tokens
from core.text import fold

FEW, MANY = 1_000, 1_000_000
KIND = "contact_forms.submission"
COMMON, RARE = "予約したいのですが空きはありますか", "万華鏡の修理"
OWNER = "owner@demo.example"
_RANDOM = "lower(hex(randomblob({})))"
# All other columns are those of the first message.
_OTHERS = {
    "id": ":before + i",
    "receipt": "'R-' || i",
    "once_key": _RANDOM.format(32),
    "folder": "CASE WHEN i % 20 = 7 THEN 'spam' ELSE 'inbox' END",
    "is_read": "CASE WHEN :rows - i < 20 THEN 0 ELSE 1 END",
    "sender_name": "'山田 ' || i",
    "sender_email": "'p' || i || '@example.jp'",
    "sender_key": _RANDOM.format(8),
    "submitted_at": (
        "strftime('%Y-%m-%d %H:%M:%f', '2020-01-01', '+' || (i * 150000000.0 / :rows) || ' seconds') || '000'"
    ),
    "status": "CASE WHEN :rows - i > 300 THEN 'done' WHEN i % 30 = 1 THEN 'waiting' ELSE 'new' END",
    "assignee_id": "CASE WHEN :rows - i <= 600 AND i % 60 = 0 THEN :account END",
    "due_on": "CASE WHEN :rows - i <= 300 AND i % 150 = 1 THEN '2026-01-31' END",
}


def fill_inbox(rows: int) -> None:
    """Add so many messages to the form `contact`."""
    from plugins.contact_forms.models import Form, Submission

    table: Table = Submission.__table__  # type: ignore[assignment]
    with transaction():
        account = db.session.scalar(select(Account.id).where(Account.email_key == OWNER))
        form = db.session.execute(select(Form).where(Form.slug == "contact")).scalar_one()
        before = db.session.scalar(select(func.max(Submission.id))) or 0
        answer = {"key": "message", "label": "内容", "type": "textarea", "value": COMMON}
        first = Submission(
            form_id=form.id, receipt="R-1", once_key="first", answers=[answer], accepted_at=utcnow()
        )
        db.session.add(first)
        db.session.flush()
        columns = [column.name for column in table.columns]
        values = ", ".join(_OTHERS.get(name, f"one.{name}") for name in columns)
        _run(
            "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < :rows) "
            f"INSERT INTO {table.name} ({', '.join(columns)}) "
            f"SELECT {values} FROM n, {table.name} AS one WHERE one.id = :first",
            rows=rows,
            before=before,
            account=account,
            first=first.id,
        )
        _index(rows, before)
    gather_statistics()


def _index(rows: int, before: int) -> None:
    known = db.session.scalar(text("SELECT coalesce(max(id), 0) FROM core_search_text"))
    for which, words in (("!=", COMMON), ("=", f"{COMMON} {RARE}")):
        ids = (
            "SELECT :known + id, {} FROM contact_forms_submission "
            f"WHERE id > :before AND (id - :before) % (:rows / 5) {which} 0"
        )
        given = {"rows": rows, "before": before, "known": known}
        into = "INSERT INTO core_search_text (id, kind, object_id, folded) "
        _run(into + ids.format(":kind, id, :folded"), **given, kind=KIND, folded=fold(words))
        grams = " ".join(gram_tokens(KIND, fold(words)))
        into = "INSERT INTO fts_core_search (rowid, grams) "
        _run(into + ids.format(":grams"), **given, grams=grams)


def _run(statement: str, **values: Any) -> None:
    db.session.execute(text(statement), values)
