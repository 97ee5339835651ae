"""What staff see of a customer's consents, how they note one that was taken back, and lists by consent."""

import pytest
from sqlalchemy import func, select

from core.accounts.member_models import ConsentAnswer
from core.accounts.models import Account
from core.accounts.own_data import own_data
from core.accounts.registration.consent_texts import Asks, ConsentKind
from core.accounts.registration.consents import Answer, ConsentDraft, record_answers, save_consent_texts
from core.activity.models import Activity, AuditEntry
from core.conditions import compile_condition
from core.customers.models import Customer
from core.customers.queries import get_customer
from core.customers.registry import customer_fields
from core.db import db, transaction
from core.plugin_host.snapshot import use_current_snapshot
from core.testing.factories import make_account, make_customer, make_staff

TERMS, PRIVACY, NEWS = ConsentKind
TOLD = "3月3日に電話で連絡あり"


def write(kind, text, *, is_required=True):
    with transaction():
        save_consent_texts([ConsentDraft(kind, text, is_required=is_required, asks=Asks.NOBODY)])
    use_current_snapshot()


def said(customer_id, *answers, way="registration"):
    with transaction():
        record_answers(customer_id, [Answer(*one) for one in answers], way)


@pytest.fixture
def texts(app):
    write(TERMS, "規約の第一版")
    write(NEWS, "お知らせの文", is_required=False)


@pytest.fixture
def customer(texts):
    """A customer who agreed to the terms and the newsletter."""
    made = make_account("Member").customer_id
    said(made, ("terms", 1, True), ("news", 1, True))
    return get_customer(made)


def path(customer, kind="news"):
    return f"/admin/customers/{customer.id}/consents/{kind}/take-back"


def account_of(customer):
    return db.session.execute(select(Account).where(Account.customer_id == customer.id)).scalar_one()


def page_of(client, customer, language="en"):
    return client.get(f"/admin/customers/{customer.id}?lang={language}").get_data(as_text=True)


def kept(customer):
    query = select(ConsentAnswer).where(
        ConsentAnswer.customer_id == customer.id, ConsentAnswer.kind == "news"
    )
    return db.session.execute(query.order_by(ConsentAnswer.id)).scalars().all()


def test_the_customers_page_says_which_version_of_which_text_when_and_how(client, login, customer):
    write(TERMS, "規約の第二版")
    login(client, make_staff("admin.access", "customers.see"))
    page = page_of(client, customer, "ja")
    assert "規約の第一版" in page and "お知らせの文" in page and "規約の第二版" not in page
    assert "前の版に同意" in page and "会員登録時" in page
    assert path(customer) not in page


def test_whom_nobody_asked_has_no_such_box(client, login, texts):
    login(client, make_account("Owner"))
    never_asked, unanswered = make_customer(), get_customer(make_account("Member").customer_id)
    assert "Consents" not in page_of(client, never_asked)
    assert "Not answered" in page_of(client, unanswered)


def test_staff_note_that_an_optional_one_was_taken_back_by_phone(client, login, customer):
    staff = make_staff("admin.access", "customers.see", "customers.edit")
    login(client, staff)
    assert path(customer) in page_of(client, customer)
    assert "How were you told?" in client.get(path(customer) + "?lang=en").text
    done = client.post(path(customer), data={"reason": TOLD})
    assert (done.status_code, done.headers["Location"]) == (303, f"/admin/customers/{customer.id}")
    answer = kept(customer)[-1]
    assert (answer.agreed, answer.version, answer.way) == (False, 1, "told_staff")
    assert (answer.device, answer.network) == ("", ""), "the browser of the staff is no evidence"
    assert get_customer(customer.id).may_contact is False
    line = db.session.execute(select(Activity).where(Activity.kind == "consent")).scalar_one()
    assert (line.body, line.account_id) == (TOLD, staff.id)
    assert path(customer) not in page_of(client, customer)


def test_the_audit_log_names_who_noted_it_and_not_what_was_said(client, login, customer):
    login(client, owner := make_account("Owner"))
    client.post(path(customer), data={"reason": TOLD})
    query = select(AuditEntry).where(AuditEntry.action == "customer.consent_taken_back")
    entry = db.session.execute(query).scalar_one()
    assert (entry.account_id, entry.target_id) == (owner.id, customer.id)
    assert entry.data == {"text": "news", "version": 1}
    assert "Consent taken back" in client.get("/admin/audit?lang=en").text


