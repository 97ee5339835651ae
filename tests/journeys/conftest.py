from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from core.testing.fixtures import Client, closing_connections, make_app
from tests.shop_kit import Shop, open_shop


@pytest.fixture
def shop(app: Flask) -> Shop:
    """The small shop, open on the fresh site."""
    return open_shop()


@pytest.fixture
def visit(new_client: Callable[[], Client], login: Callable[..., Any]) -> Callable[..., Client]:
    """`visit()` opens a browser, `visit(email)` one that is logged in."""

    def open_browser(email: str | None = None) -> Client:
        client = new_client()
        if email is not None:
            login(client, email)
        return client

    return open_browser


@pytest.fixture
def elsewhere(app: Flask, database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """Another process of the same site: an app of its own on the same database."""
    other = make_app(tmp_path, database_url)
    other.test_client_class = Client
    with closing_connections(other):
        yield other
