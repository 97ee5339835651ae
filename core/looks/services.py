"""Notes who opened whose page. Nobody waits for it: it is written after the answer was sent."""

import datetime as dt
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Flask, Response, current_app, g, has_request_context
from sqlalchemy.dialects import postgresql, sqlite

from core.db import db, transaction, utcnow
from core.exports.log import forget
from core.looks.models import Look
from core.present_g import present_g
from core.security.sessions import current_account

log = logging.getLogger(__name__)

OPENED, REVEALED = "opened", "revealed"
# What this process wrote in this hour, so that the same page opened again writes nothing.
_WRITTEN, _MOST_WRITTEN = "kaiin_looks_written", 10_000

Key = tuple[int, str, int, str, int]


def note_look(kind: str, record_id: int, *, what: str = OPENED) -> None:
    """Note that the signed-in member of staff sees a page about somebody, once an hour.

    `kind` is the kind of an audit target, e.g. `customer`; `what` is `revealed` for values that are
    masked else. Costs the request nothing: the row is written when the answer is out.
    """
    account = current_account()
    if account is None or not account.is_staff or not has_request_context():
        return
    key: Key = (account.id, kind, record_id, what, hour_of(utcnow()))
    if key not in _written(current_app):
        g.setdefault("looks", set()).add(key)


def hour_of(moment: dt.datetime) -> int:
    """Return the number of an hour."""
    return int(moment.timestamp()) // 3600


def write_looks_later(response: Response) -> Response:
    """Let the looks of this request be written once its answer was sent; errors show nobody's page."""
    here = present_g()
    looks: set[Key] = here.pop("looks", set()) if here is not None else set()
    if looks and response.status_code < 400:
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        response.call_on_close(partial(_write, app, looks))
    return response


def _write(app: Flask, looks: set[Key]) -> None:
    now = utcnow()
    rows = [
        {
            "account_id": actor_id,
            "actor_id": actor_id,
            "kind": kind,
            "record_id": record_id,
            "what": what,
            "hour": hour,
            "looked_at": now,
        }
        for actor_id, kind, record_id, what, hour in sorted(looks)
    ]
    try:
        with app.app_context(), transaction() as session:
            session.execute(_insert_once().values(rows))
    except Exception:
        # The answer is out; that a look was not noted must not look like an error of the page.
        log.exception("looks were not noted")
        return
    written = _written(app)
    if len(written) > _MOST_WRITTEN:
        written.clear()
    written |= looks


def _insert_once() -> Any:
    dialects: dict[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
    return dialects[db.engine.dialect.name](Look).on_conflict_do_nothing()


def _written(app: Flask) -> set[Key]:
    found: set[Key] = app.extensions.setdefault(_WRITTEN, set())
    return found


def forget_looks() -> int:
    """Delete looks whose time is over, some at a time; return how many."""
    return forget(Look.id, Look.looked_at)
