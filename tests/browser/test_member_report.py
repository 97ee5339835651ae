"""The report on members draws its figures; without a script they stand in the table all the same."""

import pytest

from tests.shop_kit import OWNER

pytestmark = pytest.mark.browser

PATH = "/admin/member-tiers/report"
# Points of the canvas that are not empty, and the figures that the chart was given.
DRAWN = """() => {
  const box = document.querySelector("[data-report-chart]"), canvas = box.querySelector("canvas");
  const chart = window.echarts.getInstanceByDom(box);
  const dots = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  return {
    dots: dots.filter((value, index) => index % 4 === 3 && value > 0).length,
    months: chart.getOption().xAxis[0].data,
    series: chart.getOption().series.map((one) => [one.name, one.type, one.data]),
  };
}"""
TABLE = """() => [...document.querySelectorAll("[data-report-table] tbody tr")]
  .map((row) => [...row.children].map((cell) => cell.innerText.trim()))"""


@pytest.mark.parametrize("width", [1280, 390])
def test_the_chart_shows_the_figures_of_the_table(open_page, width):
    page = open_page(OWNER, viewport={"width": width, "height": 800})
    page.goto(PATH)
    page.wait_for_selector("[data-report-chart] canvas")
    drawn, rows = page.evaluate(DRAWN), page.evaluate(TABLE)
    assert drawn["dots"] > 1000
    assert drawn["months"] == [row[0] for row in rows]
    assert len(rows) == 12
    assert [(kind, len(data)) for _name, kind, data in drawn["series"]] == [
        ("bar", 12),
        ("bar", 12),
        ("line", 12),
    ]
    told = [[int(row[place]) for row in rows] for place in (1, 2, 3)]
    assert [data for _name, _kind, data in drawn["series"]] == told
    assert told[2][-1] > 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_without_scripts_the_table_says_it(open_page):
    page = open_page(OWNER, java_script_enabled=False)
    page.goto(PATH)
    assert page.is_hidden("[data-report-chart]")
    assert page.locator("[data-report-table] tbody tr").count() == 12
