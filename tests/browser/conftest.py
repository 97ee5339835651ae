from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.testing.factories import PASSWORD
from core.testing.fixtures import require
from tests.live_site import LiveSite, live_site

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """The small shop, served by real processes."""
    require(CHROMIUM.exists(), "Chromium (apt-get install chromium)")
    with live_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture(scope="session")
def chromium(site: LiveSite):
    """Headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM))
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium, site: LiveSite) -> Iterator[Callable]:
    """`open_page()` opens a browser of its own; `open_page(email)` one that is logged in.

    The test fails when a page logged an error or broke its content policy.
    """
    problems: list[str] = []
    contexts = []

    def open_browser(email: str | None = None, **options):
        context = chromium.new_context(base_url=site.url, locale="ja-JP", timezone_id="Asia/Tokyo", **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        if email is not None:
            page.goto("/login")
            page.fill("input[type=email]", email)
            page.fill("input[type=password]", PASSWORD)
            page.press("input[type=password]", "Enter")
            page.wait_for_url(lambda url: "/login" not in url)
        return page

    yield open_browser
    for context in contexts:
        context.close()
    # A closed page answers 403 and wrong input 422; the browser reports both as errors.
    expected = ("status of 403", "status of 404", "status of 422")
    assert [p for p in problems if not any(e in p for e in expected)] == []
