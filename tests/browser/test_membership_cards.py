"""On a telephone a row of the memberships is a card with both days and both badges."""

import pytest

from tests.shop_kit import OWNER

pytestmark = pytest.mark.browser

SHOWN = """() => {
  const day = document.querySelector(".k-list tbody td.k-cell-ends_on:not(.is-empty)");
  const cells = [...day.closest("tr").querySelectorAll("td[data-title]")];
  return cells.filter((cell) => cell.getBoundingClientRect().height > 0).map((cell) => cell.classList[0]);
}"""


def test_a_card_shows_both_days_tier_and_state(open_page):
    page = open_page(OWNER, viewport={"width": 390, "height": 844})
    page.goto("/admin/member-tiers/memberships?view=all")
    columns = ["tier", "starts_on", "ends_on", "status"]
    assert page.evaluate(SHOWN) == [f"k-cell-{name}" for name in columns]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
