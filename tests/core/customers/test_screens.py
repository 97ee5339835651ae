import json

import pytest
from sqlalchemy import select

from core.activity.models import Activity, AuditEntry
from core.activity.queries import list_timeline
from core.activity.services import record_activity
from core.customers import page
from core.customers.models import Company, Customer, CustomField, CustomValue, Label
from core.customers.panels import Panel
from core.customers.queries import get_customer
from core.db import db, transaction, utcnow
from core.testing.factories import (
    make_account,
    make_company,
    make_custom_field,
    make_customer,
    make_label,
    make_staff,
)

HTMX = {"HX-Request": "true"}


@pytest.fixture
def owner(client, login):
    login(client, make_account("Owner"))
    return client


def text(answer, status=200):
    assert answer.status_code == status, answer.get_data(as_text=True)[-2000:]
    return answer.get_data(as_text=True)


def test_the_list_shows_views_search_and_filters(owner):
    make_label("VIP")
    make_customer(family_name="髙橋", stage="customer", labels=["VIP"], prefecture="13")
    make_customer(family_name="佐藤", stage="lead")
    assert "髙橋" in text(owner.get("/admin/customers/"))
    leads = text(owner.get("/admin/customers/?view=leads"))
    assert "佐藤" in leads
    assert "髙橋" not in leads
    found = text(owner.get("/admin/customers/?q=髙橋"))
    assert "佐藤" not in found
    rule = json.dumps({"all": [{"field": "labels", "op": "eq", "value": "VIP"}]})
    filtered = text(owner.get("/admin/customers/", query_string={"filter": rule}))
    assert "髙橋" in filtered


def test_an_empty_list_offers_the_first_step(owner):
    assert "/admin/customers/new" in text(owner.get("/admin/customers/"))


def test_a_customer_is_added_and_shown(owner):
    answer = owner.post(
        "/admin/customers/new",
        data={"family_name": "髙橋", "given_name": "一郎", "stage": "customer", "phone": "0312345678"},
    )
    made = db.session.execute(select(Customer)).scalar_one()
    assert answer.headers["Location"] == f"/admin/customers/{made.id}"
    shown = text(owner.get(f"/admin/customers/{made.id}"))
    assert "髙橋 一郎" in shown
    assert "03-1234-5678" in shown


def test_wrong_input_comes_back_with_messages_and_everything_kept(owner):
    make_label("VIP")
    data = {
        "family_name": "髙橋",
        "email": "nobody",
        "birthday": "2099-01-01",
        "memo": "覚え書き",
        "labels": "VIP",
    }
    shown = text(owner.post("/admin/customers/new", data={**data, "stage": "customer"}), 422)
    assert 'value="髙橋"' in shown
    assert 'value="nobody"' in shown
    assert "覚え書き" in shown
    assert "name@example.jp" in shown
    assert "未来の日付" in shown
    assert db.session.execute(select(Customer)).first() is None


@pytest.mark.parametrize(
    "bad", ["x" * 200_000, "\x00", "9" * 5000, "\ud800".encode("utf-8", "surrogatepass").decode("latin-1")]
)
def test_unusable_input_is_refused_and_nothing_is_stored(owner, bad):
    for name in ("family_name", "birthday", "stage", "memo", "interests"):
        answer = owner.post(
            "/admin/customers/new", data={"given_name": "花子", "stage": "customer", name: bad}
        )
        assert answer.status_code in (302, 303, 400, 413, 422)
    answer = owner.post("/admin/companies/new", data={"name": "みどり", "capital": bad})
    assert 400 <= answer.status_code < 500
    assert db.session.execute(select(Company)).first() is None


def test_a_taken_address_leads_to_the_one_who_has_it(owner):
    other = make_customer(email="taro@example.jp", family_name="佐藤").id
    shown = text(owner.post("/admin/customers/new", data={"email": "TARO@example.jp", "stage": "lead"}), 422)
    assert f"/admin/customers/{other}" in shown
    assert "佐藤" in shown


