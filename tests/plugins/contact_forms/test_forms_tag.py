from core.content.services import save_page
from core.db import transaction
from plugins.contact_forms.builder.building import set_state
from tests.plugins.contact_forms.forms_kit import ANSWERS, hidden_of, make_form, submissions

CODE = '[contact_form slug="contact"]'


def make_page(body):
    with transaction():
        values = {"slug": "toiawase", "title": "ページ", "status": "published", "visibility": "public"}
        save_page({**values, "body": body})


def read(client):
    answer = client.get("/toiawase")
    assert answer.status_code == 200
    return answer


def test_a_form_stands_in_a_page_and_remembers_the_page_it_was_sent_from(client, contact):
    make_page(f"はじめの文\n\n{CODE}\n\nおわりの文")
    page = read(client).get_data(as_text=True)
    assert page.rindex("はじめの文") < page.index("<form") < page.rindex("おわりの文")
    headers = {"Referer": "http://localhost/toiawase?from=mail"}
    sent = client.post("/forms/contact", data={**hidden_of(page), **ANSWERS}, headers=headers)
    assert sent.status_code == 303
    assert submissions()[0].page_path == "/toiawase"


def test_an_unknown_or_archived_form_leaves_nothing(client, contact):
    make_page('[contact_form slug="nothing"]' + CODE)
    assert read(client).get_data(as_text=True).count('class="form"') == 1
    with transaction():
        set_state(contact.id, "archived")
    assert 'class="form"' not in read(client).get_data(as_text=True)


def test_two_forms_on_one_page_do_not_share_ids(client, contact):
    make_form("second")
    make_page(f'{CODE}\n\n[contact_form slug="second"]')
    page = read(client).get_data(as_text=True)
    assert page.count('id="contact-email"') == page.count('id="second-email"') == 1
