import pytest

from core.config import ROOT
from core.db import db
from core.plugin_host import lifecycle
from core.plugin_host.snapshot import use_current_snapshot
from core.testing.fixtures import SAMPLE_PLUGINS, Client, make_app


@pytest.fixture
def sample(database_url, tmp_path):
    """A site with the well-behaved sample plugin enabled."""
    app = make_app(tmp_path, database_url, plugin_folders=(ROOT / "plugins", SAMPLE_PLUGINS))
    app.test_client_class = Client
    with app.app_context():
        use_current_snapshot()
        lifecycle.enable("sample_good")
        yield app
        db.session.remove()
        db.engine.dispose()
