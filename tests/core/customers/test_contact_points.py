import json
from contextlib import suppress

import pytest
from sqlalchemy import func, select

from core.accounts.email_change import _change_customer
from core.accounts.own_data import own_data
from core.accounts.registration.services import clean_email, has_account
from core.activity.models import Activity
from core.customers.contact_points.carriers import is_old_carrier_address
from core.customers.contact_points.models import ContactPoint
from core.customers.contact_points.presentation import points_by_group
from core.customers.contact_points.queries import email_keys_of, emails_of
from core.customers.contact_points.services import (
    add_point,
    delete_point,
    describe_point,
    make_primary,
    mark_point,
)
from core.customers.erasing import customer_report, erase_customer
from core.customers.indexing import reindex_all
from core.customers.merging import merge_customers
from core.customers.models import Customer
from core.customers.queries import find_customer_by_email, find_similar, get_customer, search_customers
from core.customers.services import (
    EmailTaken,
    create_customer,
    find_or_create_by_email,
    update_customer,
)
from core.db import db, transaction
from core.errors import NotFound, ValidationFailed
from core.mail.messages import build_envelope
from core.mail.queries import find_mail
from core.mail.services import queue_mail
from core.plugin_host.snapshot import current_snapshot
from core.testing.factories import make_account, make_customer
from tests.racing import at_once

HTMX = {"HX-Request": "true"}


def add(customer, kind, **values):
    with transaction():
        point = add_point(customer.id, kind, values)
        return point.id if point is not None else None


def shown(customer, group):
    return [(one.text, one.is_primary) for one in points_by_group(get_customer(customer.id))[group]]


def rows():
    return db.session.execute(select(func.count(ContactPoint.id))).scalar_one()


@pytest.fixture
def taro(app):
    return make_customer(family_name="山田", email="taro@example.jp", phone="0312345678")


def test_a_customer_is_found_by_any_address(taro):
    add(taro, "email", value="ＴＡＲＯ@work.example.jp", label="勤務先")
    for address in ("taro@example.jp", "Taro@Work.example.jp"):
        assert find_customer_by_email(address).id == taro.id
    assert find_customer_by_email("nobody@example.jp") is None
    with transaction():
        found, is_new = find_or_create_by_email("taro@work.example.jp", {"city": "京都市"}, source="form:x")
    assert (found.id, is_new, found.email) == (taro.id, False, "taro@example.jp")
    assert get_customer(taro.id).city == "京都市"


def test_the_search_finds_further_addresses_and_numbers_however_they_are_written(taro):
    add(taro, "email", value="second@example.jp")
    add(taro, "phone", value="090-1111-2222")
    for words in ("second@example", "090-1111", "09011112222"):
        assert [one.id for one in search_customers(words)] == [taro.id], words
    with transaction():
        update_customer(taro.id, {"memo": "x"})
        reindex_all()
    assert [one.id for one in search_customers("09011112222")] == [taro.id]


def test_one_address_belongs_to_one_customer_whichever_way_it_is_given(taro):
    other = make_customer(email="other@example.jp")
    add(other, "email", value="other2@example.jp")
    for address in ("other@example.jp", "OTHER2@example.jp"):
        with pytest.raises(EmailTaken) as refusal, transaction():
            add_point(taro.id, "email", {"value": address})
        assert refusal.value.customer_id == other.id
        with pytest.raises(EmailTaken), transaction():
            update_customer(taro.id, {"email": address})
    with pytest.raises(EmailTaken), transaction():
        create_customer({"email": "other2@example.jp"})
    for address in ("taro@example.jp", " ＴＡＲＯ@example.jp"):
        with pytest.raises(ValidationFailed), transaction():
            add_point(taro.id, "email", {"value": address})


def test_two_at_once_never_give_one_address_to_two_customers(app, taro):
    """One makes it a further address, the other a new customer's first one."""
    taro_id = taro.id

    def further():
        with suppress(EmailTaken), transaction():
            add_point(taro_id, "email", {"value": "fresh@example.jp"})

    def first():
        with transaction():
            find_or_create_by_email("fresh@example.jp", {}, source="form:x")

    for _round in range(5):
        at_once(app, further, first)
        keys = select(Customer.id).where(Customer.email_key == "fresh@example.jp")
        points = select(ContactPoint.customer_id).where(ContactPoint.email_key == "fresh@example.jp")
        owners = db.session.execute(keys.union_all(points)).scalars().all()
        assert len(owners) == 1
        db.session.rollback()
        with transaction():
            for customer_id in owners:
                if customer_id != taro_id:
                    erase_customer(customer_id)
            for point in db.session.execute(select(ContactPoint)).scalars():
                db.session.delete(point)


