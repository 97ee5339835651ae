"""Whose turn it is to write to a SQLite file: one after the other, in all threads and processes.

SQLite has one writer. Who finds it busy asks again after ever longer pauses, so under load some wait
for a second while others pass, and the file stands idle between two tries. Here threads queue for a
lock, and one thread of each process asks for a lock on a file beside the database, at short
intervals. The system gives the file's lock back when a process dies. It is a courtesy and no guard:
after `patience` seconds, or by who does not ask, SQLite's own lock decides.
"""

import fcntl
import os
import threading
import time
from pathlib import Path

# A part of what a short transaction takes: so long may the file stand idle between two of them.
PAUSE_SECONDS = 0.00015
# Who has waited that long waits for something big, and need not look so often.
SOON_SECONDS, LONG_PAUSE_SECONDS = 0.05, 0.002


class WriteTurn:
    """The queue before one database file; `path` is the file to lock beside it."""

    def __init__(self, path: Path, patience: float) -> None:
        self._path = path
        self._patience = patience
        self._threads = threading.Lock()
        # A lock belongs to the opened file, which a forked process would share.
        self._opened: tuple[int, int] | None = None

    def take(self) -> bool:
        """Wait for the turn; return whether it came in time. Give it back with `give_back()`."""
        deadline = time.monotonic() + self._patience
        if not self._threads.acquire(timeout=self._patience):
            return False
        try:
            if self._take_file(deadline):
                return True
        except OSError:
            # A full disk or a folder that may not be written: no reason to turn a reader away.
            pass
        self._threads.release()
        return False

    def give_back(self) -> None:
        """Let the next one write."""
        fcntl.flock(self._file(), fcntl.LOCK_UN)
        self._threads.release()

    def _take_file(self, deadline: float) -> bool:
        file, soon = self._file(), time.monotonic() + SOON_SECONDS
        while (now := time.monotonic()) < deadline:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(PAUSE_SECONDS if now < soon else LONG_PAUSE_SECONDS)
            else:
                return True
        return False

    def _file(self) -> int:
        if self._opened is None or self._opened[0] != os.getpid():
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._opened = (os.getpid(), descriptor)
        return self._opened[1]
