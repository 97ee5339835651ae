"""A site with the library."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def library(app: Any, enable_plugins: Callable[..., None]) -> Any:
    """The plugin is enabled."""
    enable_plugins("library")
    return app
