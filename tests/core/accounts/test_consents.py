"""What members agree to: asked again when it changes, kept with evidence, taken back when optional."""

import pytest
from sqlalchemy import select

from core.accounts.member_models import ConsentAnswer, ConsentVersion
from core.accounts.registration.consent_queries import list_consents
from core.accounts.registration.consent_texts import Asks, ConsentKind, all_texts
from core.accounts.registration.consents import Answer, ConsentDraft, record_answers, save_consent_texts
from core.content.services import save_page
from core.customers.queries import get_customer
from core.db import db, transaction
from core.plugin_host.snapshot import current_snapshot, use_current_snapshot
from core.testing.factories import PASSWORD, make_account, make_customer
from tests.journey_kit import set_site

TERMS, PRIVACY, NEWS = ConsentKind
BROWSER = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"}


def write(*drafts):
    with transaction():
        save_consent_texts(drafts)
    use_current_snapshot()


def terms(text, asks=Asks.EVERYONE):
    write(ConsentDraft(TERMS, text, asks=asks))


def news(text, asks=Asks.EVERYONE):
    write(ConsentDraft(NEWS, text, is_required=False, asks=asks))


def enter(client, account, **more):
    data = {"email": account.email, "password": PASSWORD, **more}
    return client.post("/login", data=data, headers=BROWSER)


def answers():
    query = select(ConsentAnswer).order_by(ConsentAnswer.id)
    return [(a.kind, a.version, a.agreed, a.way) for a in db.session.execute(query).scalars()]


def agreed(member, *said):
    with transaction():
        record_answers(member.customer_id, [Answer(*one) for one in said], "registration")


@pytest.fixture
def member(app):
    return make_account("Member")


def test_a_changed_text_is_asked_at_the_next_log_in_before_member_pages_open(member, client):
    terms("第一版")
    agreed(member, ("terms", 1, True))
    assert enter(client, member).headers["Location"] == "/account"
    client.post("/logout")
    terms("第二版")
    asked = enter(client, member, next="/account/devices")
    assert asked.headers["Location"] == "/account/agree?next=/account/devices"
    assert client.get("/account").headers["Location"] == "/account/agree?next=/account"
    assert client.post("/account/profile", data={}).status_code == 403
    assert "第二版" in client.get("/account/agree").text
    assert client.post("/account/agree", data={}).status_code == 422
    assert client.post("/account/agree", data={"agree_terms_1": "1"}).status_code == 422
    done = client.post("/account/agree?next=/account/devices", data={"agree_terms_2": "1"})
    assert (done.status_code, done.headers["Location"]) == (303, "/account/devices")
    assert client.get("/account").status_code == 200
    assert answers() == [("terms", 1, True, "registration"), ("terms", 2, True, "log_in")]


@pytest.mark.parametrize(
    ("asks", "said", "is_asked"),
    [
        (Asks.NOBODY, None, False),
        (Asks.UNANSWERED, None, True),
        (Asks.UNANSWERED, 1, False),
        (Asks.EVERYONE, None, True),
        (Asks.EVERYONE, 1, True),
        (Asks.EVERYONE, 2, False),
    ],
)
def test_the_owner_chooses_whom_to_ask(member, client, asks, said, is_asked):
    terms("第一版", asks)
    terms("第二版", asks)
    if said:
        agreed(member, ("terms", said, True))
    enter(client, member)
    assert (client.get("/account").status_code == 302) == is_asked


def test_who_is_logged_in_already_is_asked_at_the_next_log_in_not_before(member, client):
    enter(client, member)
    terms("新しい規約")
    assert client.get("/account").status_code == 200
    client.post("/logout")
    enter(client, member)
    assert client.get("/account").status_code == 302


def test_a_remembered_device_is_asked_too(member, client):
    enter(client, member, remember="1")
    terms("新しい規約")
    from core.accounts.models import LoginSession

    with transaction():
        db.session.execute(LoginSession.__table__.delete())
    assert client.get("/account").headers["Location"].startswith("/account/agree")


