"""The supervisor is run as its own process, with small stand-ins for the web server and the worker."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

PROGRAM = """
import signal, sys
from core.serve import STOP_SIGNALS, Supervisor
web, worker, port = sys.argv[1:]
supervisor = Supervisor([sys.executable, web, port], [sys.executable, worker])
for number in STOP_SIGNALS:
    signal.signal(number, supervisor.ask_to_stop)
sys.exit(supervisor.run("127.0.0.1", int(port)))
"""
WEB = """
import http.server, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *args):
        pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""
STUBBORN = "import signal, time\nfor n in (1, 2, 15): signal.signal(n, signal.SIG_IGN)\n"
RECORD = "import os, time\nfrom pathlib import Path\nPath({folder!r}, f'worker-{{os.getpid()}}').touch()\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "web.py").write_text(WEB)
    write_worker(tmp_path, "time.sleep(600)")
    return tmp_path


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def supervisor(folder: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, folder / "web.py", folder / "worker.py", str(port)],
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.communicate()


def write_worker(folder: Path, then: str) -> None:
    (folder / "worker.py").write_text(RECORD.format(folder=str(folder)) + then)


def workers(folder: Path) -> list[int]:
    return [int(file.name.removeprefix("worker-")) for file in folder.glob("worker-*")]


def wait_for(condition, seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_stop_signal_ends_both_processes_and_exits_with_zero(supervisor, folder, port, number):
    assert wait_for(lambda: workers(folder))
    supervisor.send_signal(number)
    assert supervisor.wait(15) == 0
    assert not is_alive(workers(folder)[0])
    assert not is_open(port)


def test_a_supervisor_killed_outright_leaves_no_process_behind(supervisor, folder, port):
    assert wait_for(lambda: workers(folder))
    supervisor.kill()
    supervisor.wait(5)
    assert wait_for(lambda: not is_alive(workers(folder)[0]) and not is_open(port))


def test_a_worker_that_ignores_the_signal_is_killed_within_ten_seconds(supervisor, folder):
    assert wait_for(lambda: workers(folder))
    write_worker(folder, STUBBORN + "time.sleep(600)")
    first = workers(folder)
    os.kill(first[0], signal.SIGKILL)
    assert wait_for(lambda: len(workers(folder)) == 2)
    time.sleep(0.5)
    begun = time.monotonic()
    supervisor.terminate()
    assert supervisor.wait(15) == 0
    assert time.monotonic() - begun < 10
    assert not any(is_alive(pid) for pid in workers(folder))


def test_a_crashed_worker_is_started_again_while_the_web_server_goes_on(supervisor, folder, port):
    assert wait_for(lambda: workers(folder))
    os.kill(workers(folder)[0], signal.SIGKILL)
    assert wait_for(lambda: len(workers(folder)) == 2)
    assert is_open(port)


def test_a_web_server_that_ends_at_its_start_ends_everything_with_an_error(folder, port):
    (folder / "web.py").write_text("raise SystemExit('no')")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, folder / "web.py", folder / "worker.py", str(port)],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 1
    assert "did not start" in done.stderr
    assert workers(folder) == []


def test_a_taken_port_is_named_in_a_plain_message(port, capsys, tmp_path, monkeypatch):
    from core.serve import serve

    monkeypatch.setenv("KAIIN_INSTANCE", str(tmp_path))
    monkeypatch.setenv("PORT", "8000")
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        assert serve("127.0.0.1", port) == 1
    message = capsys.readouterr().err
    assert f"127.0.0.1:{port}" in message
    assert "Traceback" not in message


@pytest.mark.faults
def test_the_command_serves_the_site_and_leaves_nothing_behind(tmp_path, port):
    environment = {**os.environ, "KAIIN_INSTANCE": str(tmp_path), "PORT": str(port)}
    kaiin, log = [sys.executable, "-m", "core"], tmp_path / "log"
    subprocess.run([*kaiin, "upgrade"], env=environment, check=True, capture_output=True)
    with log.open("w") as out:
        process = subprocess.Popen([*kaiin, "serve"], env=environment, stdout=out, stderr=out)
    try:
        assert wait_for(lambda: "Serving" in log.read_text(), 120), log.read_text()
        assert wait_for(lambda: len(children_of(process.pid)) == 2)
        children = children_of(process.pid)
        process.send_signal(signal.SIGINT)
        assert process.wait(15) == 0
        assert not any(is_alive(pid) for pid in children)
        assert not is_open(port)
    finally:
        process.kill()
        process.wait()


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
