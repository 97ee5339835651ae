import pytest

from core.config import ROOT
from core.db import db
from core.plugin_host.snapshot import use_current_snapshot
from core.testing.fixtures import SAMPLE_PLUGINS, Client, make_app


@pytest.fixture
def sample_app(database_url, tmp_path):
    """A site on which the misbehaving sample plugins are installed, too."""
    app = make_app(tmp_path, database_url, plugin_folders=(ROOT / "plugins", SAMPLE_PLUGINS))
    app.test_client_class = Client
    with app.app_context():
        use_current_snapshot()
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def second_process(database_url, tmp_path):
    """Another app on the same database, as a second worker process would hold it."""
    app = make_app(tmp_path, database_url, plugin_folders=(ROOT / "plugins", SAMPLE_PLUGINS))
    app.test_client_class = Client
    yield app
    with app.app_context():
        db.engine.dispose()
