"""What every case needs: the servers, and rounds that alternate with the floor."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from benchmarks.load import Load, Request, drive
from benchmarks.processes import Server
from benchmarks.report import Result

PASSWORD = "kaiin-demo-2026"
CLIENTS = 8


@dataclass(frozen=True)
class Servers:
    """Everything that runs during the measurements, and where its data lies."""

    small: Server
    large: Server
    bare_page: Server
    bare_insert: Server
    bare_hash: Server
    small_database: Path
    large_database: Path


@dataclass(frozen=True)
class Pace:
    """How many rounds, and how long each load lasts."""

    rounds: int
    seconds: float


class Peak:
    """Watches the largest value of a figure while something runs."""

    def __init__(self, read: Callable[[], float]) -> None:
        self._read, self._done, self.value = read, threading.Event(), 0.0
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(0.05):
            self.value = max(self.value, self._read())


@dataclass(frozen=True)
class Run:
    """One load on one server, and the processor time that the server took for it."""

    load: Load
    cpu_seconds: float

    @property
    def cpu_ms(self) -> float:
        return self.cpu_seconds / self.load.requests * 1e3


def alternate(
    own: tuple[Server, Request], floor: tuple[Server, Request], clients: int, pace: Pace
) -> tuple[list[Run], list[Run]]:
    for server, request in (own, floor):
        drive(server.port, request, clients, min(2.0, pace.seconds), "warm")
    ours, floors = [], []
    for number in range(pace.rounds):
        ours.append(run_once(*own, clients, pace.seconds, f"r{number}"))
        floors.append(run_once(*floor, clients, pace.seconds, f"r{number}"))
    return ours, floors


def run_once(server: Server, request: Request, clients: int, seconds: float, salt: str) -> Run:
    before = server.cpu_seconds()
    load = drive(server.port, request, clients, seconds, salt)
    if load.errors or not load.requests:
        raise RuntimeError(f"{request.path}: {load.errors} of {load.requests} answers were errors")
    return Run(load, server.cpu_seconds() - before)


def compared(
    name: str,
    ours: list[Run],
    floors: list[Run],
    floor_name: str,
    at_least: float | None,
    clients: int = CLIENTS,
    **more: float,
) -> Result:
    return Result(
        *(name, f"requests/s, {clients} client{'s' if clients > 1 else ''}"),
        [run.load.per_second for run in ours],
        [run.load.per_second for run in floors],
        floor_name,
        at_least=at_least,
        more={
            "cpu_ms": middle([run.cpu_ms for run in ours]),
            "floor_cpu_ms": middle([run.cpu_ms for run in floors]),
            "p50_ms": middle([run.load.p50_ms for run in ours]),
            "p99_ms": middle([run.load.p99_ms for run in ours]),
            **more,
        },
    )


def middle(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]