def test_the_first_of_its_kind_becomes_the_primary_one(app):
    customer = make_customer(family_name="山田")
    assert add(customer, "phone", value="09011112222", label="携帯") is None
    assert get_customer(customer.id).phone == "090-1111-2222"
    point = points_by_group(get_customer(customer.id))["contact"][-1]
    assert (point.label, point.is_primary, point.is_alone) == ("携帯", True, True)


def test_making_one_the_primary_swaps_the_two_with_what_is_said_about_each(taro):
    with transaction():
        describe_point(taro.id, ("phone", ""), {"label": "自宅", "note": "夜"})
        mark_point(taro.id, ("phone", ""), "failing")
    point = add(taro, "phone", value="090-1111-2222", label="携帯")
    with transaction():
        make_primary(taro.id, point)
    first, second = points_by_group(get_customer(taro.id))["contact"][1:]
    assert (first.text, first.label, first.is_primary, first.is_failing) == (
        "090-1111-2222",
        "携帯",
        True,
        False,
    )
    assert (second.text, second.label, second.note, second.is_failing) == ("03-1234-5678", "自宅", "夜", True)
    kinds = db.session.execute(select(Activity.kind).where(Activity.customer_id == taro.id)).scalars()
    assert "updated" in list(kinds)
    assert [one.id for one in search_customers("0312345678")] == [taro.id]


def test_addresses_and_handles_swap_whole(app):
    customer = make_customer(
        family_name="山田", postal_code="1000001", prefecture="13", city="千代田区", sns_line="one"
    )
    place = add(customer, "address", postal_code="5300001", prefecture="27", city="大阪市", label="実家")
    handle = add(customer, "social", service="line", value="@two")
    with transaction():
        make_primary(customer.id, place)
        make_primary(customer.id, handle)
    found = get_customer(customer.id)
    assert (found.postal_code, found.prefecture, found.city) == ("530-0001", "27", "大阪市")
    assert [row.handle for row in found.social_accounts] == ["@two"]
    assert [primary for _text, primary in shown(customer, "address")] == [True, False]
    assert shown(customer, "social") == [("@two", True), ("one", False)]


def test_what_becomes_the_primary_by_editing_is_no_further_one_any_more(taro):
    add(taro, "email", value="second@example.jp")
    with transaction():
        mark_point(taro.id, ("email", ""), "failing")
        update_customer(taro.id, {"email": "second@example.jp"})
    assert shown(taro, "contact")[0] == ("second@example.jp", True)
    assert rows() == 0, "the mark was about the other address"


def test_a_label_stays_when_a_typing_error_is_corrected_but_a_mark_does_not(taro):
    with transaction():
        describe_point(taro.id, ("email", ""), {"label": "勤務先"})
        mark_point(taro.id, ("email", ""), "failing")
        update_customer(taro.id, {"email": "taroh@example.jp"})
    point = points_by_group(get_customer(taro.id))["contact"][0]
    assert (point.label, point.is_failing) == ("勤務先", False)
    with transaction():
        update_customer(taro.id, {"email": ""})
    assert rows() == 0


def test_merging_loses_no_contact_point_and_doubles_none(taro):
    other = make_customer(family_name="山田", email="other@example.jp", phone="03-1234-5678", city="京都市")
    add(taro, "phone", value="090-1111-2222")
    add(other, "phone", value="09011112222")
    add(other, "email", value="third@example.jp", note="夜間")
    with transaction():
        mark_point(other.id, ("email", ""), "failing")
    with transaction():
        merge_customers(taro.id, other.id, choices={"email": "merged"})
    assert shown(taro, "contact") == [
        ("other@example.jp", True),
        ("taro@example.jp", False),
        ("third@example.jp", False),
        ("03-1234-5678", True),
        ("090-1111-2222", False),
    ]
    views = points_by_group(get_customer(taro.id))["contact"]
    assert (views[0].is_failing, views[2].note) == (True, "夜間")
    assert find_customer_by_email("third@example.jp").id == taro.id


