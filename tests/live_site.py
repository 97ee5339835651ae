"""A real site for browser and fault tests: Granian and the worker as processes of their own."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from core.config import ROOT
from core.db import db
from core.plugin_host import lifecycle
from core.testing.fixtures import SECRET_KEY, make_app
from tests.shop_kit import open_shop

START_SECONDS = 60


@dataclass
class LiveSite:
    """The running site: where it answers, its folder, and its processes."""

    url: str
    folder: Path
    processes: dict[str, subprocess.Popen] = field(default_factory=dict)

    @property
    def database(self) -> Path:
        return self.folder / "kaiin.sqlite3"

    def start(self, name: str, *command: str) -> None:
        env = {
            **os.environ,
            "KAIIN_INSTANCE": str(self.folder),
            "KAIIN_BASE_URL": self.url,
            "KAIIN_SECRET_KEY": SECRET_KEY,
            "KAIIN_DATABASE_URL": f"sqlite:///{self.database}",
        }
        self.processes[name] = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=env,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def start_web(self) -> None:
        port = self.url.rpartition(":")[2]
        options = ("--interface", "wsgi", "--host", "127.0.0.1", "--port", port, "--workers", "2")
        more = ("--blocking-threads", "4", "--log-level", "warning", "--no-ws", "--respawn-failed-workers")
        self.start("web", "granian", *options, *more, "core.wsgi:app")
        self.wait()

    def start_worker(self) -> None:
        self.start("worker", "core", "worker")

    def wait(self) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.2)
        raise TimeoutError("the site did not start")

    def stop(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def live_site(folder: Path) -> Iterator[LiveSite]:
    """Build the small shop in `folder` and serve it with two web processes and a worker."""
    site = LiveSite(f"http://127.0.0.1:{free_port()}", folder)
    app = make_app(folder, f"sqlite:///{site.database}", base_url=site.url)
    with app.app_context():
        lifecycle.upgrade_all()
        open_shop()
        db.session.remove()
        db.engine.dispose()
    try:
        site.start_web()
        site.start_worker()
        yield site
    finally:
        site.stop()
