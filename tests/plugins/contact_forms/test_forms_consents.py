from sqlalchemy import select

from core.activity.models import Activity
from core.customers.models import Customer
from core.customers.services import customer_report, erase_customer, merge_customers
from core.db import db, transaction
from core.testing.exports import take_out
from core.testing.factories import make_account, make_customer, make_staff
from plugins.contact_forms.consents.ledger import version_of, withdraw
from plugins.contact_forms.inbox import services as inbox
from plugins.contact_forms.mentions import ERASED
from plugins.contact_forms.models import Submission
from plugins.contact_forms.models_pipeline import Consent
from tests.plugins.contact_forms.forms_kit import send, submissions, values_of, work

WORDS = "個人情報の取り扱いに同意します。"


def deliver(client, **changes):
    send(client, **changes)
    work()


def consents():
    db.session.expire_all()
    return list(db.session.scalars(select(Consent).order_by(Consent.id)))


def take_back():
    with transaction():
        return withdraw(select(Consent.id))


def test_a_consent_stands_in_the_ledger_with_words_version_time_and_evidence(client, contact):
    deliver(client, headers={"User-Agent": "Mozilla/5.0 (test)"})
    message, consent = submissions()[0], consents()[0]
    assert (consent.wording, consent.version) == (WORDS, version_of(WORDS))
    assert (consent.form_title, consent.receipt) == (contact.title, message.receipt)
    assert (consent.given_at, consent.customer_id) == (message.submitted_at, message.customer_id)
    assert consent.evidence["browser"] == "Mozilla/5.0 (test)"


def test_spam_agrees_to_nothing_until_staff_call_it_real_and_then_once(client, contact):
    send(client, form_website="x")
    work()
    assert consents() == []
    for _time in range(2):
        with transaction():
            inbox.mark_not_spam(select(Submission.id))
        work()
        with transaction():
            inbox.mark_spam(select(Submission.id))
    assert len(consents()) == 1


def test_other_words_are_another_version():
    assert version_of(WORDS) != version_of(WORDS + " ")


def test_a_consent_that_is_taken_back_stays_with_both_times_and_stands_in_the_timeline(client, contact):
    deliver(client)
    assert (take_back(), take_back()) == (1, 0)
    consent = consents()[0]
    assert consent.withdrawn_at > consent.given_at
    kinds = db.session.scalars(select(Activity.kind)).all()
    assert kinds.count("contact_forms.consent_withdrawn") == 1


def test_the_proof_outlives_the_message(client, contact):
    deliver(client)
    with transaction():
        inbox.move_to_trash(select(Submission.id))
    with transaction():
        inbox.delete_for_ever(select(Submission.id))
    assert (consents()[0].submission_id, consents()[0].wording) == (None, WORDS)


def test_staff_see_take_back_and_download_the_proof(client, login, contact):
    deliver(client)
    login(client, make_account("Owner"))
    page = client.get("/admin/forms/consents").get_data(as_text=True)
    assert WORDS in page
    one = client.get(f"/admin/forms/consents/{consents()[0].id}").get_data(as_text=True)
    assert version_of(WORDS) in one
    assert client.get("/admin/forms/consents/999").status_code == 404
    proof = take_out(client, "/admin/forms/consents").get_data(as_text=True)
    assert WORDS in proof
    assert "taro@example.jp" in proof.lower()


def test_staff_without_the_right_to_read_messages_see_no_consents(client, login, contact):
    login(client, make_staff("contact_forms.forms.edit"))
    assert client.get("/admin/forms/consents").status_code == 403


def test_consents_are_reported_and_go_over_to_the_customer_who_stays(client, contact):
    deliver(client)
    kept = make_customer(email="other@example.jp")
    with transaction():
        merge_customers(kept.id, submissions()[0].customer_id, by=None)
    assert consents()[0].customer_id == kept.id
    told = customer_report(kept.id)
    assert WORDS in str(told)


def test_erasing_the_person_leaves_words_and_times(client, contact):
    deliver(client)
    with transaction():
        erase_customer(submissions()[0].customer_id, by=None)
    consent = consents()[0]
    assert (consent.subject, consent.subject_key, consent.evidence) == ("", "", {})
    assert (consent.customer_id, consent.wording) == (None, WORDS)


def test_an_address_that_stands_only_inside_an_answer_is_reported_and_blacked_out(client, contact):
    hana = make_customer(email="hana@example.jp")
    others = "xhana@example.jp と hana@example.jp.au は別人。"
    deliver(client, message=f"友人は ＨＡＮＡ@example.jp です。\n次の行\n{others}")
    deliver(client, message="hana@example.jp に連絡を。")
    told = str(customer_report(hana.id))
    assert all(message.receipt in told for message in submissions())
    assert "友人" not in told
    with transaction():
        erase_customer(hana.id, by=None)
    first, second = (values_of(message)["message"] for message in submissions())
    assert ERASED in first.split("\n")[0]
    assert first.split("\n")[1:] == ["次の行", others]
    assert second == f"{ERASED} に連絡を。"
    assert db.session.scalars(select(Customer.email_key)).all() == ["taro@example.jp"]
