"""The queue engine (Huey): wakes workers in this and other processes, carrying job ids only.

Losing its messages loses nothing, because the sweep finds due rows. It is a SQLite file in the
instance folder by default, Redis when configured, PostgreSQL when that is the database.
"""

import datetime as dt
import json
import logging
import time
from collections.abc import Callable
from functools import cached_property
from typing import Any

from flask import Flask, current_app
from huey import Huey
from huey.registry import Message
from huey.serializer import Serializer
from huey.storage import BaseStorage, MemoryStorage, PostgresStorage, RedisStorage, SqliteStorage
from sqlalchemy import make_url

from core.config import Configuration
from core.db import utcnow

log = logging.getLogger(__name__)

NAME = "kaiin"
# Not `core_…`: the engine owns these tables, the migrations do not.
TABLE_PREFIX = "kaiin_queue"
SILENCE_SECONDS = 30.0
_KEY = "kaiin_jobs"


class JobIdSerializer(Serializer):
    """Writes messages as JSON. Huey's pickles would let whoever writes to the queue run code."""

    def _serialize(self, data: Message) -> bytes:
        return json.dumps([data.id, data.name, list(data.args)]).encode("ascii")

    def _deserialize(self, data: bytes) -> Message:
        identity, name, arguments = json.loads(bytes(data))
        return Message(identity, name, args=tuple(int(a) for a in arguments), kwargs={})


class WakeStorage(SqliteStorage):
    """A queue file that does not wait for the disk: its messages may be lost, never damaged."""

    def _create_connection(self) -> Any:
        connection = super()._create_connection()
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection


def make_huey(configuration: Configuration) -> Huey:
    """Return the Huey that the configuration asks for."""
    storage, options = _storage(configuration)
    return Huey(NAME, results=False, serializer=JobIdSerializer(), storage_class=storage, **options)


def _storage(configuration: Configuration) -> tuple[type[BaseStorage], dict[str, Any]]:
    if configuration.redis_url:
        return RedisStorage, {"connection_pool": _redis_pool(configuration.redis_url)}
    if configuration.testing:
        return MemoryStorage, {}
    url = make_url(configuration.database_url)
    if url.get_backend_name() == "postgresql":
        dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
        return PostgresStorage, {"dsn": dsn, "table_prefix": TABLE_PREFIX, "connect_timeout": 3}
    return WakeStorage, {"filename": str(configuration.instance / "queue.sqlite3"), "timeout": 2}


def _redis_pool(url: str) -> Any:
    from redis import ConnectionPool
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    # A visitor's answer must not wait while Redis is down: the sweep finds the job.
    return ConnectionPool.from_url(
        url, socket_connect_timeout=2, socket_timeout=10, retry=Retry(NoBackoff(), 0)
    )


class Engine:
    """One process's side of the queue: `wake()` says that a row is there."""

    def __init__(self, configuration: Configuration, run: Callable[[int], Any]) -> None:
        self._configuration = configuration
        self._run = run
        self._silent_until = 0.0

    @cached_property
    def _connected(self) -> tuple[Huey, Any]:
        run = self._run

        # The task is found again by module and name, in other processes, too.
        def run_job(job_id: int) -> None:
            run(job_id)

        huey = make_huey(self._configuration)
        return huey, huey.task()(run_job)

    @property
    def huey(self) -> Huey:
        """Return the Huey behind this engine; the first use connects and may fail."""
        return self._connected[0]

    def wake(self, job_id: int, at: dt.datetime | None = None) -> None:
        """Tell a worker to run the row, now or at a moment; a failure is only logged.

        After a failure the engine is left alone for a while, so that a dead one costs one
        waiting request and not every request.
        """
        if time.monotonic() < self._silent_until:
            return
        try:
            huey, task = self._connected
            message = task.s(job_id)
            if at is not None and at > utcnow():
                # The engine counts in UTC without saying so.
                message.eta = at.astimezone(dt.UTC).replace(tzinfo=None)
                huey.add_schedule(message)
            else:
                huey.enqueue(message)
        except Exception as error:
            self._silent_until = time.monotonic() + SILENCE_SECONDS
            log.warning(
                "workers were not woken; the sweep will find the job", extra={"error": type(error).__name__}
            )

    def waiting(self) -> int:
        """Return how many messages no worker has taken yet."""
        return int(self.huey.pending_count())

    def close(self) -> None:
        """Let go of the connection; the next use opens another."""
        self.huey.storage.close()


def engine(app: Flask | None = None) -> Engine:
    """Return the app's engine; it connects at its first use, never at start."""
    app = app or current_app._get_current_object()  # type: ignore[attr-defined]
    found: Engine | None = app.extensions.get(_KEY)
    return found or app.extensions.setdefault(_KEY, _make(app))


def _make(app: Flask) -> Engine:
    from core.jobs.runner import run_job

    def run_in_context(job_id: int) -> None:
        with app.app_context():
            run_job(job_id)

    return Engine(app.extensions["kaiin"].configuration, run_in_context)
