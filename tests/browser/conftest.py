from collections.abc import Callable, Iterator
from typing import Any

import pytest

from core.testing.browser import chromium, log_in, open_window
from tests.live_site import LiveSite, live_site

__all__ = ["chromium", "open_window"]


@pytest.fixture(scope="session")
def site(
    chromium: Any, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveSite]:
    """The small shop, served by real processes; one for all browser tests."""
    with live_site(tmp_path_factory.mktemp("site"), template_database) as running:
        yield running


@pytest.fixture(scope="session")
def log_ins() -> dict[str, Any]:
    """The cookies of people who have logged in; nobody may do that as often as there are tests."""
    return {}


@pytest.fixture
def open_page(site: LiveSite, open_window: Callable[..., Any], log_ins: dict[str, Any]) -> Callable[..., Any]:
    """`open_page()` opens a browser of its own; `open_page(email)` one that is logged in."""

    def open_browser(email: str | None = None, **options: Any) -> Any:
        if email is not None and email not in log_ins:
            page = open_window(site.url)
            log_in(page, email)
            log_ins[email] = page.context.storage_state()
        return open_window(site.url, storage_state=log_ins.get(email), **options)

    return open_browser
