"""Looks at the inbox as staff do, and at how the database finds what it shows."""

import re
from typing import Any

from sqlalchemy import event

from core.db import db


def rows(page: str) -> list[int]:
    found = re.findall(r'href="/admin/forms/inbox/(\d+)"', page)
    return [int(n) for n in dict.fromkeys(found)]


def text_of(client: Any, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.status_code
    return str(answer.get_data(as_text=True))


def view(client: Any, name: str) -> list[int]:
    return rows(text_of(client, f"/admin/forms/inbox?view={name}"))


def bulk(client: Any, action: str, ids: list[int], view: str = "inbox", **more: Any) -> Any:
    data = {"action": action, "ids": [str(i) for i in ids], **more}
    return client.post(f"/admin/forms/inbox?view={view}", data=data)


def confirmed(client: Any, action: str, ids: list[int], view: str = "inbox", **more: Any) -> Any:
    return bulk(client, action, ids, view, confirmed=str(len(ids)), **more)


def plans_of(client: Any, path: str) -> dict[str, list[str]]:
    """Return the statements over messages that a page needs, each with SQLite's plan for it."""
    seen: list[tuple[str, Any]] = []

    def note(_connection, _cursor, statement, parameters, _context, _many):
        if "contact_forms_submission" in statement and statement.startswith("SELECT"):
            seen.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        text_of(client, path)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    connection = db.session.connection()
    return {
        statement: [
            row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
        for statement, parameters in seen
    }
