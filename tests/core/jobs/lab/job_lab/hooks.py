"""Jobs for the tests. `RUNS` is what they did in this process."""

import time
from pathlib import Path
from typing import Any

from core.api import Job, hookimpl

RUNS: list[Any] = []


def note(context: Any, text: str) -> None:
    RUNS.append((text, context.attempt))


def fail(context: Any, message: str) -> None:
    RUNS.append(("failed", context.attempt))
    raise ValueError(message)


def leave(context: Any) -> None:
    raise SystemExit(3)


def count(context: Any, total: int) -> None:
    for done in range(total + 1):
        context.progress(done, total)


def slow(context: Any, folder: str, seconds: float) -> None:
    """Write one line at the start and one at the end of each run; beat while working."""
    journal = Path(folder) / "journal"
    with journal.open("a", encoding="utf-8") as out:
        out.write(f"start {context.job_id} {context.attempt}\n")
    end = time.monotonic() + seconds
    done = 0
    while time.monotonic() < end:
        time.sleep(0.05)
        done += 1
        context.progress(done)
    with journal.open("a", encoding="utf-8") as out:
        out.write(f"end {context.job_id} {context.attempt}\n")


@hookimpl
def register_jobs() -> list[Job]:
    return [
        Job("job_lab.note", note),
        Job("job_lab.pressing", lambda context: RUNS.append("pressing"), priority=10),
        Job("job_lab.fail", fail, max_attempts=2),
        Job("job_lab.leave", leave),
        Job("job_lab.count", count),
        Job("job_lab.slow", slow, lease_seconds=2),
        Job("job_lab.often", lambda context: RUNS.append("often"), every_seconds=3600),
    ]
