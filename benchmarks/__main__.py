"""Starts the real server on fresh instances in a temporary folder, and measures it beside its floors."""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from benchmarks import cases, log_in_cases, message_cases
from benchmarks.browser import Browser
from benchmarks.processes import Server, free_port, kaiin, make_data
from benchmarks.report import Result, print_table, write_json
from benchmarks.rounds import PASSWORD, Pace, Servers
from core.serve import DEFAULT_THREADS, DEFAULT_WORKERS, web_command


def main() -> int:
    options = _options()
    pace = Pace(options.rounds, options.seconds)
    with tempfile.TemporaryDirectory(prefix="kaiin-bench-") as name, ExitStack() as stack:
        servers = _start(Path(name), stack)
        results = _measure(servers, pace, options.only)
    print_table(results)
    if not options.only:
        write_json(results)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--only", choices=sorted(_CASES), help="one case; latest.json is then left alone")
    return parser.parse_args()


_CASES: dict[str, Callable[[Servers, Pace], Result | list[Result]]] = {
    # First, on a service that has just been started, as memory at rest is.
    "parallel": lambda servers, _pace: log_in_cases.parallel_log_ins(servers),
    "log_in": log_in_cases.log_in,
    "gated": cases.gated_page,
    "parts": cases.page_of_parts,
    "anonymous": cases.anonymous_page,
    "submission": message_cases.submission,
    "list": cases.customer_list,
    "export": cases.csv_export,
    "crowded": message_cases.crowded_inbox,
}


def _measure(servers: Servers, pace: Pace, only: str | None) -> list[Result]:
    results = [] if only else [cases.memory_at_rest(servers)]
    for name, case in _CASES.items():
        if only in (None, name):
            _say(f"Measuring: {name}")
            found = case(servers, pace)
            results += found if isinstance(found, list) else [found]
    return results


def _start(folder: Path, stack: ExitStack) -> Servers:
    small, large = folder / "small", folder / "large"
    _say("Making the data")
    make_data(small, "small")
    shutil.copytree(small, large)
    make_data(large, "large")
    _say("Starting the servers")
    sites = {path: stack.enter_context(kaiin(path)) for path in (small, large)}
    page_bytes = _size_of_gated_page(sites[small])
    page = _floor("page", folder, {"BENCH_PAGE_BYTES": str(page_bytes)})
    insert = _floor("insert", folder, {"BENCH_DATABASE": str(folder / "floor.sqlite3")})
    hashing = _floor("hash", folder, {"BENCH_PASSWORD": PASSWORD})
    return Servers(
        sites[small],
        sites[large],
        stack.enter_context(page),
        stack.enter_context(insert),
        stack.enter_context(hashing),
        small / "kaiin.sqlite3",
        large / "kaiin.sqlite3",
    )


def _floor(name: str, folder: Path, environment: dict[str, str]) -> Server:
    port = free_port()
    command = web_command(
        "127.0.0.1", port, DEFAULT_WORKERS, DEFAULT_THREADS, f"benchmarks.floors.{name}:app"
    )
    return Server(command, port, environment, folder / f"{name}.log")


def _size_of_gated_page(server: Server) -> int:
    gold = Browser(server.url)
    gold.log_in("gold@demo.example", PASSWORD)
    return len(gold.get("/gold").encode())


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
