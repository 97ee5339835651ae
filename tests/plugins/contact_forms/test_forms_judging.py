import datetime as dt

import pytest
from sqlalchemy import func, select, update

from core.customers.models import Customer
from core.db import db, transaction, utcnow
from core.mail.models import OutboxMail
from core.plugin_host.loader import new_manager
from core.testing.factories import make_account, make_customer, make_staff
from plugins.contact_forms import hookspecs
from plugins.contact_forms.api import hold_back
from plugins.contact_forms.inbox import services as inbox
from plugins.contact_forms.models import Submission
from plugins.contact_forms.models_pipeline import Attempt, LearnedToken
from plugins.contact_forms.models_retention import Place
from plugins.contact_forms.pipeline.customers import erase_submissions
from plugins.contact_forms.retention.deleting import delete_old
from plugins.contact_forms.retention.rules import save_rules
from plugins.contact_forms.spam import judging
from plugins.contact_forms.spam.attempts import count_attempts
from plugins.contact_forms.spam.learning import count_learned, score_text, tokens_of
from plugins.contact_forms.spam.teaching import teach_real
from tests.plugins.contact_forms.forms_kit import (
    make_form,
    send,
    send_json,
    set_limits,
    submissions,
    work,
)
from tests.plugins.contact_forms.test_forms_inbox import Quiet

PITCH = "御社の集客を伸ばす広告プランをご提案いたします。ぜひ一度お打ち合わせの機会をください。"
REAL = "湯呑みの在庫について教えてください。贈りものに二客探しています。"


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


def send_and_work(client, **changes):
    send(client, **changes)
    work()
    newest = submissions()[-1]
    return newest.folder, newest.spam_reason


def call(verb, *ids):
    with transaction():
        verb(select(Submission.id).where(Submission.id.in_(ids)) if ids else select(Submission.id))
    db.session.expire_all()


def teach_both(client):
    """Send six pitches and six real messages, and let staff decide."""
    set_limits(pitch_phrases="")
    for number in range(6):
        send(client, message=f"{PITCH} その {number}")
        send(client, message=f"{REAL} その {number}")
    pitches = [s.id for s in submissions() if "広告" in str(s.answers)]
    call(inbox.mark_pitch, *pitches)
    with transaction():
        db.session.execute(
            update(Submission)
            .where(Submission.folder == "inbox")
            .values(is_read=True, submitted_at=utcnow() - dt.timedelta(days=8))
        )
    assert teach_real() == 6


@pytest.mark.parametrize(
    ("words", "message", "found"),
    [
        ("casino", "Best ＣＡＳＩＮＯ bonus です", True),
        ("ion", "The station です", False),
        ("buy.example", "見て https://buy.example/x です", True),
        ("副業", "副\n業で稼ぐ", True),
        ("\n \n", "何でもない文", False),
    ],
)
def test_words_and_domains_of_the_list_hold_back(client, contact, words, message, found):
    set_limits(blocked_words=words)
    assert send_and_work(client, message=message) == (("spam", "word") if found else ("inbox", ""))


def test_too_many_links_hold_back(client, contact):
    set_limits(max_links=2)
    links = "https://a.example http://b.example www.c.example"
    assert send_and_work(client, message=links) == ("spam", "links")
    assert send_and_work(client, message="https://a.example と www.b.example") == ("inbox", "")


def test_a_form_in_japanese_may_hold_back_what_has_no_japanese(client, contact):
    latin = {"message": "Hello dear website owner, we sell links", "お名前": "John"}
    assert send_and_work(client, **latin) == ("inbox", "")
    set_limits(japanese_only=True)
    assert send_and_work(client, **latin) == ("spam", "no_japanese")
    assert send_and_work(client, message="OK", お名前="John") == ("inbox", "")


def test_a_phrase_of_sales_pitches_goes_to_their_folder_and_nobody_is_told(client, contact):
    assert send_and_work(client, message="貴社のホームページを拝見しました。") == (
        "pitch",
        "phrase",
    )
    assert (count(OutboxMail), count(Customer)) == (0, 0)
    assert submissions()[0].spam_detail == {"words": "貴社のホームページを拝見"}


def test_the_visitor_gets_the_same_answer_whatever_is_held_back(client, contact):
    set_limits(blocked_words="casino")
    answer = send_json(client, message="casino")
    assert (answer.status_code, answer.json["status"]) == (200, "sent")


def test_tokens_are_pairs_of_japanese_signs_and_latin_words_without_addresses_and_numbers():
    assert list(tokens_of("お茶を buy now taro@example.jp 090-1234 a")) == ["お茶", "茶を", "buy", "now"]


def test_what_staff_call_a_pitch_is_recognised_next_time_with_reasons(client, contact, login):
    teach_both(client)
    assert send_and_work(client, message="広告プランのご提案です。一度お打ち合わせの機会を。") == (
        "pitch",
        "learned",
    )
    detail = submissions()[-1].spam_detail
    assert (detail["messages"], detail["real_messages"], len(detail["reasons"])) == (6, 6, 5)
    assert all(held == 6 and real == 0 for _token, held, real in detail["reasons"])
    assert send_and_work(client, message="湯呑みの贈りものを探しています。") == ("inbox", "")
    login(client, make_account("Owner"))
    page = client.get(f"/admin/forms/inbox/{submissions()[-2].id}").get_data(as_text=True)
    assert "同じ種類の 6 件中 6 件" in page


