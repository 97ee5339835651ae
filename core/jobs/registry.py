"""Job kinds: named work that runs outside requests."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Job:
    """A kind of job, enqueued with `enqueue(name, …)` or run every `every_seconds`.

    `run(context, **payload)` may run twice for one row when a worker dies, so it must be
    idempotent; it calls `context.progress(done, total)` on long work. It opens its own
    `transaction()`. `lease_seconds` is how long a run may stay silent before it counts as lost.
    Of what waits, the highest `priority` runs first: give one above 0 to short work that somebody
    waits for, so that thousands of mails do not hold it up.
    """

    name: str
    run: Callable[..., Any]
    title: Any = ""
    max_attempts: int = 5
    lease_seconds: int = 120
    every_seconds: int | None = None
    priority: int = 0
