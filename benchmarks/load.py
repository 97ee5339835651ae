"""Drives a server over loopback from other processes, with keep-alive: wrk, or Python where there is none."""

import json
import multiprocessing
import shutil
import socket
import statistics
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field

NUMBER = "__N__"


@dataclass(frozen=True)
class Request:
    """What to send again and again; `__N__` in the body becomes a new number each time."""

    path: str
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""


@dataclass(frozen=True)
class Load:
    """What came back."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    errors: int

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


def drive(port: int, request: Request, connections: int, seconds: float, salt: str) -> Load:
    """Send `request` on so many connections for so long; an answer of 400 or more is an error."""
    tool = _wrk if shutil.which("wrk") else _python
    return tool(port, request, connections, seconds, salt)


# --- wrk ---------------------------------------------------------------------------------------------

WRK_SCRIPT = """
local threads = 0
function setup(thread) threads = threads + 1; thread:set("number", threads) end
local headers = {%(headers)s}
local template = %(body)s
local count = 0
function request()
  count = count + 1
  local body = template
  if body then
    body = body:gsub("%(mark)s", "%(salt)s" .. number .. "x" .. count)
  end
  return wrk.format(%(method)s, %(path)s, headers, body)
end
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format('RESULT {"requests": %%d, "micros": %%d, "p50": %%d, "p99": %%d, "errors": %%d}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    e.connect + e.read + e.write + e.status + e.timeout))
end
"""


def _wrk(port: int, request: Request, connections: int, seconds: float, salt: str) -> Load:
    script = WRK_SCRIPT % {
        "headers": ", ".join(f"[{json.dumps(k)}] = {json.dumps(v)}" for k, v in request.headers.items()),
        "body": json.dumps(request.body) if request.body else "nil",
        "mark": NUMBER,
        "salt": salt,
        "method": json.dumps(request.method),
        "path": json.dumps(request.path),
    }
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        options = [f"-t{min(connections, 2)}", f"-c{connections}", f"-d{seconds:g}s", "--timeout", "30s"]
        done = subprocess.run(
            ["wrk", *options, "-s", file.name, f"http://127.0.0.1:{port}{request.path}"],
            capture_output=True,
            text=True,
            check=True,
        )
    line = next(line for line in done.stdout.splitlines() if line.startswith("RESULT "))
    found = json.loads(line.removeprefix("RESULT "))
    return Load(
        found["requests"],
        found["micros"] / 1e6,
        found["p50"] / 1e3,
        found["p99"] / 1e3,
        found["errors"],
    )


# --- Python ------------------------------------------------------------------------------------------


def _python(port: int, request: Request, connections: int, seconds: float, salt: str) -> Load:
    processes = min(connections, 2)
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        jobs = [
            (port, request, len(range(n, connections, processes)), seconds, f"{salt}{n}")
            for n in range(processes)
        ]
        parts = pool.starmap(_client_process, jobs)
    times = sorted(t for part in parts for t in part[0])
    errors = sum(part[1] for part in parts)
    middle = statistics.median(times) if times else 0.0
    late = times[int(len(times) * 0.99)] if times else 0.0
    return Load(len(times), seconds, middle * 1e3, late * 1e3, errors)


def _client_process(
    port: int, request: Request, connections: int, seconds: float, salt: str
) -> tuple[list[float], int]:
    times: list[float] = []
    errors: list[int] = []
    deadline = time.monotonic() + seconds
    threads = [
        threading.Thread(target=_client, args=(port, request, deadline, f"{salt}x{n}x", times, errors))
        for n in range(connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, len(errors)


def _client(
    port: int, request: Request, deadline: float, salt: str, times: list[float], errors: list[int]
) -> None:
    head = "".join(f"{k}: {v}\r\n" for k, v in request.headers.items())
    count = 0
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream = connection.makefile("rb")
        while time.monotonic() < deadline:
            count += 1
            body = request.body.replace(NUMBER, f"{salt}{count}").encode()
            start = f"{request.method} {request.path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            begun = time.perf_counter()
            connection.sendall(f"{start}{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            status = _read_answer(stream)
            times.append(time.perf_counter() - begun)
            if status >= 400:
                errors.append(status)


def _read_answer(stream) -> int:
    status = int(stream.readline().split()[1])
    length, chunked = 0, False
    while (line := stream.readline().lower()) != b"\r\n":
        name, _, value = line.partition(b":")
        if name == b"content-length":
            length = int(value)
        elif name == b"transfer-encoding":
            chunked = b"chunked" in value
    if not chunked:
        stream.read(length)
        return status
    while (size := int(stream.readline().split(b";")[0], 16)) > 0:
        stream.read(size + 2)
    stream.readline()
    return status
