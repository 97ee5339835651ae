"""Counts what plugins do wrong and keeps the last error of each in the database."""

import datetime as dt
import logging
import threading
import time
from dataclasses import dataclass

from sqlalchemy import update

from core.db import db, transaction, utcnow
from core.logs import places_of
from core.plugin_host.models import PluginState

log = logging.getLogger("kaiin.plugins")

SECONDS_BETWEEN_WRITES = 1.0


@dataclass
class _Pending:
    count: int = 0
    text: str = ""
    at: dt.datetime | None = None


class ErrorLog:
    """Collects errors in memory; `flush` writes them when no transaction is open."""

    def __init__(self) -> None:
        self._pending: dict[str, _Pending] = {}
        self._lock = threading.Lock()
        self._written_at = 0.0

    def record(self, plugin: str, where: str, error: BaseException) -> None:
        """Note an error of a plugin: type and place, never the message (it may hold personal data)."""
        places = places_of(error.__traceback__, limit=3)
        text = f"{where}: {type(error).__name__} at {places[-1] if places else 'unknown place'}"
        log.error(
            "plugin error",
            extra={"plugin": plugin, "where": where, "error": type(error).__name__, "places": places},
        )
        with self._lock:
            entry = self._pending.setdefault(plugin, _Pending())
            entry.count += 1
            entry.text, entry.at = text, utcnow()

    def flush(self) -> None:
        """Write what is pending, at most once a second."""
        if not self._pending or time.monotonic() - self._written_at < SECONDS_BETWEEN_WRITES:
            return
        with self._lock:
            pending, self._pending = self._pending, {}
            self._written_at = time.monotonic()
        try:
            with transaction():
                for plugin, entry in pending.items():
                    db.session.execute(
                        update(PluginState)
                        .where(PluginState.name == plugin)
                        .values(
                            error_count=PluginState.error_count + entry.count,
                            last_error=entry.text,
                            last_error_at=entry.at,
                        )
                    )
        except Exception:
            log.exception("plugin errors could not be written")