def test_nothing_is_guessed_before_enough_was_learned(client, contact):
    send(client, message=PITCH)
    call(inbox.mark_pitch)
    assert score_text(PITCH) is None


def test_learning_can_be_switched_off_and_its_certainty_set(client, contact):
    teach_both(client)
    set_limits(learned_certainty=100)
    assert send_and_work(client, message=PITCH) == ("inbox", "")
    set_limits(learned_certainty=95, learns=False)
    assert send_and_work(client, message=PITCH) == ("inbox", "")


def test_a_decision_that_is_changed_is_taken_back_first(client, contact):
    send(client, message=PITCH)
    call(inbox.mark_spam)
    call(inbox.mark_pitch)
    call(inbox.mark_pitch)
    assert count_learned() == {"real": 0, "spam": 0, "pitch": 1}
    call(inbox.mark_not_spam)
    assert count_learned() == {"real": 1, "spam": 0, "pitch": 0}
    assert db.session.scalar(select(func.max(LearnedToken.spam + LearnedToken.pitch))) == 0


def test_no_name_and_no_address_is_learned(client, contact):
    send(client, message="連絡は hanako@shop.example か 03-9876-5432 へ", お名前="権左衛門")
    call(inbox.mark_spam)
    tokens = " ".join(db.session.scalars(select(LearnedToken.token)))
    assert not any(part in tokens for part in ("hanako", "shop", "9876", "権左", "taro"))


def test_another_plugin_can_hold_a_message_back_and_staff_overrule_it(client, contact, monkeypatch):
    asked = []

    def collect(hook, message):
        asked.append((hook, message.form, message.answers["topic"]))
        return [("checker", None), ("other", hold_back("spam", "on a list"))]

    monkeypatch.setattr(judging, "collect", collect)
    assert send_and_work(client) == ("spam", "plugin")
    assert submissions()[0].spam_detail == {"words": "on a list"}
    call(inbox.mark_not_spam)
    work()
    assert submissions()[0].folder == "inbox"
    assert asked == [("check_submission", "contact", "ご質問")]
    assert new_manager([hookspecs]).hook.check_submission


def test_not_spam_shows_the_mails_that_will_go_and_sends_them_once(client, contact, login):
    make_form("reply", auto_reply=True, auto_reply_subject="お礼 {receipt}")
    set_limits(blocked_words="casino")
    send(client, slug="reply", message="casino")
    work()
    held = submissions()[0]
    login(client, make_account("Owner"))
    url = f"/admin/forms/inbox/{held.id}/release"
    page = client.get(url).get_data(as_text=True)
    assert "owner@shop.example.com への通知" in page
    assert f"Taro@example.jp への自動返信「お礼 {held.receipt}」も送る" in page
    assert client.post(url, data={"reply": "1"}).status_code == 303
    assert client.post(url, data={"reply": "1"}).status_code == 409
    work()
    work()
    templates = sorted(db.session.scalars(select(OutboxMail.template)))
    assert templates == ["contact_forms.auto_reply", "contact_forms.notice"]
    assert (submissions()[0].folder, count(Customer)) == ("inbox", 1)
    call(inbox.mark_spam)
    assert "送信済み" in client.get(url).get_data(as_text=True)


def test_staff_who_may_only_read_release_nothing(client, contact, login):
    send(client, form_website="x")
    login(client, make_staff("contact_forms.inbox.see"))
    url = f"/admin/forms/inbox/{submissions()[0].id}/release"
    assert (client.get(url).status_code, client.post(url).status_code) == (403, 403)


def test_a_refused_attempt_leaves_a_trace_without_anything_that_was_typed(client, contact, login):
    send(client, email="nonsense-address", message="秘密")
    trace = db.session.scalars(select(Attempt)).one()
    assert (trace.form_id, trace.fate, trace.rule) == (contact.id, "invalid", "email")
    assert not submissions()
    columns = {name: getattr(trace, name) for name in Attempt.__table__.columns.keys()}  # noqa: SIM118
    assert not any(part in str(columns) for part in ("nonsense", "秘密", "127.0.0.1"))
    login(client, make_account("Owner"))
    page = client.get(f"/admin/forms/{contact.id}/attempts").get_data(as_text=True)
    assert "メールアドレス" in page


def test_traces_are_deleted_after_the_days_that_are_set(client, contact):
    with transaction():
        save_rules(None, {Place.TRACES: 5}, by=None)
    send(client, email="x")
    send(client, email="x")
    with transaction():
        oldest = select(func.min(Attempt.id)).scalar_subquery()
        days = dt.timedelta(days=6)
        db.session.execute(update(Attempt).where(Attempt.id == oldest).values(at=utcnow() - days))
    assert delete_old(Quiet()) == 0
    assert [row.count for row in count_attempts(contact.id, utcnow() - dt.timedelta(days=30))] == [1]


def test_erasing_the_sender_forgets_the_words_that_held_a_message_back(client, contact):
    set_limits(blocked_words="山田")
    send_and_work(client, message="山田です")
    customer = make_customer(email="taro@example.jp")
    with transaction():
        erase_submissions(customer.id)
    assert submissions()[0].spam_detail == {}