def test_erasing_leaves_no_address_and_no_mail_to_any_of_them(taro):
    add(taro, "email", value="second@example.jp")
    with transaction():
        queue_mail("core.already_registered", "second@example.jp", {})
        counts = erase_customer(taro.id)
    assert counts["mails"] == 1
    assert rows() == 0
    assert search_customers("second@example.jp") == []


def test_the_report_and_the_members_own_data_name_them(taro):
    add(taro, "email", value="second@example.jp", label="勤務先", note="staff's note")
    with transaction():
        queue_mail("core.already_registered", "second@example.jp", {})
    report = customer_report(taro.id)
    assert report["contact_points"][0]["value"] == "second@example.jp"
    assert report["contact_points"][0]["note"] == "staff's note"
    assert len(report["mails"]) == 1
    account = make_account("Member", customer=taro)
    own = own_data(account.id)
    assert own["contact_points"] == [{"kind": "email", "is_primary": False, "value": "second@example.jp"}]
    assert "staff's note" not in json.dumps(own, ensure_ascii=False, default=str)
    assert any(mail["to"] == "second@example.jp" for mail in own["mails"])


def test_who_can_log_in_has_an_account_by_any_address_but_logs_in_by_the_accounts_own(taro, client):
    make_account("Member", customer=taro, email="taro@example.jp")
    add(taro, "email", value="second@example.jp")
    assert has_account("second@example.jp")
    assert emails_of(taro.id) == ["taro@example.jp", "second@example.jp"]
    assert email_keys_of(taro.id) == ["taro@example.jp", "second@example.jp"]
    answer = client.post("/login", data={"email": "second@example.jp", "password": "correct horse battery"})
    assert answer.status_code != 303


def test_a_further_number_shows_who_may_be_the_same_person(taro):
    other = make_customer(family_name="別名", phone="090-1111-2222")
    assert find_similar(taro) == []
    add(taro, "phone", value="090 1111 2222")
    assert [one.id for one in find_similar(taro)] == [other.id]
    assert [one.id for one in find_similar(other)] == [taro.id]


@pytest.mark.parametrize(
    "address", ["a..b@docomo.ne.jp", ".a@ezweb.ne.jp", "a.@t.vodafone.ne.jp", "A..@SoftBank.ne.jp"]
)
def test_old_carrier_addresses_are_taken_from_staff_and_marked(app, address):
    customer = make_customer(family_name="山田", email=address)
    assert customer.email == address
    assert points_by_group(customer)["contact"][0].is_old_carrier
    assert find_customer_by_email(address.upper()).id == customer.id
    with pytest.raises(ValidationFailed):
        clean_email(address)


@pytest.mark.parametrize(
    "address", ["a..b@example.jp", "ab@docomo.ne.jp", "a..b@docomo.ne.jp.example", "a b..@docomo.ne.jp", ""]
)
def test_other_addresses_are_no_old_carrier_addresses(address):
    assert not is_old_carrier_address(address)


def test_a_mail_to_an_old_carrier_address_can_be_written(app):
    with transaction():
        number = queue_mail("core.already_registered", "a..b@docomo.ne.jp", {})
    envelope = build_envelope(find_mail(number), current_snapshot().site)
    assert envelope.recipient == '"a..b"@docomo.ne.jp'
    assert b"To: a..b@docomo.ne.jp" in envelope.as_bytes()


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("email", {"value": "nobody"}),
        ("email", {}),
        ("phone", {"value": "1"}),
        ("phone", {"value": "9" * 5000}),
        ("address", {"label": "x"}),
        ("address", {"postal_code": "12"}),
        ("social", {"service": "line", "value": "@"}),
        ("social", {"service": "nowhere", "value": "x"}),
        ("social", {"value": "x"}),
        ("email", {"value": "a@example.jp", "note": "x" * 301}),
        ("email", {"value": "a\x00@example.jp"}),
        ("email", {"value": "a@example.jp", "label": "\ud800"}),
        ("fax", {"value": "1"}),
    ],
)
def test_what_cannot_be_used_is_refused(taro, kind, values):
    with pytest.raises(ValidationFailed), transaction():
        add_point(taro.id, kind, values)
    assert rows() == 0


