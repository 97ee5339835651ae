"""A real server for tests: `kaiin serve` as a process of its own, with its web workers and its job worker."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from core.config import ROOT

START_SECONDS = 120.0
STOP_SECONDS = 20.0
# Without bytecode, each of the many processes compiles everything that it imports. Where the tests
# may not write it beside the sources, it is kept elsewhere.
_NOT_PASSED_ON = ("KAIIN_", "PYTHONDONTWRITEBYTECODE")
_ELSEWHERE = {"PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "kaiin-tests-bytecode")}
_BYTECODE = _ELSEWHERE if sys.dont_write_bytecode else {}


class SiteServer:
    """Serves the site of an instance folder and a database on a free port of this machine.

    `secret_key` must be the one that the site was made with, or sessions would end. `environment`
    goes before what the server is otherwise given.
    """

    def __init__(
        self,
        instance: Path,
        database_url: str,
        secret_key: str,
        *,
        workers: int = 1,
        with_jobs: bool = True,
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = instance / f"server-{self.port}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._command = [sys.executable, "-m", "core", "serve", "--port", str(self.port)]
        self._command += ["--workers", str(workers), *([] if with_jobs else ["--no-worker"])]
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(_NOT_PASSED_ON)},
            **_BYTECODE,
            "KAIIN_INSTANCE": str(instance),
            "KAIIN_DATABASE_URL": database_url,
            "KAIIN_SECRET_KEY": secret_key,
            **environment,
        }

    def start(self) -> None:
        """Start the server and wait until it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 (a fixed command)
                self._command, cwd=ROOT, env=self._environment, stdout=log, stderr=log
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                said = self.log.read_text(errors="replace")[-4000:]
                raise RuntimeError(f"the server did not start:\n{said}")
            time.sleep(0.1)

    def answers(self) -> bool:
        """Tell whether the site is ready."""
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    def stop(self) -> None:
        """Stop the server as Ctrl-C does."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None

    def kill(self) -> None:
        """Kill every process of the server at once, as a power cut would."""
        if self._process is None:
            return
        # Who is stopped starts nobody anew, whom we would not know of.
        stopped: set[int] = set()
        while alive := {self._process.pid, *self.processes()} - stopped:
            for pid in alive:
                _send(pid, signal.SIGSTOP)
            stopped |= alive
        for pid in stopped:
            kill(pid)
        self._process.wait()
        self._process = None

    def processes(self) -> list[int]:
        """Return the ids of all processes that the server has started."""
        return _below(self._process.pid) if self._process is not None else []

    def web_workers(self) -> list[int]:
        """Return the ids of the processes that answer requests."""
        return [pid for pid in self.processes() if "granian" in _command_of(_parent_of(pid))]

    def job_workers(self) -> list[int]:
        """Return the ids of the processes that run jobs."""
        return [pid for pid in self.processes() if _command_of(pid).rstrip("\0").endswith("\0worker")]

    def __enter__(self) -> "SiteServer":
        self.start()
        return self

    def __exit__(self, *_error: Any) -> None:
        self.stop()


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def kill(pid: int) -> None:
    """Kill a process outright; one that is gone is fine."""
    _send(pid, signal.SIGKILL)


def _send(pid: int, sign: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, sign)


def _below(pid: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        children.setdefault(_parent_of(int(entry.name)), []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def _parent_of(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return 0


def _command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""
