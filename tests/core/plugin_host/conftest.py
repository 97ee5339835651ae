import pytest

from core.config import ROOT
from core.testing.fixtures import SAMPLE_PLUGINS, Client, closing_connections, make_app, opened


@pytest.fixture
def sample_app(database_url, tmp_path):
    """A site on which the misbehaving sample plugins are installed, too."""
    app = make_app(tmp_path, database_url, plugin_folders=(ROOT / "plugins", SAMPLE_PLUGINS))
    app.test_client_class = Client
    with opened(app):
        yield app


@pytest.fixture
def second_process(database_url, tmp_path):
    """Another app on the same database, as a second worker process would hold it."""
    app = make_app(tmp_path, database_url, plugin_folders=(ROOT / "plugins", SAMPLE_PLUGINS))
    app.test_client_class = Client
    with closing_connections(app):
        yield app
