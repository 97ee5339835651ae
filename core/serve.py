"""`kaiin serve`: the web server and the job worker under one process that stops both.

Only light imports: this process stays for as long as the site runs and needs none of the site.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from types import FrameType

from core.config import load_configuration
from core.errors import ConfigurationError

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000
DEFAULT_WORKERS = 2
DEFAULT_THREADS = 4

START_SECONDS = 60.0
STOP_SECONDS = 9.0
LOOK_SECONDS = 0.2
FIRST_DELAY, LONGEST_DELAY = 1.0, 30.0
PR_SET_PDEATHSIG = 1
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def serve(
    host: str = DEFAULT_HOST,
    port: int = DEFAULT_PORT,
    workers: int = DEFAULT_WORKERS,
    threads: int = DEFAULT_THREADS,
    with_worker: bool = True,
) -> int:
    """Run the site until a signal; return 1 at once when it cannot start.

    This process is replaced by the supervisor, which holds nothing of what the command had loaded.
    It ends with 0 after an orderly stop and with 1 when the web server failed.
    """
    os.environ["PORT"] = str(port)
    problem = _reason_not_to_start(host, port)
    if not problem:
        options = [host, *(str(int(number)) for number in (port, workers, threads, with_worker))]
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, "-m", __name__, *options])  # noqa: S606
    _say(problem)
    return 1


def supervise(host: str, port: int, workers: int, threads: int, with_worker: bool) -> int:
    """Start both processes and watch over them until a signal."""
    web = web_command(host, port, workers, threads)
    supervisor = Supervisor(web, _worker_command() if with_worker else None)
    for number in STOP_SIGNALS:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # `nohup` ignores it
            signal.signal(number, supervisor.ask_to_stop)
    return supervisor.run(host, port)


def web_command(host: str, port: int, workers: int, threads: int, app: str = "core.wsgi:app") -> list[str]:
    """Return the command that runs the web server alone."""
    options = {
        "--interface": "wsgi",
        "--host": host,
        "--port": port,
        "--workers": workers,
        "--blocking-threads": threads,
        "--http": 1,
        "--log-level": "warning",
        "--workers-kill-timeout": int(STOP_SECONDS) - 2,
    }
    flags = [str(part) for option in options.items() for part in option]
    return [sys.executable, "-m", "granian", *flags, "--no-ws", "--respawn-failed-workers", app]


def _worker_command() -> list[str]:
    return [sys.executable, "-m", "core", "worker"]


def _reason_not_to_start(host: str, port: int) -> str:
    try:
        load_configuration()
    except ConfigurationError as error:
        return str(error)
    # Granian shares its port with any other that does the same: only a plain bind notices.
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (OSError, OverflowError) as error:
        return f"Cannot listen on {host}:{port} ({error}). Choose another port with PORT=… or --port."
    return ""


@dataclass
class Child:
    """One process in a process group of its own, so that stopping reaches what it started."""

    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0

    def start(self) -> None:
        """Start the process; the kernel ends it when the supervisor is killed outright."""
        self.started = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 (a fixed command)
            self.command, start_new_session=True, preexec_fn=_end_with_parent
        )

    @property
    def is_running(self) -> bool:
        """Whether the process is alive."""
        return self.process is not None and self.process.poll() is None

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process; SIGKILL goes to its whole group."""
        if self.process is None:
            return
        try:
            if number == signal.SIGKILL:
                os.killpg(self.process.pid, number)
            elif self.is_running:
                self.process.send_signal(number)
        except (ProcessLookupError, PermissionError):
            return


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Supervisor:
    """Starts both processes, restarts the worker when it crashes, stops both together."""

    web_command: list[str]
    worker_command: list[str] | None
    stopping: bool = False
    web: Child = field(init=False)
    worker: Child | None = field(init=False)

    def __post_init__(self) -> None:
        self.web = Child(self.web_command)
        self.worker = Child(self.worker_command) if self.worker_command else None

    def ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        """Remember a stop signal; the loop acts on it."""
        self.stopping = True

    def run(self, host: str, port: int) -> int:
        """Serve until told to stop or until the web server ends by itself."""
        self.web.start()
        try:
            if self._wait_until_open(host, port):
                _say(f"Serving http://{_in_url(host)}:{port} (stop with Ctrl-C)")
                self._watch()
            return 0 if self.stopping else 1
        finally:
            self._stop()

    def _wait_until_open(self, host: str, port: int) -> bool:
        deadline = time.monotonic() + START_SECONDS
        while not self.stopping and self.web.is_running:
            if _answers(host, port):
                return True
            if time.monotonic() > deadline:
                break
            time.sleep(LOOK_SECONDS)
        if not self.stopping:
            _say("The web server did not start; its own message is above.")
        return False

    def _watch(self) -> None:
        delay, next_start = FIRST_DELAY, 0.0
        while not self.stopping:
            if not self.web.is_running:
                _say("The web server ended unexpectedly.")
                return
            if self.worker and not self.worker.is_running and time.monotonic() >= next_start:
                if self.worker.process is not None:
                    _say("The worker ended unexpectedly and is started again.")
                self.worker.start()
                next_start = self.worker.started + delay
                delay = min(delay * 2, LONGEST_DELAY)
            elif self.worker and time.monotonic() - self.worker.started > 2 * LONGEST_DELAY:
                delay = FIRST_DELAY
            time.sleep(LOOK_SECONDS)

    def _stop(self) -> None:
        children = [child for child in (self.worker, self.web) if child]
        for child in children:
            child.send(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while any(child.is_running for child in children) and time.monotonic() < deadline:
            time.sleep(0.05)
        for child in children:
            child.send(signal.SIGKILL)
            if child.process is not None:
                child.process.wait()


def _answers(host: str, port: int) -> bool:
    """Whether the application answers; the port alone is open before the application is loaded."""
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 (compared, not bound)
    try:
        with socket.create_connection((target, port), timeout=5) as connection:
            connection.sendall(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
            return connection.recv(12).startswith(b"HTTP/")
    except OSError:
        return False


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 (messages of a command)


if __name__ == "__main__":
    _host, *_numbers = sys.argv[1:]
    _port, _workers, _threads, _with_worker = map(int, _numbers)
    sys.exit(supervise(_host, _port, _workers, _threads, bool(_with_worker)))
