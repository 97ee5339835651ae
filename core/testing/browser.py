"""A real browser for tests: headless Chromium whose pages notice what went wrong in them.

A conftest.py takes the fixtures by `from core.testing.browser import open_window, chromium`.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.config import ROOT
from core.testing.factories import PASSWORD
from core.testing.fixtures import require

CHROMIUM = os.environ.get("KAIIN_TEST_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PATIENCE_MS = 20_000
_TOUCHING = """() => {
  const rows = "details, li, dt, dd, .k-card-head";
  const shown = (part) => {
    const box = part.getBoundingClientRect(), style = getComputedStyle(part);
    return box.height > 1 && box.width > 1 && ["static", "relative"].includes(style.position);
  };
  // A flex box or a grid holds the margins of its parts.
  const below_in = (part) => {
    const style = getComputedStyle(part), last = part.lastElementChild;
    const holds = ["flex", "grid"].includes(style.display) && last;
    return parseFloat(style.paddingBottom) + (holds ? parseFloat(getComputedStyle(last).marginBottom) : 0);
  };
  const named = (part) => [part.localName, ...part.classList].join(".");
  const found = [];
  for (const holder of document.querySelectorAll("main, main .k-card-body:not(.is-flush)")) {
    const parts = [...holder.children].filter(shown);
    parts.slice(1).forEach((below, index) => {
      const above = parts[index];
      const first = above.getBoundingClientRect(), second = below.getBoundingClientRect();
      const isBelow = second.left < first.right && first.left < second.right && second.top > first.top;
      const inside = below_in(above) + parseFloat(getComputedStyle(below).paddingTop);
      const air = second.top - first.bottom + inside;
      const areRows = above.matches(rows) && below.matches(rows);
      if (isBelow && air < 4 && !areRows)
        found.push(`${named(above)} touches ${named(below)} in ${named(holder)}`);
    });
  }
  return [...new Set(found)];
}"""
_MISSING = "Failed to load resource"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser, started once for the run."""
    require(Path(CHROMIUM).is_file(), f"Chromium ({CHROMIUM})")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Chromium's own sandbox does not work as root, as which build servers run.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_window(chromium: Any) -> Iterator[Callable[..., Any]]:
    """`open_window(base_url, **options)` opens a page of somebody of their own: new cookies.

    At the end of the test, errors in a console, breaches of the content security policy and
    parts of a page that could not be loaded fail the test.
    """
    contexts: list[Any] = []
    complaints: list[str] = []

    def open_one(base_url: str, **options: Any) -> Any:
        context = chromium.new_context(
            base_url=base_url, **{"locale": "ja-JP", "timezone_id": "Asia/Tokyo", **options}
        )
        context.set_default_timeout(PATIENCE_MS)
        context.on("page", lambda page: _listen(page, complaints))
        contexts.append(context)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


def _listen(page: Any, complaints: list[str]) -> None:
    def console(message: Any) -> None:
        # A page that answers 403 or 422 is no fault; its parts are looked at by `response`.
        if message.type == "error" and not message.text.startswith(_MISSING):
            complaints.append(f"{page.url}: {message.text}")

    def response(answer: Any) -> None:
        if answer.status >= 400 and not answer.request.is_navigation_request():
            complaints.append(f"{page.url}: {answer.status} for {answer.url}")
        if answer.status >= 500:
            complaints.append(f"{answer.status} for {answer.url}")

    page.on("console", console)
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    page.on("response", response)


def log_in(page: Any, email: str, password: str = PASSWORD, target: str = "") -> None:
    """Log in as people do."""
    page.goto(f"/login?next={target}" if target else "/login")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/login" not in url)


def axe_violations(page: Any, *, only: tuple[str, ...] = (), ignore: tuple[str, ...] = ()) -> list[str]:
    """Return what axe-core finds serious or critical on the page, one line a place.

    `only` names the rules to ask, all by default. The window must have been opened with `bypass_csp=True`.
    """
    require(AXE.is_file(), "axe-core (npm ci)")
    page.add_script_tag(path=str(AXE))
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if only:
        options["runOnly"] = {"type": "rule", "values": list(only)}
    found = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{page.url} {rule['id']}: {' '.join(node['target'])} {node['failureSummary']}".replace("\n", " ")
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical") and rule["id"] not in ignore
        for node in rule["nodes"]
    ]


def touching_parts(page: Any) -> list[str]:
    """Return which parts of the admin's cards, and of its page, stand below each other without any air."""
    return [f"{page.url} {one}" for one in page.evaluate(_TOUCHING)]
