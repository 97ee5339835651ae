"""Pytest fixtures for core and for plugin authors: a real site on a real database.

Load them with `pytest_plugins = ["core.testing.fixtures"]`. `KAIIN_TEST_DATABASE=postgresql`
runs the suite on PostgreSQL; `KAIIN_REQUIRE_ALL=1` turns every skip for a missing tool into a
failure.
"""

import contextvars
import gc
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from core import prepared
from core.app import create_app
from core.config import ROOT
from core.db import db
from core.plugin_host import lifecycle, migrations
from core.plugin_host.error_log import ErrorLog
from core.plugin_host.host import Kaiin, current_host
from core.plugin_host.snapshot import use_current_snapshot
from core.security import csrf, passwords
from core.testing import databases, postgresql
from core.testing.factories import PASSWORD

SECRET_KEY = "test-" + "x" * 40
SAMPLE_PLUGINS = ROOT / "tests" / "sample_plugins"
BASE_URL = "http://localhost"


def pytest_configure(config: pytest.Config) -> None:
    """Start the one PostgreSQL of the run before its worker processes, which are told its URL."""
    if databases.on_postgresql() and not hasattr(config, "workerinput"):
        postgresql.share_with_workers()


def pytest_collection_finish() -> None:
    """Take what imports and collection left out of the garbage collector's rounds, and let it go round less.

    It would look at hundreds of thousands of lasting objects again and again: an eighth of a run.
    """
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def require(found: bool, what: str) -> None:
    """Skip a test for a missing tool, loudly; fail it where everything is required."""
    if found:
        return
    if os.environ.get("KAIIN_REQUIRE_ALL"):
        pytest.fail(f"{what} is required here but missing")
    pytest.skip(f"{what} is missing")


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Hash with the least work: the suite makes hundreds of accounts."""
    from argon2 import PasswordHasher

    strong = passwords._hasher
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    yield
    passwords._hasher = strong


def make_app(instance: Path, database_url: str, **overrides: Any) -> Flask:
    """Build an app for tests on a database."""
    values = {
        "instance": instance,
        "database_url": database_url,
        "base_url": BASE_URL,
        "secret_key": SECRET_KEY,
        "redis_url": None,
        "testing": True,
        **overrides,
    }
    return create_app(**values)


@contextmanager
def closing_connections(app: Flask) -> Iterator[Flask]:
    """Close the app's connections to its database at the end, after its contexts were left."""
    try:
        yield app
    finally:
        with app.app_context():
            db.engine.dispose()


@contextmanager
def opened(app: Flask) -> Iterator[Flask]:
    """Push the app's context on the current snapshot; close its connections at the end."""
    with closing_connections(app), app.app_context():
        use_current_snapshot()
        yield app


@pytest.fixture(scope="session")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of this run's databases."""
    return databases.workplace(tmp_path_factory.mktemp("databases"))


@pytest.fixture(scope="session")
def template_database(workplace: Path) -> str:
    """A migrated, empty site; each test works on a copy of it. Returns its URL."""
    url = databases.new_template(workplace)
    app = make_app(workplace, url)
    with closing_connections(app), app.app_context():
        lifecycle.upgrade_all()
        for plugin in current_host().plugins.loaded.values():
            if plugin.schema_head is not None:
                migrations.upgrade(plugin.owner)
    databases.finish_template(url)
    return url


@pytest.fixture
def database_url(template_database: str, workplace: Path) -> Iterator[str]:
    """A fresh copy of the template database, always at the same place; returns its URL."""
    url = databases.copy_of(template_database, workplace)
    yield url
    databases.drop(url)


@pytest.fixture(scope="session")
def _built(template_database: str, workplace: Path) -> Flask:
    # Building an app and compiling its templates takes longer than most tests; what one test
    # leaves in it is taken away in `app`.
    url = databases.copy_of(template_database, workplace)
    made = make_app(workplace, url)
    made.extensions["kaiin_at_rest"] = dict.fromkeys(made.extensions)
    return made


