"""What a running job is given."""

import time

from core.jobs.leases import Lease, renew

HEARTBEAT_SECONDS = 1.0


class LeaseLost(Exception):
    """The run stayed silent too long and another worker has the row; stop at once."""


class JobContext:
    """The handle of one run: tells how far it is and whether it is the last try."""

    def __init__(self, lease: Lease) -> None:
        self._lease = lease
        self._written_at = time.monotonic()

    @property
    def job_id(self) -> int:
        """Return the id of the job's row, the same in every attempt."""
        return self._lease.job_id

    @property
    def attempt(self) -> int:
        """Return which attempt this is, from 1."""
        return self._lease.attempt

    @property
    def is_last_attempt(self) -> bool:
        """Whether nobody will try again when this run fails."""
        return self._lease.attempt >= self._lease.max_attempts

    def progress(self, done: int, total: int | None = None) -> None:
        """Say how far the work is and keep the row; call it often, it writes once a second.

        Call it between transactions: inside one, others see it only after the commit. Raises
        LeaseLost when another worker took over.
        """
        now = time.monotonic()
        if now - self._written_at < HEARTBEAT_SECONDS and done != total:
            return
        self._written_at = now
        if not renew(self._lease, done, total):
            raise LeaseLost(f"job {self.job_id} was taken over")
