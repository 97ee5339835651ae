"""The worker process: Huey's consumer in threads, and the sweep."""

import logging
import signal
import threading
import time
from types import FrameType

from flask import Flask

from core.jobs import leases
from core.jobs.engine import engine
from core.jobs.runner import running_tokens
from core.jobs.sweep import sweep
from core.plugin_host.host import current_host

log = logging.getLogger(__name__)

THREADS = 2
SWEEP_SECONDS = 20.0
HEALTH_SECONDS = 10.0
# An idle worker looks into the queue file this often.
POLL_SECONDS = 0.5
# `kaiin serve` kills what is still there a second later.
STOP_SECONDS = 8.0


def run_worker(
    app: Flask,
    threads: int = THREADS,
    sweep_seconds: float = SWEEP_SECONDS,
    stop_seconds: float = STOP_SECONDS,
) -> None:
    """Run jobs until SIGTERM or SIGINT; must be called in the main thread.

    On the signal no new job starts; running ones get a few seconds, and the rows of those that
    are still at work then are given back, so that another worker need not wait for their leases.
    """
    stop = threading.Event()

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    consumer = engine(app).huey.create_consumer(
        workers=threads, periodic=False, max_delay=POLL_SECONDS, shutdown_timeout=stop_seconds
    )
    consumer.start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask_to_stop)
    log.info("worker started", extra={"threads": threads})
    sweep_due = health_due = time.monotonic()
    while not stop.wait(0.2):
        if time.monotonic() >= sweep_due:
            sweep_due = time.monotonic() + sweep_seconds
            _sweep(app)
        if time.monotonic() >= health_due:
            health_due = time.monotonic() + HEALTH_SECONDS
            consumer.check_worker_health()
    consumer.stop(graceful=True)
    _release_unfinished(app)
    engine(app).close()
    log.info("worker stopped")


def _sweep(app: Flask) -> None:
    try:
        with app.app_context():
            sweep()
            current_host().errors.flush()
    except Exception:
        log.exception("the sweep failed; the next one comes soon")


def _release_unfinished(app: Flask) -> None:
    tokens = running_tokens.snapshot()
    if not tokens:
        return
    with app.app_context():
        leases.release(tokens)
    log.warning("jobs were cut off and given back", extra={"jobs": len(tokens)})