def test_what_the_membership_needs_is_not_taken_back_here(client, login, customer):
    login(client, make_account("Owner"))
    assert path(customer, "terms") not in page_of(client, customer)
    assert client.post(path(customer, "terms") + "?lang=en", data={"reason": TOLD}).status_code == 303
    assert "needs this" in page_of(client, customer)
    write(TERMS, "")
    assert client.post(path(customer, "terms"), data={"reason": TOLD}).status_code == 303
    agreed = select(ConsentAnswer.agreed).where(ConsentAnswer.kind == "terms").order_by(ConsentAnswer.id)
    assert db.session.execute(agreed).scalars().all() == [True, False], "an old text is not needed any more"


@pytest.mark.parametrize("reason", ["", "  \n", "x" * 501, "a\0", None])
def test_without_a_reason_nothing_is_noted(client, login, customer, reason):
    login(client, make_account("Owner"))
    answer = client.post(path(customer), data={} if reason is None else {"reason": reason})
    assert answer.status_code in (400, 422)
    assert [a.agreed for a in kept(customer)] == [True]


def test_what_was_never_agreed_to_or_taken_back_before_stays_as_it_is(client, login, customer):
    login(client, make_account("Owner"))
    assert client.post(path(customer, "privacy"), data={"reason": TOLD}).status_code == 404
    assert client.post(path(customer, "x" * 300), data={"reason": TOLD}).status_code == 404
    assert client.get("/admin/customers/999999/consents/news/take-back").status_code == 404
    for _twice in range(2):
        assert client.post(path(customer), data={"reason": TOLD}).status_code == 303
    assert [a.agreed for a in kept(customer)] == [True, False]


def test_who_may_only_look_notes_nothing(client, login, customer):
    login(client, make_staff("admin.access", "customers.see"))
    assert client.get(path(customer)).status_code == 403
    assert client.post(path(customer), data={"reason": TOLD}).status_code == 403
    assert [a.agreed for a in kept(customer)] == [True]


def test_the_person_sees_the_answer_in_their_own_data_and_not_the_words_of_the_staff(client, login, customer):
    login(client, make_account("Owner"))
    client.post(path(customer), data={"reason": TOLD})
    data = str(own_data(account_of(customer).id))
    assert "told_staff" in data and TOLD not in data


# Lists -----------------------------------------------------------------------------------------------


def fitting(field, value=True):
    rule = {"field": field, "op": "eq", "value": value}
    criterion = compile_condition(rule, customer_fields())
    return set(db.session.execute(select(Customer.id).where(criterion)).scalars())


def test_lists_find_who_agreed_to_the_present_text(texts):
    old, new, refused, silent = (make_customer().id for _ in range(4))
    for who in (old, refused):
        said(who, ("terms", 1, True))
    said(refused, ("terms", 1, False))
    assert fitting("agreed_to_terms") == {old}
    write(TERMS, "規約の第二版")
    said(new, ("terms", 2, True))
    assert fitting("agreed_to_terms") == {new}, "a kept condition notices the new version"
    assert fitting("agreed_to_terms", False) == {old, refused, silent}


def test_lists_find_who_takes_the_newsletter_whichever_version(texts):
    old, again, left, silent = (make_customer().id for _ in range(4))
    for who in (old, again, left):
        said(who, ("news", 1, True))
    for who in (again, left):
        said(who, ("news", 1, False))
    said(again, ("news", 1, True))
    write(NEWS, "お知らせの第二版", is_required=False)
    assert fitting("agreed_to_news") == {old, again}
    assert fitting("agreed_to_news", False) == {left, silent}
    assert fitting("agreed_to_privacy") == set()


def test_a_consent_counts_once_however_often_it_was_given(texts):
    who = make_customer().id
    for agreed in (True, False, True):
        said(who, ("news", 1, agreed))
    value = customer_fields()["agreed_to_news"].expression()
    query = select(func.count()).select_from(Customer).where(value)
    assert db.session.execute(query).scalar_one() == 1