@pytest.mark.parametrize("role", ["Owner", "Staff"])
def test_staff_are_never_asked(app, client, role):
    terms("規約")
    account = make_account(role)
    assert enter(client, account).headers["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_pages_for_members_wait_for_the_answer_and_public_ones_do_not(member, client):
    for slug, visibility in (("inner", "members"), ("outer", "public")):
        values = {"slug": slug, "title": slug, "body": "本文です", "status": "published"}
        with transaction():
            save_page({**values, "visibility": visibility})
    terms("規約")
    enter(client, member)
    assert client.get("/inner").headers["Location"] == "/account/agree?next=/inner"
    assert "本文です" in client.get("/outer").text
    client.post("/account/agree", data={"agree_terms_1": "1"})
    assert "本文です" in client.get("/inner").text


def test_who_does_not_agree_can_take_their_data_leave_or_log_out(member, client):
    terms("規約")
    enter(client, member)
    page = client.get("/account/agree").text
    assert "/account/leave" in page and "/account/data" in page and 'action="/logout"' in page
    assert client.get("/account/data").status_code == 200
    left = client.post("/account/leave", data={"reason": "unsaid", "sure": "1"})
    assert left.status_code == 200
    assert answers() == []


def test_what_is_optional_may_be_declined_once_and_agreed_to_later(member, client):
    news("月に一度のお知らせ")
    enter(client, member)
    assert client.post("/account/agree", data={}).headers["Location"] == "/account"
    assert get_customer(member.customer_id).may_contact is False
    client.post("/logout")
    assert enter(client, member).headers["Location"] == "/account"
    form = {"kind": "news", "version": "1", "answer": "yes"}
    assert client.post("/account/consents", data=form).status_code == 303
    assert answers() == [("news", 1, False, "log_in"), ("news", 1, True, "my_page")]
    assert get_customer(member.customer_id).may_contact is True


def test_my_page_shows_texts_versions_and_takes_back_what_is_optional(member, client):
    write(ConsentDraft(TERMS, "規約の第一版", asks=Asks.NOBODY))
    news("お知らせ第一版", Asks.NOBODY)
    agreed(member, ("terms", 1, True), ("news", 1, True))
    write(ConsentDraft(TERMS, "規約の第二版", asks=Asks.NOBODY))
    enter(client, member)
    page = client.get("/account/consents").text
    assert "規約の第一版" in page and "規約の第二版" in page and "お知らせ第一版" in page
    client.post("/account/consents", data={"kind": "news", "answer": "no"})
    assert get_customer(member.customer_id).may_contact is False
    client.post("/account/consents", data={"kind": "terms", "answer": "no"})
    assert answers()[2:] == [("news", 1, False, "my_page")]


def test_a_version_that_was_not_shown_is_not_agreed_to(member, client):
    terms("第一版", Asks.NOBODY)
    enter(client, member)
    terms("第二版", Asks.NOBODY)
    client.post("/account/consents", data={"kind": "terms", "version": "1", "answer": "yes"})
    assert answers() == []


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"kind": "x", "answer": "yes"},
        {"kind": "news", "answer": "yes", "version": "1"},
        {"kind": "terms", "version": "9" * 5000, "answer": "yes"},
    ],
)
def test_bad_answers_change_nothing(member, client, form):
    terms("第一版", Asks.NOBODY)
    enter(client, member)
    assert client.post("/account/consents", data=form).status_code in (303, 404)
    assert answers() == []


def test_the_evidence_says_where_and_with_what_somebody_agreed(member, client):
    terms("規約")
    enter(client, member)
    client.post("/account/agree", data={"agree_terms_1": "1"}, headers=BROWSER)
    kept = db.session.execute(select(ConsentAnswer)).scalar_one()
    assert kept.device == "Chrome/Windows"
    assert kept.network
    told = list_consents(member.customer_id)
    assert (told[0]["text"], told[0]["agreed"], told[0]["title"]) == ("規約", True, "利用規約")


