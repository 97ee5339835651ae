from pathlib import Path

import pytest
from flask import Flask

from tests.defences.switchboard import Site


@pytest.fixture
def site(app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Site:
    """A fresh site to attack."""
    return Site(app, monkeypatch, tmp_path)
