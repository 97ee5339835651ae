import datetime as dt
import threading

import pytest
from sqlalchemy import select

from core.activity.queries import list_timeline
from core.customers.models import Customer, CustomValue, Interest, Stage
from core.customers.queries import find_customer_by_email, get_customer, search_customers
from core.customers.registry import customer_attributes
from core.customers.services import (
    EmailTaken,
    create_customer,
    find_or_create_by_email,
    update_customer,
)
from core.customers.storage import read_values
from core.db import db, transaction
from core.errors import NotFound, ValidationFailed
from core.testing.factories import make_account, make_company, make_custom_field, make_customer, make_label

P1_TO_P19 = {
    "family_name": ("山田", "山田"),
    "given_name": ("花子", "花子"),
    "family_kana": ("ﾔﾏﾀﾞ", "ヤマダ"),
    "given_kana": ("はなこ", "はなこ"),
    "company_name": ("みどり商店", "みどり商店"),
    "department": ("営業部", "営業部"),
    "job_title": ("部長", "部長"),
    "is_decision_maker": ("true", True),
    "is_contact_person": ("yes", True),
    "postal_code": ("〒1030027", "103-0027"),
    "prefecture": ("東京都", "13"),
    "city": ("中央区", "中央区"),
    "address_line": ("日本橋1-2-3", "日本橋1-2-3"),
    "building": ("やまとビル", "やまとビル"),
    "area": ("城東エリア", "城東エリア"),
    "sex": ("female", "female"),
    "phone": ("０９０１２３４５６７８", "090-1234-5678"),
    "email": ("Hanako@例え.jp", "Hanako@例え.jp"),
    "sns_line": ("hanako_y", "hanako_y"),
    "sns_instagram": ("@hanako", "@hanako"),
    "birthday": ("1988/6/15", dt.date(1988, 6, 15)),
    "occupation": ("会社員", "会社員"),
    "interests": ("茶道、旅行, 茶道", ["旅行", "茶道"]),
    "family_structure": ("夫と子ども2人", "夫と子ども2人"),
    "rank": ("vip", "vip"),
    "stage": ("customer", "customer"),
    "may_contact": ("no", False),
    "preferred_channel": ("line", "line"),
    "caution_note": ("そばアレルギー\r\n要注意", "そばアレルギー\n要注意"),
    "memo": ("メモ", "メモ"),
    "source": ("business_card", "business_card"),
    "source_detail": ("春の展示会", "春の展示会"),
    "last_confirmed_on": ("2026年3月1日", dt.date(2026, 3, 1)),
}


def read(customer_id):
    return read_values(get_customer(customer_id), customer_attributes())


def test_every_field_of_a_person_is_kept_cleaned_and_read_back(app):
    with transaction():
        made = create_customer({name: typed for name, (typed, _kept) in P1_TO_P19.items()})
    kept = read(made.id)
    for name, (_typed, expected) in P1_TO_P19.items():
        found = sorted(kept[name]) if name == "interests" else kept[name]
        assert found == (sorted(expected) if name == "interests" else expected), name


def test_all_attributes_of_a_person_are_tested_here(app):
    assert set(customer_attributes()) - set(P1_TO_P19) == {
        *("labels", "assigned_account_id"),
        *(f"sns_{service}" for service in ("x", "facebook", "youtube", "tiktok", "other")),
    }


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        *(("email", "nobody"), ("email", "a@b@c"), ("email", "x" * 300 + "@example.jp")),
        *(("phone", "abc"), ("phone", "9" * 5000), ("postal_code", "12"), ("prefecture", "48")),
        *(("birthday", "2099-01-01"), ("birthday", "1990-02-30"), ("birthday", "きのう")),
        *(("sex", "robot"), ("stage", "friend"), ("stage", ""), ("may_contact", "perhaps")),
        *(("family_name", "x" * 101), ("family_name", "山\x00田"), ("memo", "\ud800"), ("memo", "x" * 5001)),
        *(
            ("labels", ["nobody made this"]),
            ("interests", ["x" * 61]),
            ("interests", [str(n) for n in range(101)]),
        ),
        *(("unknown", "x"), ("id", "7"), ("email_key", "x"), ("assigned_account_id", "4711")),
        *(("family_name", {"a": 1}), ("family_name", [10**5000]), ("is_decision_maker", "9" * 5000)),
    ],
)
def test_what_cannot_be_used_is_refused_by_name_and_nothing_is_stored(app, name, typed):
    with pytest.raises(ValidationFailed) as refusal, transaction():
        create_customer({"family_name": "山田", name: typed})
    assert list(refusal.value.errors) == [name]
    assert db.session.execute(select(Customer)).first() is None


