import pytest

from core.config import ROOT
from core.plugin_host import lifecycle
from core.testing.fixtures import SAMPLE_PLUGINS, Client, make_app, opened


@pytest.fixture
def sample(database_url, tmp_path):
    """A site with the well-behaved sample plugin enabled."""
    app = make_app(tmp_path, database_url, plugin_folders=(ROOT / "plugins", SAMPLE_PLUGINS))
    app.test_client_class = Client
    with opened(app):
        lifecycle.enable("sample_good")
        yield app
