"""Who may see and send a form: everyone, members, or those whom a named rule lets in."""

from typing import Any

import pytest

from core.content.services import save_page
from core.db import transaction
from core.testing.factories import make_account, make_customer, make_staff
from plugins.contact_forms.models import Form
from plugins.contact_forms.pipeline.handling import save_readers
from tests.plugins.contact_forms.forms_kit import (
    ANSWERS,
    NO_LIMITS,
    PATIENT,
    make_form,
    set_limits,
    submissions,
)

QUESTION = "ご来店日"


@pytest.fixture
def form(app: Any, enable_plugins: Any) -> Any:
    enable_plugins("contact_forms", "member_tiers")
    set_limits(**PATIENT, **NO_LIMITS)
    made = make_form()
    with transaction():
        save_page(
            {"slug": "ask", "title": "Ask", "body": '[contact_form slug="contact"]', "status": "published"}
        )
    return made


def let_in(form: Any, readers: str) -> None:
    from core.db import db

    with transaction():
        save_readers(db.session.get(Form, form.id), readers, by=None)


def tokyo_rule() -> None:
    from plugins.member_tiers.rules.services import save_rule

    rule = {"field": "prefecture", "op": "eq", "value": "13"}
    with transaction():
        save_rule({"key": "tokyo", "title": "東京の会員", "condition": rule})


def reached(client: Any) -> tuple[int, int, bool]:
    """Return how the form answers at its address, to what is sent, and whether a page shows it."""
    shown = client.get("/forms/contact").status_code
    sent = client.post("/forms/contact", data=ANSWERS).status_code
    return shown, sent, QUESTION in client.get("/ask").text


@pytest.mark.parametrize("readers", ["members", "rule:tokyo", "rule:gone"])
def test_a_form_is_as_if_it_did_not_exist_for_whom_it_is_not(
    readers, form, client, new_client, login
) -> None:
    tokyo_rule()
    let_in(form, readers)
    assert reached(client) == (404, 404, False)
    assert len(submissions()) == 0
    for path in ("/forms/contact/schema", "/forms/contact/token", "/forms/contact/thanks"):
        assert client.get(path).status_code == 404
    who = {"13": new_client(), "27": new_client()}
    for prefecture, browser in who.items():
        login(browser, make_account("Member", customer=make_customer(prefecture=prefecture)))
    sees = {code: QUESTION in browser.get("/ask").text for code, browser in who.items()}
    assert sees == {"13": readers != "rule:gone", "27": readers == "members"}


def test_what_a_member_was_shown_is_kept_for_nobody_else(form, client, login) -> None:
    let_in(form, "members")
    login(client, make_account("Member"))
    for path in ("/ask", "/forms/contact", "/forms/contact/schema"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "private, no-store"


def test_the_screen_offers_the_named_rules(form, client, login) -> None:
    tokyo_rule()
    login(client, make_staff("contact_forms.forms.edit"))
    address = f"/admin/forms/{form.id}/readers"
    assert "東京の会員" in client.get(address).text
    assert client.post(address, data={"readers": "rule:nothing"}).status_code == 422
    assert client.post(address, data={"readers": "rule:tokyo"}).status_code == 303
    assert '<option selected value="rule:tokyo">' in client.get(address).text