def test_nobody_touches_a_contact_point_of_somebody_else(taro):
    other = make_customer(email="other@example.jp")
    point = add(taro, "email", value="second@example.jp")
    for change in (make_primary, delete_point):
        with pytest.raises(NotFound), transaction():
            change(other.id, point)
    with pytest.raises(NotFound), transaction():
        mark_point(other.id, point, "failing")


class TestScreens:
    @pytest.fixture
    def owner(self, client, login, taro):
        login(client, make_account("Owner"))
        return client

    def text(self, answer, status=200):
        assert answer.status_code == status, answer.get_data(as_text=True)[-2000:]
        return answer.get_data(as_text=True)

    def test_staff_add_name_mark_promote_and_delete(self, owner, taro):
        base = f"/admin/customers/{taro.id}"
        assert 'name="value"' in self.text(owner.get(f"{base}/points/new?kind=email"))
        answer = owner.post(
            f"{base}/points/new?kind=email", data={"value": "second@example.jp", "label": "勤務先"}
        )
        assert answer.headers["Location"] == base
        point = db.session.execute(select(ContactPoint)).scalar_one()
        assert "勤務先" in self.text(owner.get(base))
        place = f"{base}/points/{point.id}"
        assert owner.post(f"{place}/edit", data={"label": "会社", "note": "昼"}).status_code == 303
        assert owner.post(f"{place}/mark", data={"mark": "failing"}).status_code == 303
        page = self.text(owner.get(base))
        assert "会社 · 昼" in page
        assert "<del>second@example.jp</del>" in page
        assert owner.post(f"{place}/primary").status_code == 303
        db.session.rollback()
        assert get_customer(taro.id).email == "second@example.jp"
        left = db.session.execute(select(ContactPoint).where(ContactPoint.key != "")).scalar_one()
        assert owner.post(f"{base}/points/{left.id}/delete").status_code == 303
        assert "taro@example.jp" not in self.text(owner.get(f"{base}/facts?group=contact"))

    def test_what_is_primary_can_be_named_and_marked_too(self, owner, taro):
        base = f"/admin/customers/{taro.id}/points"
        assert owner.post(f"{base}/phone/edit", data={"label": "自宅", "note": ""}).status_code == 303
        assert owner.post(f"{base}/phone/mark", data={"mark": "verified"}).status_code == 303
        point = points_by_group(get_customer(taro.id))["contact"][1]
        assert (point.label, point.is_verified) == ("自宅", True)

    def test_a_wrong_one_comes_back_with_a_message_and_everything_kept(self, owner, taro):
        address = f"/admin/customers/{taro.id}/points/new?kind=email"
        page = self.text(owner.post(address, data={"value": "nobody", "note": "覚え"}, headers=HTMX), 422)
        assert 'value="nobody"' in page
        assert "覚え" in page
        other = make_customer(family_name="佐藤", email="other@example.jp")
        page = self.text(owner.post(address, data={"value": "other@example.jp"}), 422)
        assert f"/admin/customers/{other.id}" in page

    def test_in_place_the_page_is_drawn_anew(self, owner, taro):
        answer = owner.post(
            f"/admin/customers/{taro.id}/points/new?kind=phone",
            data={"value": "09011112222"},
            headers=HTMX,
        )
        assert (answer.status_code, answer.headers["HX-Refresh"]) == (204, "true")

    @pytest.mark.parametrize(
        "path", ["new?kind=fax", "new", "999/edit", "fax/edit", "social:line/edit", f"{'9' * 30}/edit"]
    )
    def test_what_is_not_there_is_not_found(self, owner, taro, path):
        assert owner.get(f"/admin/customers/{taro.id}/points/{path}").status_code == 404

    def test_a_mark_that_nobody_knows_is_refused(self, owner, taro):
        answer = owner.post(f"/admin/customers/{taro.id}/points/email/mark", data={"mark": "x" * 9999})
        assert answer.status_code == 303
        assert rows() == 0


def test_a_member_who_proves_an_address_takes_it_from_somebody_else_and_nothing_more(taro):
    member = make_customer(family_name="会員", email="member@example.jp")
    add(taro, "email", value="shared@example.jp")
    with transaction():
        _change_customer(member.id, "shared@example.jp")
    assert get_customer(member.id).email == "shared@example.jp"
    assert get_customer(taro.id).email == "taro@example.jp"
    assert rows() == 0