def test_one_group_is_edited_in_place_and_the_rest_stays(owner):
    customer_id = make_customer(city="港区", memo="メモ").id
    url = f"/admin/customers/{customer_id}/edit?group=address"
    form = text(owner.get(url, headers=HTMX))
    assert "<html" not in form
    assert 'name="city"' in form
    assert 'name="memo"' not in form
    wrong = text(owner.post(url, data={"postal_code": "1", "city": "中央区"}, headers=HTMX), 422)
    assert 'value="中央区"' in wrong
    saved = owner.post(url, data={"postal_code": "1030027", "city": "中央区"}, headers=HTMX)
    assert saved.headers["HX-Refresh"] == "true"
    kept = get_customer(customer_id)
    assert (kept.city, kept.postal_code, kept.memo) == ("中央区", "103-0027", "メモ")
    assert "中央区" in text(owner.get(f"/admin/customers/{customer_id}/facts?group=address"))
    assert owner.get(f"/admin/customers/{customer_id}/edit?group=nonsense").status_code == 404


def test_the_caution_and_the_refusal_of_contact_cannot_be_missed(owner):
    customer_id = make_customer(caution_note="そばアレルギー", may_contact=False).id
    shown = text(owner.get(f"/admin/customers/{customer_id}"))
    assert "p-caution" in shown
    assert "そばアレルギー" in shown
    assert "連絡しない" in shown


def test_what_people_typed_is_never_markup(owner):
    attack = "<script>alert(1)</script>"
    customer_id = make_customer(family_name=attack, memo=attack, caution_note=attack, sns_line=attack).id
    owner.post(f"/admin/customers/{customer_id}/notes", data={"text": attack, "kind": "note"})
    for url in (
        f"/admin/customers/{customer_id}",
        f"/admin/customers/{customer_id}/edit",
        "/admin/customers/",
    ):
        assert attack not in text(owner.get(url)), url


def test_a_note_is_written_with_and_without_script(owner):
    customer_id = make_customer().id
    url = f"/admin/customers/{customer_id}/notes"
    answer = owner.post(url, data={"text": "電話した", "kind": "call"})
    assert answer.headers["Location"] == f"/admin/customers/{customer_id}#timeline"
    part = text(owner.post(url, data={"text": "会った", "kind": "meeting"}, headers=HTMX))
    assert "<html" not in part
    assert part.index("会った") < part.index("電話した")
    empty = text(owner.post(url, data={"text": " ", "kind": "note"}, headers=HTMX), 422)
    assert "k-error" in empty
    assert "電話した" in text(owner.get(f"/admin/customers/{customer_id}?kind=call"))


def test_a_note_can_be_deleted_and_nothing_else(owner):
    customer_id = make_customer().id
    owner.post(f"/admin/customers/{customer_id}/notes", data={"text": "電話した", "kind": "call"})
    note, created = list_timeline(customer_id).activities
    assert owner.post(f"/admin/customers/{customer_id}/notes/{created.id}/delete").status_code == 404
    assert owner.post(f"/admin/customers/{customer_id}/notes/{note.id}/delete").status_code == 303
    assert [line.id for line in list_timeline(customer_id).activities] == [created.id]


def test_older_lines_are_loaded_on_demand(owner):
    customer_id = make_customer().id
    with transaction():
        for number in range(35):
            record_activity(customer_id, "note", f"Nr. {number}")
    first = text(owner.get(f"/admin/customers/{customer_id}/timeline", headers=HTMX))
    assert "Nr. 34" in first
    assert "Nr. 3<" not in first
    mark = list_timeline(customer_id).older
    rest = text(owner.get(f"/admin/customers/{customer_id}/timeline?before={mark}", headers=HTMX))
    assert "Nr. 0<" in rest
    assert "Nr. 34" not in rest
    plain = owner.get(f"/admin/customers/{customer_id}/timeline?kind=note")
    assert plain.headers["Location"].startswith(f"/admin/customers/{customer_id}?kind=note")