def test_a_customer_needs_something_to_be_known_by(app):
    with pytest.raises(ValidationFailed), transaction():
        create_customer({"memo": "だれ？", "stage": "customer"})
    with transaction():
        assert create_customer({"phone": "03-1234-5678"}).name == "03-1234-5678"


def test_two_spellings_of_one_address_are_one_customer(app):
    first = make_customer(email="taro@example.jp").id
    with pytest.raises(EmailTaken) as refusal, transaction():
        create_customer({"email": "ＴＡＲＯ@example.jp"})
    assert refusal.value.customer_id == first


def test_registering_is_the_first_line_of_the_timeline(app):
    staff = make_account("Staff").id
    with transaction():
        made = create_customer({"family_name": "山田"}, by=staff)
    line = list_timeline(made.id).activities[0]
    assert (line.kind, line.account_id) == ("created", staff)


def test_a_change_is_told_with_old_and_new(app, events):
    customer_id = make_customer(phone="03-1234-5678", interests="茶道").id
    events.clear()
    with transaction():
        update_customer(customer_id, {"phone": "0312345679", "interests": "茶道,旅行", "city": ""})
    assert events == [
        (
            "customer_updated",
            {
                "customer_id": customer_id,
                "changes": {
                    "phone": ("03-1234-5678", "03-1234-5679"),
                    "interests": (["茶道"], ["茶道", "旅行"]),
                },
            },
        )
    ]
    line = list_timeline(customer_id).activities[0]
    assert line.data == {
        "changes": {
            "phone": ["03-1234-5678", "03-1234-5679"],
            "interests": [["茶道"], ["茶道", "旅行"]],
        }
    }


def test_saving_the_same_values_tells_nothing(app, events):
    values = {name: typed for name, (typed, _kept) in P1_TO_P19.items()}
    with transaction():
        customer_id = create_customer(values).id
    events.clear()
    with transaction():
        update_customer(customer_id, values)
    assert events == []
    assert len(list_timeline(customer_id).activities) == 1


def test_nothing_is_told_when_the_change_is_undone(app, events):
    customer_id = make_customer().id
    events.clear()
    with pytest.raises(ZeroDivisionError), transaction():
        update_customer(customer_id, {"city": "港区"})
        raise ZeroDivisionError
    assert events == []
    assert read(customer_id)["city"] is None


def test_a_customer_cannot_lose_the_last_thing_to_be_known_by(app):
    with transaction():
        customer_id = create_customer({"phone": "03-1234-5678"}).id
    with pytest.raises(ValidationFailed), transaction():
        update_customer(customer_id, {"phone": ""})
    assert read(customer_id)["phone"] == "03-1234-5678"


def test_changing_to_a_taken_address_is_refused(app):
    first, second = make_customer(email="a@example.jp").id, make_customer(email="b@example.jp").id
    with pytest.raises(EmailTaken) as refusal, transaction():
        update_customer(second, {"email": "A@example.jp", "city": "港区"})
    assert refusal.value.customer_id == first
    assert read(second)["city"] is None
    with transaction():
        update_customer(first, {"email": "A@EXAMPLE.jp"})


def test_changing_somebody_who_is_not_there(app):
    with pytest.raises(NotFound), transaction():
        update_customer(4711, {"city": "港区"})


def test_a_company_name_links_the_company_that_is_called_so(app):
    company = make_company("株式会社みどり")
    customer_id = make_customer(company_name="(株) みどり").id
    assert get_customer(customer_id).company_id == company.id
    make_company("みどり 有限会社")
    other_id = make_customer(company_name="みどり").id
    assert get_customer(other_id).company_id is None
    assert read(other_id)["company_name"] == "みどり"


def test_labels_and_own_fields_of_every_type_are_kept(app):
    make_label("VIP")
    samples = {
        "text": ("長い文章\n二行目", "長い文章\n二行目"),
        "integer": ("１,２００", 1200),
        "money": ("¥1,200", 1200),
        "date": ("2026-04-01", dt.date(2026, 4, 1)),
        "datetime": ("2026-04-01T09:30", dt.datetime(2026, 4, 1, 0, 30, tzinfo=dt.UTC)),
        "choice": ("a", "a"),
        "multi": (["a", "b"], ["a", "b"]),
        "boolean": ("false", False),
        "email": ("A@Example.jp", "A@example.jp"),
        "phone": ("0312345678", "03-1234-5678"),
        "prefecture": ("大阪府", "27"),
    }
    for kind in samples:
        make_custom_field(kind, kind, choices=["a", "b"])
    typed = {f"custom_{kind}": value for kind, (value, _kept) in samples.items()}
    customer_id = make_customer(labels=["VIP"], **typed).id
    kept = read(customer_id)
    assert kept["labels"] == ["VIP"]
    for kind, (_typed, expected) in samples.items():
        assert kept[f"custom_{kind}"] == expected, kind
    with transaction():
        update_customer(
            customer_id, {"custom_multi": ["b"], "custom_integer": "5", "custom_text": "", "labels": []}
        )
    kept = read(customer_id)
    assert (kept["custom_multi"], kept["custom_integer"], kept["custom_text"]) == (["b"], 5, None)
    assert kept["labels"] == []


