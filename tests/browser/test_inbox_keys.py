"""The inbox by keyboard, in a real browser under the strict content security policy."""

import pytest

from tests.shop_kit import OWNER

pytestmark = pytest.mark.browser


def send(page, name):
    page.goto("/forms/contact")
    page.wait_for_timeout(3200)
    page.fill("main form [name=name]", name)
    page.fill("main form [name=email]", f"{len(name)}@example.jp")
    page.fill("main form [name=message]", "在庫はありますか。")
    for box in page.locator("main form input[type=checkbox]").all():
        box.check()
    page.click("main form button[type=submit]")
    page.wait_for_url("**/thanks**")


def test_messages_are_walked_chosen_finished_and_answered_by_keys(open_page):
    visitor = open_page()
    for name in ("山田", "鈴木 花"):
        send(visitor, name)
    owner = open_page(OWNER)
    owner.goto("/admin/forms/inbox")
    owner.keyboard.press("j")
    first = owner.evaluate("document.activeElement.href")
    owner.keyboard.press("j")
    assert owner.evaluate("document.activeElement.href") != first
    owner.keyboard.press("k")
    assert owner.evaluate("document.activeElement.href") == first
    assert owner.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    owner.keyboard.press("x")
    assert owner.locator('input[name="ids"]:checked').count() == 1
    owner.keyboard.press("e")
    owner.wait_for_url("**view=inbox")
    assert owner.locator("td.k-cell-status", has_text="完了").count() == 1
    owner.keyboard.press("?")
    assert owner.locator("dialog[open] kbd").count() == 7
    owner.keyboard.press("Escape")
    owner.goto(first)
    owner.keyboard.press("r")
    assert owner.evaluate("document.activeElement.name") == "body"
    owner.keyboard.type("jke")
    assert owner.input_value("#reply textarea") == "jke"
