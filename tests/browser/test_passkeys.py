"""Passkeys in a real browser, with the authenticator that Chromium imitates."""

import pytest

from core.testing.browser import log_in
from core.testing.factories import PASSWORD
from tests.browser.authenticator import add_authenticator

pytestmark = pytest.mark.browser
MEMBER = "free@member.example.jp"
STOPPED = """() => {
    navigator.credentials.get = () => Promise.reject(new DOMException("", "NotAllowedError"));
}"""


@pytest.fixture
def page(site, open_window):
    """A browser with an authenticator; browsers offer passkeys to a name, not to a number."""
    page = open_window(site.url.replace("127.0.0.1", "localhost"))
    add_authenticator(page)
    return page


def test_a_member_adds_a_passkey_and_logs_in_with_it(page):
    log_in(page, MEMBER)
    page.goto("/account/security")
    page.fill("form[data-passkey=create] input[name=name]", "わたしのスマートフォン")
    page.click("form[data-passkey=create] button")
    page.wait_for_selector(".factor-codes")
    assert page.locator(".factor-codes li").count() == 10
    with page.expect_download() as download:
        page.click("a[download]")
    assert download.value.suggested_filename == "recovery-codes.txt"
    page.goto("/account/security")
    assert "わたしのスマートフォン" in page.inner_text("main")

    page.context.clear_cookies()
    page.goto("/login?next=/account/security")
    page.click("form[data-passkey=get] button")
    page.wait_for_url(lambda url: "/login" not in url)
    assert "わたしのスマートフォン" in page.inner_text("main")

    page.context.clear_cookies()
    page.goto("/login")
    page.fill("input[name=email]", MEMBER)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/login/second")
    page.click("form[data-passkey=get] button")
    page.wait_for_url("**/account")

    page.goto("/account/security")
    page.click(".factor-list details summary")
    page.click(".factor-list .button-danger")
    page.wait_for_selector("#factor-passkeys")
    assert page.locator(".factor-list li").count() == 0


def test_who_stops_the_browsers_question_reads_what_to_do(page):
    page.goto("/login")
    page.evaluate(STOPPED)
    page.click("form[data-passkey=get] button")
    page.wait_for_selector(".passkey-problem:visible")
    assert page.locator("form[data-passkey=get] button").is_enabled()