def test_changes_are_told_in_words(owner):
    customer_id = make_customer(rank="new", birthday="1990-01-02").id
    owner.post(
        f"/admin/customers/{customer_id}/edit?group=profile", data={"birthday": "1990-01-03", "sex": "female"}
    )
    shown = text(owner.get(f"/admin/customers/{customer_id}"))
    assert "1990年1月2日" in shown
    assert "<ins>女性</ins>" in shown


def test_panels_of_plugins_stand_on_the_page_and_a_broken_one_is_missing(owner, monkeypatch):
    def collect(hook, **values):
        return [
            ("good", [Panel("Second", "admin/customers/_companies.html", order=2)]),
            ("good", [Panel("First panel", "admin/customers/_twin.html", {"twin": make_twin()}, order=1)]),
            ("broken", [Panel("Broken", "no/such/template.html")]),
            ("odd", 5),
        ]

    def make_twin():
        return Customer(id=99, family_name="双子")

    monkeypatch.setattr(page, "collect", collect)
    shown = text(owner.get(f"/admin/customers/{make_customer().id}"))
    assert "First panel" in shown
    assert "双子" in shown
    assert "Broken" not in shown


def test_two_customers_are_compared_and_merged(owner):
    kept = make_customer(family_name="山田", given_name="花子", city="港区").id
    merged = make_customer(family_name="山田", given_name="花子", city="中央区", phone="03-1234-5678").id
    found = text(owner.get(f"/admin/customers/{kept}/merge"))
    assert f"with={merged}" in found
    assert f"with={merged}" in text(owner.get(f"/admin/customers/{kept}/merge?q=山田"))
    compared = text(owner.get(f"/admin/customers/{kept}/merge?with={merged}"))
    assert 'name="take-city"' in compared
    answer = owner.post(f"/admin/customers/{kept}/merge", data={"with": merged, "take-city": "merged"})
    assert answer.headers["Location"] == f"/admin/customers/{kept}"
    left = db.session.execute(select(Customer)).scalar_one()
    assert (left.id, left.city, left.phone) == (kept, "中央区", "03-1234-5678")


def test_merging_with_nobody_or_oneself_changes_nothing(owner):
    kept = make_customer().id
    assert owner.get(f"/admin/customers/{kept}/merge?with={kept}").status_code == 409
    assert owner.get(f"/admin/customers/{kept}/merge?with=4711").status_code == 404
    assert owner.get(f"/admin/customers/{kept}/merge?with={'9' * 5000}").status_code == 200
    for other in (kept, 4711, "x", "9" * 5000, ""):
        assert owner.post(f"/admin/customers/{kept}/merge", data={"with": other}).status_code in (303, 404)
    assert db.session.execute(select(Customer)).scalar_one().id == kept


def test_a_person_is_erased_only_after_typing_the_number(owner):
    customer = make_customer()
    customer_id, number = customer.id, customer.number
    url = f"/admin/customers/{customer_id}/erase"
    assert number in text(owner.get(url))
    text(owner.post(url, data={"confirm": "yes"}), 422)
    assert db.session.get(Customer, customer_id) is not None
    location = owner.post(url, data={"confirm": number}).headers["Location"]
    assert location.startswith("/admin/privacy/certificates/")
    assert db.session.execute(select(Customer)).first() is None


def test_bulk_actions_label_and_move_to_another_stage(owner):
    label = make_label("VIP").id
    ids = [make_customer().id for _n in range(3)]
    chosen = {"do": "action", "scope": "ids", "ids": ids[:2]}
    asked = text(owner.post("/admin/customers/", data={**chosen, "action": "label"}))
    assert "VIP" in asked
    owner.post("/admin/customers/", data={**chosen, "action": "label", "label": label, "confirmed": 2})
    assert [len(get_customer(number).labels) for number in ids] == [1, 1, 0]
    owner.post("/admin/customers/", data={**chosen, "action": "stage", "stage": "former", "confirmed": 2})
    assert [get_customer(number).stage for number in ids] == ["former", "former", "lead"]
    owner.post("/admin/customers/", data={**chosen, "action": "erase", "confirmed": 2})
    assert db.session.execute(select(Customer.id)).scalars().all() == [ids[2]]


