"""The plugin's part in customers: panel, fields, merge, erasure, report; and its own life."""

import csv
import io

from sqlalchemy import select

from core.conditions import compile_condition
from core.customers.merges.models import Merge
from core.customers.merges.undoing import undo_merge
from core.customers.models import Customer
from core.customers.registry import customer_fields
from core.customers.services import customer_report, erase_customer, merge_customers
from core.db import db, transaction
from core.exports.csv_writer import stream_export
from core.exports.queries import export_fields, find_export
from core.mail.models import OutboxMail
from core.plugin_host import lifecycle
from core.plugin_host.queries import consequences
from core.testing.factories import make_account, make_customer, make_staff
from plugins.contact_forms.definition.definitions import FieldDefinition, Kind
from plugins.contact_forms.models_pipeline import Consent
from tests.plugins.contact_forms.forms_kit import ANSWERS, make_form, open_form, send, submissions, work


def sent_by(client, email="taro@example.jp", **changes):
    send(client, email=email, **changes)
    work()
    return db.session.scalars(select(Customer).where(Customer.email_key == email)).one()


def matching(condition):
    where = compile_condition(condition, customer_fields())
    return list(db.session.scalars(select(Customer.id).where(where)))


def test_the_customer_page_shows_the_messages_to_those_who_may_read_them(client, login, new_client, contact):
    customer = sent_by(new_client())
    login(client, make_staff("customers.see", "contact_forms.inbox.see"))
    link = f"/admin/forms/inbox/{submissions()[0].id}"
    panel = client.get(f"/admin/customers/{customer.id}").get_data(as_text=True)
    assert link in panel
    other = new_client()
    login(other, make_staff("customers.see"))
    assert "<h2>メッセージ</h2>" not in other.get(f"/admin/customers/{customer.id}").get_data(as_text=True)


def test_the_dashboard_shows_new_messages(client, login, new_client, contact):
    send(new_client())
    login(client, make_account("Owner"))
    page = client.get("/admin/").get_data(as_text=True)
    assert f"/admin/forms/inbox/{submissions()[0].id}" in page


def test_customers_are_found_by_when_and_how_often_they_wrote(client, contact):
    wrote = sent_by(client)
    make_customer(email="silent@example.jp")
    assert matching({"field": "last_submission_at", "op": "is_set"}) == [wrote.id]
    assert matching({"field": "last_submission_at", "op": "within_last", "value": 7}) == [wrote.id]
    assert matching({"field": "submission_count", "op": "gte", "value": 1}) == [wrote.id]
    assert matching({"field": "submission_count", "op": "gte", "value": 2}) == []


def test_a_merge_moves_the_messages(client, contact):
    merged = sent_by(client)
    kept = make_customer(email="kept@example.jp")
    with transaction():
        merge_customers(kept.id, merged.id, by=None)
    assert submissions()[0].customer_id == kept.id


def test_taking_a_merge_back_returns_messages_and_consents(client, contact):
    merged, kept = sent_by(client), make_customer(email="kept@example.jp")
    with transaction():
        merge_customers(kept.id, merged.id)
    with transaction():
        undo_merge(db.session.scalar(select(Merge.id)))
    db.session.expire_all()
    assert submissions()[0].customer_id == merged.id
    assert set(db.session.scalars(select(Consent.customer_id))) <= {merged.id}


def test_erasing_a_person_blanks_their_answers_and_keeps_the_count(client, contact):
    customer = sent_by(client)
    send(client, form_website="held back", message="秘密")
    work()
    with transaction():
        erase_customer(customer.id, by=None)
    for submission in submissions():
        assert submission.erased_at is not None
        assert submission.customer_id is None
        assert {answer["value"] for answer in submission.answers} == {""}
        assert submission.sender_name == submission.sender_email == submission.sender_key == ""
    assert db.session.scalars(select(OutboxMail)).all() == []


def test_erasing_reaches_the_messages_of_a_disabled_plugin(client, contact):
    customer = sent_by(client)
    lifecycle.disable("contact_forms")
    with transaction():
        erase_customer(customer.id, by=None)
    assert submissions()[0].sender_email == ""


