import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from core.plugin_host import lifecycle
from core.testing.fixtures import make_app, opened

LAB = Path(__file__).parent / "lab"


@pytest.fixture
def lab(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """A site whose only plugin is `job_lab`, enabled; its app context is pushed."""
    app = make_app(tmp_path, database_url, plugin_folders=(LAB,))
    with opened(app):
        lifecycle.enable("job_lab")
        yield app


@pytest.fixture
def runs(lab: Flask) -> list:
    """What the lab's jobs did in this process."""
    found = importlib.import_module("plugins.job_lab.hooks").RUNS
    found.clear()
    return found