def test_an_answer_lets_the_members_other_devices_in_too(member, new_client):
    terms("規約")
    first, second = new_client(), new_client()
    enter(first, member)
    enter(second, member)
    first.post("/account/agree", data={"agree_terms_1": "1"})
    assert second.get("/account").status_code == 200


def test_when_nothing_is_asked_any_more_a_button_leads_on(member, client):
    terms("規約")
    enter(client, member)
    terms("規約", Asks.NOBODY)
    assert client.get("/account/agree").status_code == 200
    assert client.post("/account/agree", data={}).headers["Location"] == "/account"
    assert client.get("/account").status_code == 200


def test_several_texts_are_asked_at_registration(app, client):
    set_site(registration="open", registration_fields=["may_contact"])
    write(
        ConsentDraft(TERMS, "規約の文"),
        ConsentDraft(PRIVACY, "個人情報の文"),
        ConsentDraft(NEWS, "お知らせの文", is_required=False),
    )
    page = client.get("/register").text
    assert all(text in page for text in ("規約の文", "個人情報の文", "お知らせの文"))
    assert 'name="may_contact"' not in page
    form = {"email": "new@example.jp", "agree_terms_1": "1"}
    assert client.post("/register", data=form).status_code == 422
    assert client.post("/register", data={**form, "agree_privacy_1": "1"}).status_code == 200


def test_a_request_asks_the_database_no_more_than_before(member, client, query_counter):
    enter(client, member)
    with query_counter() as before:
        client.get("/account/devices")
    terms("規約")
    with query_counter() as after:
        client.get("/account/devices")
    assert after.count <= before.count + 1  # the new snapshot's


def test_the_settings_screen_keeps_versions_and_counts_who_agreed(app, client, login):
    terms("第一版", Asks.NOBODY)
    for version in (1, 1, None):
        member = make_account("Member")
        if version:
            agreed(member, ("terms", version, True))
    login(client, make_account("Owner"))
    page = client.get("/admin/settings/registration").text
    assert "3 人の会員のうち 2 人が同意" in page
    form = {
        "registration": "open",
        "withdrawal_return_days": "7",
        "terms_text": "第二版",
        "terms_how": "required",
        "terms_asks": "everyone",
        "news_text": "お知らせ",
        "news_how": "optional",
    }
    for _ in range(2):
        assert client.post("/admin/settings/registration", data=form).status_code == 302
    kept = {text.kind: (text.version, text.is_required, text.asks) for text in all_texts()}
    assert kept[TERMS] == (2, True, Asks.EVERYONE)
    assert kept[NEWS] == (1, False, Asks.NOBODY)
    assert "第一版" in client.get("/admin/settings/registration").text
    versions = select(ConsentVersion.kind, ConsentVersion.version)
    assert db.session.execute(versions.order_by(ConsentVersion.kind, ConsentVersion.version)).all() == [
        ("news", 1),
        ("terms", 1),
        ("terms", 2),
    ]
    bad = {**form, "terms_asks": "x", "terms_text": "y" * 20_001}
    assert client.post("/admin/settings/registration", data=bad).status_code == 422


def test_a_text_that_is_emptied_is_no_longer_asked_and_comes_back_as_a_new_version(member, client):
    terms("第一版")
    terms("")
    enter(client, member)
    assert client.get("/account").status_code == 200
    terms("第一版")
    assert current_snapshot().site.consents["terms"]["version"] == 2


def test_consents_of_two_customers_who_are_one_stay_in_the_order_they_were_given(member, client):
    from core.customers.services import merge_customers

    terms("規約", Asks.NOBODY)
    other = make_customer()
    with transaction():
        record_answers(other.id, [Answer("terms", 1, True)], "registration")
        merge_customers(member.customer_id, other.id)
    assert [row["agreed"] for row in list_consents(member.customer_id)] == [True]
