import datetime as dt
import re

import pytest
from sqlalchemy import select

from core.activity.models import AuditEntry
from core.customers.models import Customer
from core.db import db, transaction, utcnow
from core.mail.models import OutboxMail
from core.testing.factories import make_account, make_staff
from plugins.contact_forms.jobs import prune
from plugins.contact_forms.queries import count_unread
from tests.plugins.contact_forms.forms_kit import make_form, send, submissions, work

SEE, EDIT = "contact_forms.inbox.see", "contact_forms.inbox.edit"
DELETE, PERSONAL = "contact_forms.inbox.delete", "contact_forms.inbox.personal"


class Quiet:
    """A job's context that nobody watches."""

    def progress(self, done, total):
        pass


@pytest.fixture
def staff(client, login, new_client, contact):
    """A browser of staff who may read and sort; two messages and one spam have arrived."""
    visitor = new_client()
    send(visitor)
    send(visitor, お名前="鈴木 花子", email="hana@example.jp", message="予約したいです")
    send(visitor, email="bot@example.jp", form_website="x")
    work()
    login(client, make_staff(SEE, EDIT, DELETE, PERSONAL, "customers.see"))
    return client


def rows(page):
    return re.findall(r'href="/admin/forms/inbox/(\d+)"', page)


def act(client, number, verb):
    return client.post(f"/admin/forms/inbox/{number}/{verb}")


def text_of(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def bulk(client, action, ids, view="inbox", **more):
    data = {"action": action, "ids": [str(i) for i in ids], **more}
    return client.post(f"/admin/forms/inbox?view={view}", data=data)


def test_the_inbox_lists_the_newest_first_and_leaves_spam_out(staff):
    page = text_of(staff, "/admin/forms/inbox")
    first, second, spam = [s.id for s in submissions()]
    assert [int(n) for n in dict.fromkeys(rows(page))] == [second, first]
    assert "鈴木 花子" in page
    assert str(spam) in rows(text_of(staff, "/admin/forms/inbox?view=spam"))


def test_search_finds_words_inside_a_message_and_the_receipt(staff):
    first, second, _spam = submissions()
    assert set(rows(text_of(staff, "/admin/forms/inbox?q=予約"))) == {str(second.id)}
    assert set(rows(text_of(staff, f"/admin/forms/inbox?q={first.receipt}"))) == {str(first.id)}
    assert not rows(text_of(staff, "/admin/forms/inbox?q=見つからない"))


def test_a_filter_by_form_and_address_narrows_the_list(staff, new_client):
    make_form("other")
    send(new_client(), "other", email="other@example.jp")
    other = submissions()[-1]
    by_form = '{"all":[{"field":"form","op":"in","value":["other"]}]}'
    assert set(rows(text_of(staff, f"/admin/forms/inbox?filter={by_form}"))) == {str(other.id)}
    by_address = '{"all":[{"field":"sender_email","op":"eq","value":"OTHER@example.jp"}]}'
    assert set(rows(text_of(staff, f"/admin/forms/inbox?filter={by_address}"))) == {str(other.id)}


def test_an_empty_inbox_says_what_to_do(client, login, contact):
    login(client, make_staff(SEE))
    assert "/admin/forms/" in text_of(client, "/admin/forms/inbox").split("k-empty", 1)[1]


def test_a_message_shows_answers_customer_and_mails(staff):
    first = submissions()[0]
    page = text_of(staff, f"/admin/forms/inbox/{first.id}")
    assert "在庫はありますか。" in page
    assert f"/admin/customers/{first.customer_id}" in page
    assert "owner@shop.example.com" in page
    assert first.receipt in page
    assert "個人情報の取り扱いに同意します。" in page


def test_looking_at_a_message_changes_nothing_until_the_page_says_so(staff):
    first = submissions()[0]
    text_of(staff, f"/admin/forms/inbox/{first.id}")
    assert not submissions()[0].is_read
    assert act(staff, first.id, "read").status_code == 303
    assert submissions()[0].is_read


def test_newer_and_older_lead_through_the_folder(staff):
    first, second, _spam = submissions()
    assert f'rel="prev" href="/admin/forms/inbox/{second.id}"' in text_of(
        staff, f"/admin/forms/inbox/{first.id}"
    )
    page = text_of(staff, f"/admin/forms/inbox/{second.id}")
    assert f'rel="next" href="/admin/forms/inbox/{first.id}"' in page
    assert 'rel="prev"' not in page


def test_a_message_goes_to_spam_to_trash_and_back(staff):
    first = submissions()[0].id

    def folder():
        return submissions()[0].folder

    act(staff, first, "spam")
    assert (folder(), submissions()[0].spam_reason) == ("spam", "by_staff")
    act(staff, first, "trash")
    assert folder() == "trash"
    act(staff, first, "restore")
    assert folder() == "spam"
    act(staff, first, "not-spam")
    assert (folder(), submissions()[0].spam_reason) == ("inbox", "")


def test_only_what_lies_in_the_trash_can_be_deleted_for_ever(staff):
    first = submissions()[0].id
    act(staff, first, "delete")
    assert len(submissions()) == 3
    act(staff, first, "trash")
    act(staff, first, "delete")
    assert len(submissions()) == 2
    assert staff.get(f"/admin/forms/inbox/{first}").status_code == 404
    assert db.session.scalars(select(OutboxMail).where(OutboxMail.related_id == first)).all() == []
    assert db.session.scalars(select(Customer).where(Customer.email_key == "taro@example.jp")).one()
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action.contains("deleted"))).one()
    assert entry.data == {"count": 1}


