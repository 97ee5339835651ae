"""From an empty builder to an answer by mail: owner, visitor on a phone, staff, in a real browser."""

import re
from functools import partial

import pytest

from tests.shop_kit import OWNER

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def add(owner, kind, label, *, required=False):
    owner.click(f"[data-add={kind}]")
    card = owner.locator("[data-field]").last
    card.locator("[name$='-label']").fill(label)
    if required:
        card.locator("[name$='-required']").check()
    return card


def build_form(owner, slug):
    """Make a form from nothing, with a file and the confirmation."""
    owner.goto("/admin/forms/new")
    owner.fill("[name=title]", "修理のご相談")
    owner.fill("[name=slug]", slug)
    owner.check("[name=starter][value=short]")
    owner.click("main form button.btn-primary")
    owner.wait_for_selector("[data-builder]")
    for _question in range(3):
        owner.locator("[data-field] [data-verb=delete]").first.click()
    name = add(owner, "text", "お名前", required=True)
    name.locator("details:has([name$='-saves_as']) > summary").last.click()
    name.locator("[name$='-saves_as']").select_option("name")
    add(owner, "email", "メールアドレス", required=True)
    add(owner, "textarea", "ご相談の内容", required=True)
    add(owner, "file", "写真")
    owner.check("[name=confirm]")
    owner.locator("button[value=save]:visible").first.click()
    owner.wait_for_selector(".k-messages :text('保存しました')")


def fill_in(visitor, slug, tmp_path, email):
    visitor.goto(f"/forms/{slug}")
    visitor.fill("[name=お名前]", "検証 花子")
    visitor.fill("[name=メールアドレス]", email)
    visitor.fill("[name=ご相談の内容]", "急須のふたが割れました。\n直せますか。")
    photo = tmp_path / "急須.png"
    photo.write_bytes(PNG)
    visitor.set_input_files("[type=file]", str(photo))


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63606060f80f00010401"
    "005fe5c34b0000000049454e44ae426082"
)


def test_an_owner_builds_a_form_a_visitor_on_a_phone_sends_it_and_staff_answers(open_page, site, tmp_path):
    owner = open_page(OWNER)
    build_form(owner, "repair")
    visitor = open_page(**PHONE)
    fill_in(visitor, "repair", tmp_path, "hanako@visitor.example.jp")
    assert visitor.locator(".form-stage[aria-current=step]").inner_text().endswith("入力")

    visitor.click("text=入力内容を確認する")
    title = visitor.locator(".form-confirm-title")
    title.wait_for()
    assert visitor.evaluate("document.activeElement.className") == "form-confirm-title"
    assert visitor.title().startswith("入力内容をご確認ください")
    answers = visitor.locator(".form-answers").inner_text()
    for text in ("検証 花子", "hanako@visitor.example.jp", "直せますか。", "急須.png"):
        assert text in answers

    # Correcting leads back to the very same page, with everything in it.
    visitor.click("text=修正する")
    title.wait_for(state="hidden")
    assert visitor.input_value("[name=お名前]") == "検証 花子"
    visitor.fill("[name=お名前]", "検証 はな子")
    visitor.click("text=入力内容を確認する")
    title.wait_for()
    assert "検証 はな子" in visitor.locator(".form-answers").inner_text()
    visitor.go_back()
    title.wait_for(state="hidden")
    visitor.go_forward()
    title.wait_for()
    visitor.dblclick("text=送信する")
    visitor.wait_for_url("**/thanks**")
    receipt = re.search(r"\d{4}-\d{5}", visitor.locator(".facts").inner_text())[0]

    owner.goto("/admin/forms/inbox")
    row = owner.locator("tbody tr", has_text="検証 はな子")
    assert row.count() == 1
    row.locator("a").first.click()
    owner.wait_for_selector(f"text={receipt}")
    assert owner.locator("text=急須.png").count() >= 1
    reply = owner.locator("form[action$='#reply']")
    reply.locator("textarea").fill("はい、お直しできます。写真をありがとうございました。")
    reply.locator("button.btn-primary").click()
    owner.wait_for_selector(".k-messages")
    for _try in range(100):
        sent = [mail for mail in site.mails() if b"hanako@visitor" in mail.read_bytes()]
        if sent:
            break
        owner.wait_for_timeout(200)
    assert sent


def fail(status, route):
    """Answer with a status, or not at all."""
    if status:
        route.fulfill(status=status, body="")
    else:
        route.abort()


def test_a_failed_sending_says_why_keeps_all_and_sends_once(chromium, open_page, site, tmp_path):
    owner = open_page(OWNER)
    build_form(owner, "fails")
    # Failed requests are complaints of the console; here they are what is tried.
    context = chromium.new_context(base_url=site.url, locale="ja-JP", **PHONE)
    visitor = context.new_page()
    fill_in(visitor, "fails", tmp_path, "fails@visitor.example.jp")
    visitor.click("text=入力内容を確認する")
    visitor.wait_for_selector(".form-confirm-title")

    failures = {
        "サイト側で問題が起きました": 500,
        "サイズが大きすぎて": 413,
        "お使いのネットワーク": 429,
        "サイトにつながらず": None,
    }
    for words, status in failures.items():
        visitor.route("**/confirmed", partial(fail, status))
        visitor.click("text=送信する")
        problem = visitor.locator(".form-problem")
        problem.wait_for()
        assert problem.get_attribute("role") == "alert"
        visitor.unroute("**/confirmed")
        assert words in problem.inner_text()
        assert visitor.locator("[value=send]").is_enabled()
        assert visitor.locator("[value=send]").inner_text() == "送信する"

    # The answer is lost on its way, not the message: the second sending is the same one.
    visitor.route("**/confirmed", lambda route: (route.fetch(), route.abort()))
    visitor.click("text=送信する")
    visitor.wait_for_selector(".form-problem:has-text('二重に届くことはありません')")
    visitor.unroute("**/confirmed")
    visitor.click("text=送信する")
    visitor.wait_for_url("**/thanks**")
    # A job makes messages searchable; until then there is no row, and never a second one.
    for _try in range(100):
        owner.goto("/admin/forms/inbox?q=fails@visitor.example.jp")
        if owner.locator("tbody tr").count():
            break
        owner.wait_for_timeout(200)
    assert owner.locator("tbody tr").count() == 1
    context.close()
