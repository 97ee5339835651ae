"""A member's whole way, from registering to leaving, as one person walks it."""

import re
import time
from email import message_from_bytes, policy

import pytest

from core.testing.browser import log_in
from tests.browser.authenticator import add_authenticator
from tests.browser.registration import open_registration
from tests.journey_kit import NEW_PASSWORD
from tests.shop_kit import OWNER

pytestmark = pytest.mark.browser
VISITOR = "hana@visitor.example.jp"


def mails_to(site, address):
    read = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in site.mails()]
    return [mail for mail in read if mail["To"] == address]


def link_in_mail(site, address):
    """Return the path of the link in the newest mail, as soon as the worker has sent it."""
    for _try in range(100):
        for mail in reversed(mails_to(site, address)):
            return re.search(r"https?://[^/]+(/\S+)", mail.get_body(("plain",)).get_content())[1]
        time.sleep(0.2)
    raise AssertionError(f"no mail to {address}")


@pytest.fixture
def own_window(site, open_window):
    """`own_window()` opens a browser; passkeys belong to a name, not to a number."""
    return lambda: open_window(site.url.replace("127.0.0.1", "localhost"))


def fill_log_in(page):
    page.fill("input[name=email]", VISITOR)
    page.fill("input[name=password]", NEW_PASSWORD)
    page.press("input[name=password]", "Enter")


def test_register_confirm_log_in_add_a_passkey_end_another_device_and_leave(site, open_page, own_window):
    open_registration(open_page(OWNER))

    phone = own_window()
    phone.goto("/register")
    phone.fill("main input[name=email]", VISITOR)
    phone.fill("main input[name=family_name]", "検証")
    phone.fill("main input[name=given_name]", "花子")
    phone.check("main input[name^=agree_terms]")
    phone.click("main form[method=post] button[type=submit]")
    phone.wait_for_selector("text=メールをご確認ください")

    # The mail is opened on another device: what counts is the link and the button behind it.
    computer = own_window()
    computer.goto(link_in_mail(site, VISITOR))
    computer.fill("input[name=password]", NEW_PASSWORD)
    computer.fill("input[name=repeat]", NEW_PASSWORD)
    computer.click("main form[method=post] button[type=submit]")
    computer.wait_for_url("**/account")
    assert "検証 花子" in computer.inner_text("main")

    add_authenticator(phone)
    log_in(phone, VISITOR, NEW_PASSWORD)
    phone.goto("/account/security")
    phone.fill("form[data-passkey=create] input[name=name]", "わたしのスマートフォン")
    phone.click("form[data-passkey=create] button")
    recovery_code = phone.locator(".factor-codes li").first.inner_text()

    computer.goto("/account/devices")
    assert "/login" in computer.url, "a new factor ends what is logged in elsewhere"
    fill_log_in(computer)
    computer.wait_for_url("**/login/second**")
    computer.click(".more-ways summary")
    computer.fill(".more-ways input[type=text]", recovery_code)
    computer.click(".more-ways button[type=submit]")
    computer.wait_for_url("**/account/devices")

    phone.goto("/account/devices")
    assert phone.locator(".device").count() == 2
    phone.click(".device:not(:has(.device-here)) button")
    phone.wait_for_function("document.querySelectorAll('.device').length === 1")
    computer.goto("/account")
    assert "/login" in computer.url, "the other device is logged out"

    phone.goto("/account/leave")
    phone.check("input[name=reason][value=unused]")
    phone.check("main input[type=checkbox]")
    phone.click("main form[method=post] button[type=submit]")
    phone.wait_for_selector("text=退会")
    phone.goto("/account")
    assert "/login" in phone.url
    fill_log_in(computer)
    computer.wait_for_selector("main form[method=post] button[type=submit]")
    assert "戻" in computer.inner_text("main"), "within the set time the way back is open"
