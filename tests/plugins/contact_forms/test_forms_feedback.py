import pytest

from core.db import transaction
from core.testing.factories import make_account
from plugins.contact_forms.builder.building import set_state
from tests.plugins.contact_forms.forms_kit import ANSWERS, set_limits, submissions, values_of

ELSEWHERE = "https://www.example.jp"


@pytest.fixture
def feedback(client, contact):
    """Sends a message as a program does: multipart, without a token."""
    set_limits(feedback_open=True, feedback_origins=ELSEWHERE)

    def send(
        path="/forms/contact/feedback", method="POST", headers=None, kind="multipart/form-data", **changes
    ):
        data = {key: value for key, value in {**ANSWERS, **changes}.items() if value is not None}
        return client.open(
            path, method=method, data=data, content_type=kind, headers=headers or {}, csrf=False
        )

    return send


def test_a_message_is_kept_and_answered_in_the_shape_of_contact_form_7(feedback):
    answer = feedback(_wpcf7_unit_tag="wpcf7-f1-p2-o1")
    [kept] = submissions()
    said = answer.get_json()
    assert answer.status_code == 200
    assert (said["status"], said["into"], said["invalid_fields"]) == ("mail_sent", "#wpcf7-f1-p2-o1", [])
    assert said["contact_form_id"] == kept.form_id
    assert said["posted_data_hash"] == kept.once_key
    assert (kept.folder, values_of(kept)["お名前"]) == ("inbox", "山田 太郎")


@pytest.mark.parametrize("name", ["contact", "1"])
def test_the_address_may_be_that_of_wordpress_below_forms(feedback, name):
    answer = feedback(f"/forms/wp-json/contact-form-7/v1/contact-forms/{name}/feedback")
    assert answer.get_json()["status"] == "mail_sent"


def test_several_choices_may_come_under_a_key_with_brackets(feedback):
    feedback(wishes=None, **{"wishes[]": ["電話", "来店"]})
    assert values_of(submissions()[0])["wishes"] == ["電話", "来店"]


def test_wrong_answers_are_named(feedback):
    said = feedback(email="no", _wpcf7_unit_tag="u").get_json()
    assert said["status"] == "validation_failed"
    [wrong] = said["invalid_fields"]
    assert (wrong["field"], wrong["idref"], wrong["error_id"]) == ("email", "contact-email", "u-ve-email")
    assert wrong["message"]
    assert submissions() == []


def test_missing_consent_has_a_status_of_its_own(feedback):
    said = feedback(consent=None).get_json()
    assert (said["status"], said["invalid_fields"]) == ("acceptance_missing", [])


def test_a_closed_form_aborts(feedback, contact):
    with transaction():
        set_state(contact.id, "closed")
    assert feedback().get_json()["status"] == "aborted"


def test_a_flood_is_told_as_spam(feedback):
    set_limits(network_limit=1)
    answers = [feedback(message=f"Nr. {number}") for number in range(22)]
    assert answers[-1].status_code == 429
    assert answers[-1].get_json()["status"] == "spam"
    assert {kept.spam_reason for kept in submissions()} == {"", "network_rate"}


def test_the_same_key_makes_one_message(feedback):
    said = [feedback(headers={"Idempotency-Key": "order 7"}).get_json() for _turn in range(2)]
    assert said[0]["receipt"] == said[1]["receipt"]
    assert len(submissions()) == 1
    feedback(headers={"Idempotency-Key": "order 8"})
    assert len(submissions()) == 2


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "application/json", "text/plain"])
def test_anything_but_multipart_is_refused(feedback, kind):
    answer = feedback(kind=kind)
    assert (answer.status_code, submissions()) == (415, [])


def test_an_unknown_form_and_a_long_key_are_refused(feedback):
    assert feedback("/forms/nobody/feedback").status_code == 404
    assert feedback("/forms/wp-json/contact-form-7/v1/contact-forms/99/feedback").status_code == 404
    assert feedback(headers={"Idempotency-Key": "k" * 256}).status_code == 400


def test_it_is_closed_until_the_owner_opens_it(feedback):
    set_limits(feedback_open=False)
    answer = feedback()
    assert (answer.status_code, submissions()) == (403, [])


def test_pages_of_named_sites_may_send_and_others_may_not(feedback):
    allowed = feedback(headers={"Origin": ELSEWHERE, "Sec-Fetch-Site": "cross-site"})
    assert allowed.headers["Access-Control-Allow-Origin"] == ELSEWHERE
    assert "Access-Control-Allow-Credentials" not in allowed.headers
    asked = feedback(method="OPTIONS", headers={"Origin": ELSEWHERE})
    assert (asked.status_code, asked.headers["Access-Control-Allow-Headers"]) == (204, "Idempotency-Key")
    for origin in ("https://evil.example", "null", f"{ELSEWHERE}.evil.example"):
        refused = feedback(headers={"Origin": origin}, message=origin)
        assert refused.status_code == 403
        assert "Access-Control-Allow-Origin" not in refused.headers
    assert len(submissions()) == 1


def test_nobody_is_signed_in_there_whatever_cookies_come(feedback, client, login, contact):
    account = make_account("Member")
    assert account.customer_id
    login(client, account)
    answer = feedback()
    assert answer.get_json()["status"] == "mail_sent"
    assert submissions()[0].customer_id is None
    assert "Set-Cookie" not in answer.headers
