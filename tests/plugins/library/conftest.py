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


@pytest.fixture
def browse(new_client: Callable[[], Any], login: Callable[..., Any]) -> Callable[..., Any]:
    """Opens another browser, logged in as an account or as a guest."""

    def browser_of(account: Any = None) -> Any:
        browser = new_client()
        if account is not None:
            login(browser, account)
        return browser

    return browser_of