def test_a_deleted_message_is_no_longer_found(staff):
    second = submissions()[1].id
    act(staff, second, "trash")
    assert rows(text_of(staff, "/admin/forms/inbox?view=trash&q=予約"))
    act(staff, second, "delete")
    assert not rows(text_of(staff, "/admin/forms/inbox?view=trash&q=予約"))


def test_the_id_of_a_deleted_message_is_never_used_again(staff, new_client):
    last = submissions()[-1].id
    act(staff, last, "trash")
    act(staff, last, "delete")
    send(new_client(), message="つぎ")
    assert submissions()[-1].id > last


def test_many_messages_are_moved_at_once(staff):
    first, second, spam = [s.id for s in submissions()]
    assert bulk(staff, "spam", [first, second]).status_code == 303
    assert {s.folder for s in submissions()} == {"spam"}
    bulk(staff, "trash", [first, second, spam], view="spam")
    bulk(staff, "restore", [first], view="trash")
    assert [s.folder for s in submissions()] == ["spam", "trash", "trash"]


def test_not_spam_and_delete_ask_first_with_the_number(staff):
    spam = submissions()[2].id
    question = bulk(staff, "not_spam", [spam], view="spam")
    assert question.status_code == 200
    assert "1 件を受信箱に移します" in question.get_data(as_text=True)
    bulk(staff, "not_spam", [spam], view="spam", confirmed="1")
    work()
    assert submissions()[2].folder == "inbox"
    assert db.session.scalars(select(Customer).where(Customer.email_key == "bot@example.jp")).one()


def test_marking_as_read_lowers_the_number_in_the_menu(staff):
    assert count_unread() == 2
    bulk(staff, "read", [s.id for s in submissions()])
    assert count_unread() == 0
    assert not rows(text_of(staff, "/admin/forms/inbox?view=unread"))


def test_who_may_only_read_cannot_sort(client, login, new_client, contact):
    send(new_client())
    login(client, make_staff(SEE))
    number = submissions()[0].id
    page = text_of(client, f"/admin/forms/inbox/{number}")
    assert f"/admin/forms/inbox/{number}/trash" not in page
    assert act(client, number, "trash").status_code == 403
    assert bulk(client, "trash", [number]).status_code == 403
    assert submissions()[0].folder == "inbox"


@pytest.mark.parametrize("who", ["guest", "member", "other staff"])
def test_nobody_else_sees_messages(client, login, new_client, contact, who):
    send(new_client())
    if who == "member":
        login(client, make_account("Member"))
    elif who == "other staff":
        login(client, make_staff("customers.see"))
    for path in ("/admin/forms/inbox", f"/admin/forms/inbox/{submissions()[0].id}"):
        answer = client.get(path)
        assert answer.status_code in (302, 403)
        assert "山田" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("path", ["999999", "0", "9" * 30, "x"])
def test_unknown_messages_are_not_found(staff, path):
    assert staff.get(f"/admin/forms/inbox/{path}").status_code == 404
    assert staff.post(f"/admin/forms/inbox/{path}/trash").status_code == 404


def test_unknown_verbs_are_not_found(staff):
    assert act(staff, submissions()[0].id, "explode").status_code == 404


def test_the_list_costs_the_same_whatever_the_number_of_messages(staff, query_counter):
    text_of(staff, "/admin/forms/inbox")
    with query_counter() as queries:
        text_of(staff, "/admin/forms/inbox")
    assert queries.count <= 10, "\n".join(queries.statements)


def test_a_message_page_costs_few_queries(staff, query_counter):
    number = submissions()[0].id
    text_of(staff, f"/admin/forms/inbox/{number}")
    with query_counter() as queries:
        text_of(staff, f"/admin/forms/inbox/{number}")
    assert queries.count <= 14, "\n".join(queries.statements)


def test_hostile_answers_stay_text_on_every_screen(staff, new_client, contact):
    canary = '"><script>alert(1)</script>'
    send(new_client(), お名前=canary, message=canary, headers={"User-Agent": canary})
    work()
    number = submissions()[-1].id
    for path in (
        "/admin/forms/inbox",
        f"/admin/forms/inbox/{number}",
        f"/admin/customers/{submissions()[-1].customer_id}",
    ):
        assert "<script>alert(1)" not in staff.get(path).get_data(as_text=True)


def test_spam_and_trash_are_deleted_so_many_days_after_they_came_there(staff):
    first = submissions()[0].id
    with transaction():
        for submission in submissions():
            submission.submitted_at = utcnow() - dt.timedelta(days=91)
    act(staff, first, "trash")
    assert prune(Quiet()) == 1
    assert [s.folder for s in submissions()] == ["trash", "inbox"]
    with transaction():
        submissions()[0].moved_at = utcnow() - dt.timedelta(days=91)
    assert prune(Quiet()) == 1
    assert [s.folder for s in submissions()] == ["inbox"]