@pytest.fixture
def app(_built: Flask, database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """A fresh site with no plugin enabled, in the test's own folder; its app context is pushed."""
    _forget(_built, tmp_path)
    with opened(_built):
        yield _built


def _forget(app: Flask, instance: Path) -> None:
    # Compiled templates of the site and of mails; neither holds anything of a site.
    engines = {"kaiin_site_engine", "kaiin_mail_environment"}
    kept = {*app.extensions["kaiin_at_rest"], "kaiin_at_rest", *engines}
    for name in set(app.extensions) - kept:
        del app.extensions[name]
    kaiin: Kaiin = app.extensions["kaiin"]
    kaiin.configuration = replace(kaiin.configuration, instance=instance)
    kaiin.errors, kaiin.snapshot = ErrorLog(), None
    app.instance_path = str(instance)
    app.test_client_class = None


@pytest.fixture
def enable_plugins(app: Flask) -> Callable[..., None]:
    """Enable plugins by name: `enable_plugins("contact_forms")`."""

    def enable(*names: str) -> None:
        for name in names:
            lifecycle.enable(name)

    return enable


class Client(FlaskClient):
    """A browser for tests: keeps cookies and sends the token of its forms by itself.

    `client.post(path, data=…)` fetches the token a real form would hold; give `csrf=False` to
    leave it out.
    """

    def open(self, *args: Any, csrf: bool = True, **values: Any) -> Any:
        """Send a request."""
        method = str(values.get("method", "GET")).upper()
        if csrf and method not in ("GET", "HEAD", "OPTIONS"):
            headers = dict(values.pop("headers", None) or {})
            headers.setdefault("X-CSRF-Token", self.csrf_token())
            values["headers"] = headers
        values.setdefault("buffered", True)
        return _fresh_request(super().open, *args, **values)

    def csrf_token(self) -> str:
        """Return the token that a form of this browser holds now."""
        kaiin = self.application.extensions["kaiin"]
        visitor = f"{kaiin.cookie_name}_visitor"
        cookie = self.get_cookie(kaiin.cookie_name) or self.get_cookie(visitor)
        if cookie is None:
            self.set_cookie(visitor, "a-test-visitor")
        binding = cookie.value if cookie is not None else "a-test-visitor"
        with self.application.app_context():
            return csrf.token_for(binding)


def _fresh_request(send: Callable[..., Any], *args: Any, **values: Any) -> Any:
    # Flask reuses a pushed app context, and with it the session and `g` of the test. An empty
    # context makes the request start as it does on a server.
    db.session.rollback()
    answer = contextvars.Context().run(partial(send, *args, **values))
    db.session.expire_all()
    use_current_snapshot()
    return answer


@pytest.fixture
def client(app: Flask) -> Client:
    """A browser on the fresh site."""
    app.test_client_class = Client
    made: Client = app.test_client()  # type: ignore[assignment]
    return made


@pytest.fixture
def new_client(app: Flask) -> Callable[[], Client]:
    """Makes more browsers on the same site."""
    app.test_client_class = Client
    return app.test_client  # type: ignore[return-value]


@pytest.fixture
def login() -> Callable[..., Any]:
    """Log an account in: `login(client, account)`."""

    def log_in(client: Client, account: Any, password: str = PASSWORD) -> Any:
        email = account if isinstance(account, str) else account.email
        answer = client.post("/login", data={"email": email, "password": password})
        assert answer.status_code == 302, answer.get_data(as_text=True)[-2000:]
        return answer

    return log_in


class QueryCounter:
    """Counts SQL statements; savepoints and BEGIN/COMMIT do not count."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def note(self, _c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        """Note a statement that is about to run."""
        self.add(statement)

    def add(self, statement: str) -> None:
        """Count a statement."""
        if statement.split(" ", 1)[0].upper() in ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH"):
            self.statements.append(statement)

    @property
    def count(self) -> int:
        """Return how many statements ran."""
        return len(self.statements)


@pytest.fixture
def query_counter(app: Flask) -> Callable[[], Any]:
    """Count queries: `with query_counter() as queries: …; assert queries.count <= 5`."""

    @contextmanager
    def counting() -> Iterator[QueryCounter]:
        counter = QueryCounter()
        event.listen(db.engine, "before_cursor_execute", counter.note)
        prepared.watchers.append(counter.add)
        try:
            yield counter
        finally:
            event.remove(db.engine, "before_cursor_execute", counter.note)
            prepared.watchers.remove(counter.add)

    return counting


@pytest.fixture
def copy_tree(tmp_path: Path) -> Callable[[Path, str], Path]:
    """Copy a folder of the repository into the test's own folder and return it."""

    def copy(source: Path, name: str) -> Path:
        target = tmp_path / name
        shutil.copytree(source, target)
        return target

    return copy
