"""A full disk: no false acknowledgement, the pages still open, and all is well when there is room again."""

import resource
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from core.plugin_host import lifecycle
from core.testing.databases import finish_template
from core.testing.fixtures import closing_connections, make_app
from tests.faults.books import read_books
from tests.faults.visitors import Visitor
from tests.live_site import live_site

pytestmark = pytest.mark.faults
ROOM = 300_000
# Python takes a half written bytecode file for a whole one, and the servers of all tests share them.
NO_BYTECODE = {"PYTHONDONTWRITEBYTECODE": "1"}
MOST = 400


@pytest.fixture
def sqlite_template(tmp_path: Path) -> str:
    """An empty site on SQLite, whatever the suite runs on: the files of a server are not ours to fill."""
    folder = tmp_path / "template"
    folder.mkdir()
    url = f"sqlite:///{folder / 'kaiin.sqlite3'}"
    app = make_app(folder, url)
    with closing_connections(app), app.app_context():
        lifecycle.upgrade_all()
    finish_template(url)
    return url


def limit_files(site, size):
    """Let no file of the server's processes grow beyond a size, as a full disk would."""
    for pid in site.server.processes():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def test_a_full_disk_refuses_honestly_and_recovers(tmp_path, sqlite_template):
    folder = tmp_path / "site"
    folder.mkdir()
    with live_site(folder, sqlite_template, workers=1, environment=NO_BYTECODE) as site:
        database = Path(make_url(site.database_url).database)
        visitor = Visitor(site.url)
        acknowledged = {}
        log = Path(f"{database}-wal")
        limit_files(site, (log.stat().st_size if log.exists() else 0) + ROOM)
        for _number in range(MOST):
            filled = visitor.fill_in()
            answer = visitor.send(filled)
            if answer.receipt is None:
                break
            acknowledged[filled["message"]] = answer.receipt
        assert acknowledged, "there was room for some"
        assert answer.status == 503, answer
        assert visitor.get("/").status == 200, "reading goes on"
        assert visitor.send(visitor.fill_in()).receipt is None
        limit_files(site, resource.RLIM_INFINITY)
        late = visitor.fill_in()
        receipt = visitor.send(late).receipt
        assert receipt, "there is room again, and no restart was needed"
        acknowledged[late["message"]] = receipt
    kept = read_books(site.database_url).receipts
    assert {message: receipts[0] for message, receipts in kept.items()} == acknowledged
    assert all(len(receipts) == 1 for receipts in kept.values())
