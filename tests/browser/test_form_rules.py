import json
from pathlib import Path

import pytest

from plugins.contact_forms.definition.schema import schema_of
from tests.plugins.contact_forms.schema_kit import vectors
from tests.shop_kit import OWNER

pytestmark = pytest.mark.browser
SCRIPT = Path("plugins/contact_forms/static/schema.js").resolve()


def test_the_browser_judges_the_shared_vectors_as_the_server_does(chromium):
    page = chromium.new_page()
    page.add_script_tag(path=str(SCRIPT))
    wrong = []
    for definition, today, cases in vectors():
        told = page.evaluate(
            """([schema, cases, today]) => cases.map(([given]) =>
                 window.kaiinFormSchema.check(schema, given, today).problems)""",
            [json.loads(json.dumps(schema_of(definition).as_json())), cases, today],
        )
        for (given, codes), problems in zip(cases, told, strict=True):
            if {key: problem["code"] for key, problem in problems.items()} != codes:
                wrong.append((given, codes, problems))
    page.close()
    assert not wrong


def new_form(owner, slug):
    """Make a form in the builder: two steps, and a question that one answer asks for."""
    owner.goto("/admin/forms/new")
    owner.fill("[name=title]", "器のご相談")
    owner.fill("[name=slug]", slug)
    owner.check("[name=starter][value=short]")
    owner.click("main form button.btn-primary")
    owner.wait_for_selector("[data-builder]")
    owner.click("[data-add=radio]")
    card = owner.locator("[data-field]").last
    card.locator("[name$='-label']").fill("ご用件")
    card.locator("[name$='-choices']").fill("ご質問\nお見積り")
    owner.click("[data-add=step]")
    owner.locator("[data-field]").last.locator("[name$='-label']").fill("お見積り")
    owner.click("[data-add=number]")
    card = owner.locator("[data-field]").last
    card.locator("[name$='-label']").fill("ご予算")
    card.locator("[name$='-required']").check()
    card.locator("details.cf-more summary").first.click()
    card.locator("[name$='-show_1_field']").select_option(label="ご用件")
    card.locator("[name$='-show_1_value']").fill("お見積り")
    owner.locator("button[value=save]:visible").first.click()
    owner.wait_for_selector(".k-messages :text('保存しました')")


def test_a_form_built_in_the_builder_leads_its_visitor_step_by_step(open_page):
    new_form(open_page(OWNER), "walk")
    visitor = open_page()
    visitor.goto("/forms/walk")
    onward = visitor.locator(".form-steps button:visible").last
    onward.click()
    visitor.wait_for_selector(".field-error")
    assert visitor.evaluate("document.activeElement.name") == "name"
    visitor.fill("[name=name]", "検証 一郎")
    visitor.fill("[name=email]", "not an address")
    visitor.fill("[name=message]", "ご相談です。")
    visitor.check("[value=お見積り]")
    onward.click()
    assert "name@example.jp のような形で" in visitor.locator(".field-error").inner_text()
    visitor.fill("[name=email]", "walk@visitor.example.jp")
    assert visitor.locator(".field-error").count() == 0
    onward.click()
    budget = visitor.locator("[name=ご予算]")
    budget.wait_for(state="visible")
    visitor.locator(".form-steps button:visible").first.click()
    # A step of which nothing is asked is passed over.
    visitor.check("[value=ご質問]")
    budget.wait_for(state="hidden")
    visitor.wait_for_selector(".form-progress :text('1 / 1')")
    visitor.click("main form button[type=submit]:visible")
    visitor.wait_for_url("**/thanks**")