def test_erasing_one_person_leaves_the_others(client, contact):
    gone = sent_by(client)
    sent_by(client, "hana@example.jp")
    with transaction():
        erase_customer(gone.id, by=None)
    assert submissions()[1].sender_email == "hana@example.jp"


def test_an_erased_message_opens_and_is_not_accepted_again(client, login, new_client, contact):
    customer = sent_by(new_client())
    with transaction():
        erase_customer(customer.id, by=None)
    login(client, make_staff("contact_forms.inbox.see"))
    answer = client.get(f"/admin/forms/inbox/{submissions()[0].id}")
    assert answer.status_code == 200
    assert "山田" not in answer.get_data(as_text=True)


def test_the_data_report_holds_everything_that_was_sent(client, contact):
    customer = sent_by(client)
    report = str(customer_report(customer.id))
    for text in ("在庫はありますか。", submissions()[0].receipt, "個人情報の取り扱いに同意します。"):
        assert text in report


def exported(names=None):
    owner = _Everything()
    export = find_export("submissions", owner)
    fields = {field.name: field for field in export_fields(export, owner)}
    chosen = names or list(fields)
    content = b"".join(stream_export(export, chosen, account=owner)).decode("utf-8-sig")
    return [str(fields[name].title) for name in chosen], list(csv.reader(io.StringIO(content)))


class _Everything:
    """An account that may do everything."""

    id = 1
    is_owner = is_staff = True
    kind, reach, role_id = "owner", "all", None

    def can(self, _name):
        return True


def test_the_export_has_a_column_for_every_question_of_every_form(client, contact):
    make_form("event", [FieldDefinition("人数", Kind.SELECT, "人数", choices=("1", "2"))], notice_to=[])
    send(client)
    client.post("/forms/event", data={**open_form(client, "event"), "人数": "2"})
    _titles, rows = exported()
    header, *lines = rows
    first = dict(zip(header, lines[0], strict=True))
    second = dict(zip(header, lines[1], strict=True))
    assert first["内容"] == "こんにちは。\n在庫はありますか。"
    assert first["ご希望"] == "電話, 来店"
    assert first["同意"] == "✓"
    assert first["人数"] == ""
    assert second["人数"] == "2"
    assert "人数: 2" in second[header[-1]]


def test_the_export_leaves_spam_and_trash_out_and_defuses_formulas(client, contact):
    send(client, form_website="x")
    send(client, message="=HYPERLINK(1)", tel="+81 3-1234-5678")
    _titles, (header, *lines) = exported()
    row = dict(zip(header, lines[0], strict=True))
    assert len(lines) == 1
    assert not row["内容"].startswith("=")
    assert row["電話番号"] == "+81 3-1234-5678"


def test_answers_to_removed_questions_are_still_exported(client, contact):
    from plugins.contact_forms.builder.building import save_form

    send(client)
    values = {"slug": "contact", "title": "お問い合わせ"}
    with transaction():
        save_form(contact.id, values, contact.fields[:1])
    _titles, (header, *lines) = exported()
    assert "内容" not in header
    assert "在庫はありますか。" in dict(zip(header, lines[0], strict=True))[header[-1]]


def test_disabling_hides_the_form_and_enabling_brings_everything_back(client, login, new_client, contact):
    hidden = open_form(client)
    send(client, hidden=hidden)
    assert "1" in str(consequences("contact_forms"))
    lifecycle.disable("contact_forms")
    assert client.get("/forms/contact").status_code == 404
    assert client.post("/forms/contact", data=ANSWERS).status_code == 404
    staff = new_client()
    login(staff, make_account("Owner"))
    assert staff.get("/admin/forms/inbox").status_code == 404
    assert "/admin/forms/" not in staff.get("/admin/").get_data(as_text=True)
    lifecycle.enable("contact_forms")
    work()
    assert staff.get("/admin/forms/inbox").status_code == 200
    assert len(submissions()) == 1


def test_a_message_received_just_before_disabling_is_accepted_after_enabling(client, contact):
    send(client)
    lifecycle.disable("contact_forms")
    work()
    assert submissions()[0].accepted_at is None
    lifecycle.enable("contact_forms")
    work()
    assert submissions()[0].accepted_at is not None