def test_a_required_own_field_must_be_filled_in_when_it_is_asked_for(app):
    make_custom_field("tea", is_required=True)
    make_customer()
    with pytest.raises(ValidationFailed) as refusal, transaction():
        create_customer({"family_name": "山田", "custom_tea": ""})
    assert list(refusal.value.errors) == ["custom_tea"]


def test_find_or_create_makes_a_lead_once_and_fills_only_gaps_afterwards(app):
    with transaction():
        made, is_new = find_or_create_by_email(
            "Hana@example.jp", {"family_name": "山田", "city": "港区"}, source="form:inquiry"
        )
        assert is_new
    assert (made.stage, made.source, made.source_detail) == (Stage.LEAD, "form", "inquiry")
    with transaction():
        again, is_new = find_or_create_by_email(
            "ｈａｎａ@EXAMPLE.jp",
            {"family_name": "別人", "given_name": "花子", "city": "", "birthday": "きのう", "nonsense": 1},
            source="form",
        )
        assert not is_new
    kept = read(again.id)
    assert again.id == made.id
    assert (kept["family_name"], kept["given_name"], kept["city"], kept["birthday"]) == (
        "山田",
        "花子",
        "港区",
        None,
    )


def test_find_or_create_refuses_an_unusable_address(app):
    for email in ("", "nobody", "x\x00@example.jp", "a" * 5000):
        with pytest.raises(ValidationFailed), transaction():
            find_or_create_by_email(email, {}, source="form")


def test_an_unknown_source_is_kept_as_a_detail(app):
    with transaction():
        made, _new = find_or_create_by_email("a@example.jp", {}, source="my_plugin")
    assert (made.source, made.source_detail) == ("other", "my_plugin")


def test_several_at_once_make_one_customer(app):
    ids, errors = [], []

    def submit(number):
        with app.app_context():
            try:
                with transaction():
                    made, _new = find_or_create_by_email(
                        "same@example.jp", {"interests": "茶道", "given_name": str(number)}, source="form"
                    )
                    ids.append(made.id)
            except Exception as error:
                errors.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=submit, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(ids) == 8
    assert len(set(ids)) == 1
    db.session.rollback()
    assert len(db.session.execute(select(Interest)).all()) == 1


def test_search_finds_by_everything_that_people_remember(app):
    make_company("株式会社みどり")
    made = make_customer(
        family_name="髙橋", given_name="一郎", family_kana="ﾀｶﾊｼ", given_kana="ｲﾁﾛｳ",
        email="taka@example.jp", phone="03-1234-5678", company_name="みどり", memo="贈答用",
    ).id  # fmt: skip
    make_customer()
    for query in (
        "髙橋",
        "髙橋一郎",
        "たかはし いちろう",
        "タカハシイチロウ",
        "taka@",
        "0312345678",
        "1234-5678",
        "みどり",
        "贈答",
    ):
        assert [found.id for found in search_customers(query)] == [made], query
    with transaction():
        update_customer(made, {"family_name": "鈴木"})
    assert search_customers("髙橋") == []
    assert [found.id for found in search_customers("鈴木一郎")] == [made]


def test_the_id_of_a_deleted_customer_is_never_given_to_another(app):
    first = make_customer().id
    with transaction():
        db.session.delete(db.session.get(Customer, first))
    assert make_customer().id > first


def test_a_customer_is_found_however_the_address_is_spelled(app):
    made = make_customer(email="taro@example.jp").id
    found = find_customer_by_email(" TARO＠example.jp")
    assert found is not None
    assert found.id == made


def test_values_of_a_deleted_own_field_go_with_it(app):
    from core.customers.field_services import delete_custom_field

    field = make_custom_field("tea")
    make_customer(custom_tea="緑茶")
    with transaction():
        delete_custom_field(field.id)
    assert db.session.execute(select(CustomValue)).all() == []
