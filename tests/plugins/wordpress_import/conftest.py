"""A move without screens, and a MariaDB where one is installed."""

import io
import sys
from pathlib import Path

import pytest

from core.db import db, transaction
from core.testing.fixtures import require
from plugins.wordpress_import import jobs, services
from plugins.wordpress_import.kinds import Kind
from plugins.wordpress_import.services import get_run

# Test modules are imported by path; this lets them import the kits beside them.
sys.path.insert(0, str(Path(__file__).parent))
ALL_MEMBERS = {"": "member", "administrator": "skip"}


class Moving:
    """One move on its way."""

    def __init__(self, *files, url=None, by=None):
        if url is not None:
            with transaction():
                self.id = services.begin_with_database(url, by=by, in_process=True).id
        else:
            kept = [(f"{n}.xml", services.keep_file(io.BytesIO(file))) for n, file in enumerate(files)]
            with transaction():
                self.id = services.begin_with_files(kept, by=by, in_process=True).id

    @property
    def row(self):
        db.session.rollback()
        return get_run(self.id)

    def look(self):
        jobs.look(self.id, lambda *_: None)
        return self

    def choose(self, *kinds, policy="fill", roles=None):
        with transaction():
            run = get_run(self.id, for_change=True)
            services.choose(run, kinds or [str(kind) for kind in Kind], policy, roles or {})
        return self

    def check(self):
        with transaction():
            services.start_check(self.id, in_process=True)
        jobs.check(self.id, lambda *_: None)
        return self

    def begin(self):
        with transaction():
            services.start_run(self.id, by=None, in_process=True)
        return self

    def move(self):
        self.begin()
        jobs.run(self.id, lambda *_: None)
        assert self.row.state == "done", self.row.problem
        return self.row.counts

    def whole(self, **choices):
        return self.look().choose(**choices).check().move()


@pytest.fixture
def begin_moving(app):
    """Begin a move, whatever plugins are on."""
    return Moving


@pytest.fixture
def moving(app, enable_plugins):
    enable_plugins("contact_forms", "member_tiers", "wordpress_import")
    return Moving


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory):
    from mariadb_kit import MariaDB, is_installed

    require(is_installed(), "MariaDB")
    server = MariaDB(tmp_path_factory.mktemp("mariadb"))
    yield server
    server.stop()


@pytest.fixture
def wordpress(mariadb):
    """The URL of a fresh database that holds the site."""
    from wordpress_kit import fill_database

    url = mariadb.new_database("wordpress")
    with mariadb.connect("wordpress") as link, link.cursor() as cursor:
        fill_database(cursor)
    return url