def test_companies_are_added_with_a_warning_for_twins_changed_and_deleted(owner):
    make_company("株式会社みどり")
    shown = text(owner.post("/admin/companies/new", data={"name": "(株)みどり", "industry": "小売業"}), 422)
    assert 'name="anyway"' in shown
    assert 'value="小売業"' in shown
    answer = owner.post("/admin/companies/new", data={"name": "(株)みどり", "anyway": "1"})
    company_id = int(answer.headers["Location"].rsplit("/", 1)[1])
    contact = make_customer(company_name="あおい商事").id
    text(owner.post(f"/admin/companies/{company_id}/edit", data={"name": "", "capital": "x"}), 422)
    owner.post(f"/admin/companies/{company_id}/edit", data={"name": "あおい商事", "capital": "1000000"})
    shown = text(owner.get(f"/admin/companies/{company_id}"))
    assert "¥1,000,000" in shown
    owner.post(f"/admin/customers/{contact}/edit?group=work", data={"company_name": "あおい商事"})
    owner.post(f"/admin/companies/{company_id}/delete")
    assert db.session.get(Company, company_id) is None
    assert get_customer(contact).company_name == "あおい商事"
    assert "あおい商事" in text(owner.get("/admin/customers/new?company_name=あおい商事"))


def test_own_fields_are_added_moved_changed_and_deleted_by_the_owner(owner):
    data = {"title": "好きなお茶", "type": "choice", "name": "tea", "choices": "green=緑茶\n紅茶"}
    text(owner.post("/admin/fields/new", data={**data, "choices": ""}), 422)
    assert owner.post("/admin/fields/new", data=data).status_code == 303
    owner.post("/admin/fields/new", data={"title": "記念日", "type": "date", "name": "day"})
    tea, day = db.session.execute(select(CustomField).order_by(CustomField.id)).scalars()
    tea_id, day_id = tea.id, day.id
    assert "custom_tea" in text(owner.get("/admin/fields/"))
    owner.post(f"/admin/fields/{day_id}/move", data={"step": "up"})
    shown = text(owner.get("/admin/fields/"))
    assert shown.index("記念日") < shown.index("好きなお茶")
    assert "green=緑茶" in text(owner.get(f"/admin/fields/{tea_id}"))
    text(owner.post(f"/admin/fields/{tea_id}", data={"title": "", "choices": "x"}), 422)
    owner.post(f"/admin/fields/{tea_id}", data={"title": "お茶", "choices": "green=煎茶", "type": "text"})
    assert db.session.get(CustomField, tea_id).title == "お茶"
    customer_id = make_customer(custom_tea="green").id
    assert "煎茶" in text(owner.get(f"/admin/customers/{customer_id}"))
    assert "煎茶" in text(owner.get(f"/admin/customers/{customer_id}/edit"))
    assert "1人分" in text(owner.get(f"/admin/fields/{tea_id}/delete"))
    text(owner.post(f"/admin/fields/{tea_id}/delete", data={"confirm": "x"}), 422)
    owner.post(f"/admin/fields/{tea_id}/delete", data={"confirm": "tea"})
    assert db.session.execute(select(CustomValue)).first() is None
    assert "custom_tea" not in text(owner.get(f"/admin/customers/{customer_id}/edit"))


