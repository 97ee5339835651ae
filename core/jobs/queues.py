"""The Huey queue that the configuration asks for.

Loading Huey takes 25 MB, because it also loads what talks to Redis and PostgreSQL: only workers
import this when they start, web processes when they first wake one.
"""

import json
from typing import Any

from huey import Huey
from huey.registry import Message
from huey.serializer import Serializer
from huey.storage import BaseStorage, MemoryStorage, PostgresStorage, PriorityRedisStorage, SqliteStorage
from sqlalchemy import make_url

from core.config import Configuration

# Another shape of messages needs another name: what a former version left is found by the sweep.
NAME = "kaiin_jobs"
# Not `core_…`: the engine owns these tables, the migrations do not.
TABLE_PREFIX = "kaiin_queue"


class JobIdSerializer(Serializer):
    """Writes messages as JSON. Huey's pickles would let whoever writes to the queue run code."""

    def _serialize(self, data: Message) -> bytes:
        return json.dumps([data.id, data.name, list(data.args), data.priority or 0]).encode("ascii")

    def _deserialize(self, data: bytes) -> Message:
        identity, name, arguments, priority = json.loads(bytes(data))
        arguments = tuple(int(a) for a in arguments)
        return Message(identity, name, args=arguments, kwargs={}, priority=int(priority))


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
        return PriorityRedisStorage, {"connection_pool": _redis_pool(configuration.redis_url)}
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
