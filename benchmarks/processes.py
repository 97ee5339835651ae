"""Starts servers, and reads what a tree of processes used, from /proc."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Self

from core.config import ROOT

TICKS = os.sysconf("SC_CLK_TCK")


class Server:
    """A server in a process group of its own, with its log beside its data."""

    def __init__(self, command: list[str], port: int, environment: dict[str, str], log: Path) -> None:
        self.port = port
        self.log = log
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                command, env={**os.environ, **environment}, stdout=out, stderr=out, start_new_session=True
            )

    def __enter__(self) -> Self:
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline and self._process.poll() is None:
            if answers(self.port):
                return self
            time.sleep(0.1)
        self.__exit__()
        raise RuntimeError(f"the server did not start:\n{self.log.read_text()[-4000:]}")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, 9)
            self._process.wait()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def pids(self) -> list[int]:
        """The server's process and all that it started."""
        return _tree(self._process.pid)

    def cpu_seconds(self) -> float:
        """Processor time used so far by every process of the server."""
        return sum(_cpu_seconds(pid) for pid in self.pids())

    def memory_mb(self) -> float:
        """Memory of every process of the server; what they share counts once (PSS)."""
        return sum(_memory_kb(pid, "smaps_rollup", "Pss:") for pid in self.pids()) / 1024

    def largest_rss_mb(self) -> float:
        """Resident memory of the largest process."""
        return max(_memory_kb(pid, "status", "VmRSS:") for pid in self.pids()) / 1024


def make_data(instance: Path, *what: str) -> None:
    """Make what `benchmarks.data` knows under that name, in an instance."""
    command = [sys.executable, "-m", "benchmarks.data", *what]
    subprocess.run(command, env={**os.environ, **environment(instance)}, cwd=ROOT, check=True)


def kaiin(instance: Path, database_url: str = "") -> Server:
    """Return the real server on an instance, as `kaiin serve` starts it; its own SQLite file by default."""
    port = free_port()
    command = [sys.executable, "-m", "core", "serve", "--port", str(port)]
    return Server(
        command, port, {**environment(instance, database_url), "PORT": str(port)}, instance / "serve.log"
    )


def environment(instance: Path, database_url: str = "") -> dict[str, str]:
    """Return what a process needs to work on an instance."""
    return {
        "KAIIN_INSTANCE": str(instance),
        "KAIIN_DATABASE_URL": database_url,
        "KAIIN_REDIS_URL": "",
        "KAIIN_BASE_URL": "",
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def _tree(pid: int) -> list[int]:
    found = [pid]
    for parent in found:
        for file in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                found += [int(child) for child in file.read_text().split()]
            except OSError:
                continue
    return found


def _cpu_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def _memory_kb(pid: int, file: str, name: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(name)), 0)