def test_labels_are_added_renamed_and_deleted(owner):
    owner.post("/admin/labels/", data={"name": "VIP", "color": "purple"})
    text(owner.post("/admin/labels/", data={"name": "VIP", "color": "purple"}), 422)
    text(owner.post("/admin/labels/", data={"name": "", "color": "mauve"}), 422)
    label = db.session.execute(select(Label)).scalar_one()
    label_id = label.id
    owner.post(f"/admin/labels/{label_id}", data={"name": "お得意様", "color": "red"})
    assert "お得意様" in text(owner.get("/admin/labels/"))
    assert "VIP" in text(owner.get(f"/admin/labels/{label_id}"))
    owner.post(f"/admin/labels/{label_id}/delete")
    assert db.session.execute(select(Label)).first() is None


def test_staff_see_and_do_only_what_they_may(client, new_client, login):
    customer_id, company_id = make_customer().id, make_company().id
    login(client, make_staff("customers.see"))
    assert client.get("/admin/customers/").status_code == 200
    shown = text(client.get(f"/admin/customers/{customer_id}"))
    for path in ("edit", "merge", "erase"):
        assert client.get(f"/admin/customers/{customer_id}/{path}").status_code == 403, path
        assert f"/admin/customers/{customer_id}/{path}" not in shown
    assert "note-text" not in shown
    for path in ("companies/new", f"companies/{company_id}/edit", "fields/", "labels/", "customers/new"):
        assert client.get(f"/admin/{path}").status_code == 403, path
    assert client.post(f"/admin/customers/{customer_id}/notes", data={"text": "x"}).status_code == 403
    editor = new_client()
    login(editor, make_staff("customers.see", "customers.edit"))
    assert editor.get(f"/admin/customers/{customer_id}/edit").status_code == 200
    assert editor.post(f"/admin/companies/{company_id}/delete").status_code == 403


def test_addresses_of_nobody_are_not_found(owner):
    for path in ("customers/4711", "customers/4711/edit", "companies/4711", "fields/4711", "labels/4711"):
        assert owner.get(f"/admin/{path}").status_code == 404, path
    for number in ("9" * 19, "9" * 30, "9" * 5000, "-1", "x"):
        assert owner.get(f"/admin/customers/{number}").status_code == 404, number


def test_the_screens_speak_english_too(owner):
    customer_id = make_customer(family_name="Smith", given_name="Anna", sex="female").id
    shown = text(owner.get(f"/admin/customers/{customer_id}?lang=en"))
    assert "Anna Smith" in shown
    assert "Female" in shown


def test_pages_cost_the_same_queries_whatever_the_number_of_rows(owner, query_counter):
    make_label("VIP")
    make_custom_field("tea")

    def queries_for(path):
        owner.get(path)
        with query_counter() as queries:
            text(owner.get(path))
        return queries.count

    customer_id = make_customer(labels=["VIP"], custom_tea="緑茶").id
    few = queries_for("/admin/customers/"), queries_for(f"/admin/customers/{customer_id}")
    for _n in range(60):
        make_customer(labels=["VIP"], custom_tea="緑茶")
    with transaction():
        db.session.execute(
            Activity.__table__.insert(),
            [
                {
                    "customer_id": customer_id,
                    "kind": "note",
                    "title": "n",
                    "body": "b",
                    "occurred_at": utcnow(),
                    "created_at": utcnow(),
                }
                for _n in range(100)
            ],
        )
    many = queries_for("/admin/customers/"), queries_for(f"/admin/customers/{customer_id}")
    assert many == few
    # One each for consents, contact points, pinned lines, colleagues one can name, the next contact,
    # related people.
    assert max(many) <= 21


def test_reading_changes_nothing(owner):
    customer_id = make_customer().id
    before = db.session.execute(select(AuditEntry.id)).scalars().all()
    for path in ("", "/edit", "/merge", "/erase", "/timeline"):
        owner.get(f"/admin/customers/{customer_id}{path}")
    assert db.session.execute(select(AuditEntry.id)).scalars().all() == before
    assert len(list_timeline(customer_id).activities) == 1
