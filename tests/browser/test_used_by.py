"""Each used-by line of the mission, in a real browser on real processes."""

import csv
import io
import time

import pytest

from core.config import ROOT
from core.testing.fixtures import require
from tests.shop_kit import OWNER, canary

pytestmark = pytest.mark.browser
GOLD, FREE = "gold@member.example.jp", "free@member.example.jp"


def fill_form(page, email):
    page.goto("/contact")
    page.fill("input[name=name]", "検証 一郎")
    page.fill("input[name=email]", email)
    page.fill("textarea[name=message]", "金継ぎの相談をしたいです。")


def test_a_visitors_message_lands_as_a_lead_that_the_owner_sees(open_page):
    visitor = open_page()
    fill_form(visitor, "lead@visitor.example.jp")
    visitor.check("input[name=consent]")
    visitor.click("main form button[type=submit]")
    visitor.wait_for_url("**/thanks**")
    owner = open_page(OWNER)
    for _try in range(60):
        owner.goto("/admin/customers/?q=lead@visitor.example.jp")
        if "検証 一郎" in owner.inner_text("main"):
            break
        time.sleep(0.5)
    assert "検証 一郎" in owner.inner_text("main")


def test_wrong_answers_come_back_with_messages_and_everything_typed(open_page):
    visitor = open_page()
    fill_form(visitor, "not an address")
    visitor.eval_on_selector("main form[method=post]", "form => form.noValidate = true")
    visitor.click("main form button[type=submit]")
    visitor.wait_for_selector("[aria-invalid=true]")
    assert visitor.input_value("input[name=email]") == "not an address"
    assert visitor.input_value("textarea[name=message]") == "金継ぎの相談をしたいです。"


def test_the_form_works_without_javascript(open_page):
    visitor = open_page(java_script_enabled=False)
    fill_form(visitor, "plain@visitor.example.jp")
    visitor.check("input[name=consent]")
    visitor.click("main form button[type=submit]")
    visitor.wait_for_url("**/thanks**")


def test_a_member_sees_what_the_tier_opens_and_another_does_not(open_page):
    gold, free = open_page(GOLD), open_page(FREE)
    gold.goto("/gold")
    free.goto("/gold")
    assert canary("gold") in gold.content()
    assert canary("gold") not in free.content()


def test_switching_a_plugin_off_hides_the_text_from_the_next_request_everywhere(open_page):
    gold, owner = open_page(GOLD), open_page(OWNER)

    def sees():
        # Several requests, so that both web processes answer.
        found = set()
        for _time in range(8):
            gold.goto("/gold")
            found.add(canary("gold") in gold.content())
        return found

    assert sees() == {True}
    owner.goto("/admin/plugins/member_tiers/disable")
    owner.click("main form button")
    owner.wait_for_url("**/admin/plugins**")
    try:
        assert sees() == {False}
    finally:
        owner.click("form[action*='member_tiers/enable'] button")
        owner.wait_for_load_state()
    assert sees() == {True}


def test_the_owner_downloads_the_customers_as_csv(open_page):
    owner = open_page(OWNER)
    owner.goto("/admin/customers/")
    answer = owner.request.get("/admin/customers/?format=csv")
    rows = list(csv.reader(io.StringIO(answer.body().decode("utf-8-sig"))))
    assert answer.headers["content-type"].startswith("text/csv")
    assert len(rows) > 4


def test_the_theme_switches_at_once_and_shows_the_same_page(open_page):
    guest, owner = open_page(), open_page(OWNER)
    owner.goto("/admin/themes")
    owner.click("form[action*='shotengai/activate'] button")
    owner.wait_for_load_state()
    guest.goto("/welcome")
    try:
        assert "/static/themes/shotengai/" in guest.content()
        assert "はじめての方へ" in guest.inner_text("main")
    finally:
        owner.goto("/admin/themes")
        owner.click("form[action*='default/activate'] button")
        owner.wait_for_load_state()
    guest.goto("/welcome")
    assert "/static/themes/default/" in guest.content()


@pytest.mark.parametrize(
    ("who", "path"),
    [
        (None, "/"),
        (None, "/login"),
        (None, "/contact"),
        (None, "/gold"),
        (GOLD, "/account"),
        (OWNER, "/admin/"),
        (OWNER, "/admin/customers/"),
        (OWNER, "/admin/plugins"),
        (OWNER, "/admin/themes"),
        (OWNER, "/admin/pages"),
        (OWNER, "/admin/forms/"),
    ],
)
def test_no_serious_barrier_on(open_page, who, path):
    axe = ROOT / "node_modules" / "axe-core" / "axe.min.js"
    require(axe.exists(), "axe-core (make setup)")
    page = open_page(who, bypass_csp=True)
    page.goto(path, wait_until="networkidle")
    page.add_script_tag(path=str(axe))
    found = page.evaluate("axe.run().then(result => result.violations)")
    serious = [
        (v["id"], [n["target"] for n in v["nodes"]][:3])
        for v in found
        if v["impact"] in ("serious", "critical")
    ]
    assert serious == []
