"""Each used-by line of the mission, in a real browser on real processes."""

import csv
import io
import re
import time

import pytest

from core.testing.factories import PASSWORD
from tests.shop_kit import OWNER, canary

pytestmark = pytest.mark.browser
SHOWS_FOCUS = """() => {
    const one = document.activeElement, style = getComputedStyle(one);
    return one === document.body || style.outlineStyle !== "none" || style.boxShadow !== "none";
}"""
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
    owner.click("main a:text('検証 一郎')")
    assert "お問い合わせ" in owner.inner_text("main"), "the timeline tells of the form"


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
    owner.goto("/admin/plugins")
    owner.click("#plugin-member_tiers .k-switch")
    owner.click("main form .btn-danger")
    owner.wait_for_url("**/admin/plugins**")
    try:
        assert sees() == {False}
    finally:
        owner.click("form[action*='member_tiers/enable'] button")
        owner.wait_for_load_state()
    assert sees() == {True}


@pytest.mark.parametrize(("encoding", "mark"), [("utf-8-sig", b"\xef\xbb\xbf"), ("cp932", b"")])
def test_the_owner_downloads_the_customers_as_csv(open_page, encoding, mark):
    owner = open_page(OWNER)
    owner.goto("/admin/exports/?export=customers")
    owner.check(f"[name=encoding][value='{encoding}']")
    owner.select_option("[name=purpose]", index=1)
    with owner.expect_download() as download:
        owner.click(".ce-bar [data-download]")
    data = download.value.path().read_bytes()
    assert data.startswith(mark)
    rows = list(csv.reader(io.StringIO(data.decode(encoding))))
    assert any(GOLD in row for row in rows)


def test_a_member_logs_in_with_the_keyboard_alone(open_page):
    page = open_page()
    page.goto("/login")
    for _step in range(40):
        if page.evaluate("document.activeElement.name") == "email":
            break
        page.keyboard.press("Tab")
        assert page.evaluate(SHOWS_FOCUS), page.evaluate("document.activeElement.outerHTML")
    page.keyboard.type(GOLD)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/account")
    shown = page.inner_text("main")
    assert "ゴールド" in shown
    assert "200" in shown


def test_a_member_unlocks_a_page_and_a_double_click_costs_once(open_page):
    page = open_page(FREE)
    page.goto("/unlock-50")
    assert canary("unlock") not in page.content()
    page.click("main a[href*='/member-tiers/unlock/']")
    page.dblclick("main button[name=confirm]")
    page.wait_for_url("**/unlock-50")
    assert canary("unlock") in page.inner_text("main")
    page.goto("/account")
    assert "10" in page.inner_text("main")


def test_the_owner_writes_a_page_with_a_tag_in_the_editor(open_page):
    owner = open_page(OWNER)
    owner.goto("/admin/pages/new")
    owner.fill("[name=title]", "秋の茶会")
    owner.fill("[name=slug]", "autumn")
    owner.click(".CodeMirror")
    owner.keyboard.insert_text("ご案内です。\n\n[members_only]会員の席があります。[/members_only]")
    owner.check("[name=status][value=published]")
    owner.click(".k-form-actions .btn-primary")
    owner.wait_for_url(re.compile(r"/admin/pages/\d+$"))
    guest, member = open_page(), open_page(FREE)
    guest.goto("/autumn")
    member.goto("/autumn")
    assert "会員の席" not in guest.content()
    assert "会員の席" in member.inner_text("main")


def test_the_customers_can_be_paged_without_javascript(open_page):
    owner = open_page(OWNER, java_script_enabled=False)
    owner.goto("/admin/customers/?size=25")
    names = set(owner.locator("main tbody tr").all_inner_texts())
    owner.click("main a[rel=next]")
    more = set(owner.locator("main tbody tr").all_inner_texts())
    assert len(names) == 25
    assert more
    assert not names & more


@pytest.mark.parametrize("path", ["/", "/contact", "/gold", "/admin/", "/admin/customers/", "/admin/plugins"])
def test_nothing_is_wider_than_a_phone(open_page, path):
    page = open_page(OWNER, viewport={"width": 390, "height": 844})
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 391


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
