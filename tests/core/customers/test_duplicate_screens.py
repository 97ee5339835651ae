"""The screens of duplicates: pairs, candidates at entry, merging with a choice, taking a merge back."""

import re

import pytest
from sqlalchemy import select

from core.activity.models import AuditEntry
from core.customers import permissions
from core.customers.contact_points.queries import points_of
from core.customers.contact_points.services import add_point
from core.customers.duplicates.finder import find_duplicates
from core.customers.duplicates.models import DuplicatePair
from core.customers.merges.models import Merge
from core.customers.models import Customer
from core.customers.queries import get_customer
from core.customers.services import update_customer
from core.db import db, transaction
from core.jobs.runner import run_due_jobs
from core.plugin_host.snapshot import current_snapshot, use_current_snapshot
from core.testing.factories import make_account, make_custom_field, make_customer, make_staff

LIST = "/admin/customers/duplicates"


@pytest.fixture
def owner(client, login):
    login(client, make_account("Owner"))
    return client


@pytest.fixture
def two(owner):
    """Two records with the same telephone, found as a pair."""
    kept = make_customer(given_name="花子", phone="03-1234-5678", city="港区", memo="最初").id
    other = make_customer(given_name="はな子", phone="0312345678", city="中央区", memo="次").id
    with transaction():
        add_point(other, "phone", {"value": "090-1111-2222"})
        update_customer(other, {"given_name": "花子"})
    find_duplicates(lambda done, total: None)
    return kept, other


def text_of(client, url, status=200, **values):
    answer = client.get(url, **values)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def pair_id():
    return db.session.scalar(select(DuplicatePair.id))


def test_before_the_first_search_the_page_says_what_to_do_and_the_button_does_it(owner):
    assert "まだ検索していません" in text_of(owner, LIST)
    make_customer(phone="03-1234-5678"), make_customer(phone="03-1234-5678", given_name="")
    assert owner.post(f"{LIST}/search").status_code == 303
    assert "まもなく検索を始めます" in text_of(owner, LIST)
    assert "まもなく" in text_of(owner, LIST, headers={"HX-Request": "true"})
    run_due_jobs()
    assert owner.get(LIST, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    assert "同じ電話番号" in text_of(owner, LIST)


def test_a_pair_stands_side_by_side_with_what_is_the_same_and_what_differs(owner, two):
    page = text_of(owner, LIST)
    assert [f"/admin/customers/{number}" in page for number in two] == [True, True]
    rows = dict(re.findall(r'<tr class="is-(\w+)"><th scope="row">(\w+)', page)[::-1])
    assert {"same", "other"} <= set(rows)
    assert "090-1111-2222" in page
    assert f"/admin/customers/{two[0]}/merge?with={two[1]}" in page


def test_pairs_are_filtered_by_reason_and_nonsense_is_no_filter(owner, two):
    for reason, seen in ((2, True), (4, True), (1, False), ("x", True), ("9" * 30, True)):
        assert (f"pair-{pair_id()}" in text_of(owner, f"{LIST}?reason={reason}")) is seen
    assert f"pair-{pair_id()}" not in text_of(owner, f"{LIST}?after=1.1")
    assert f"pair-{pair_id()}" in text_of(owner, f"{LIST}?after=x.y")


def test_two_people_are_remembered_and_can_be_looked_at_again(owner, two):
    number = pair_id()
    assert owner.post(f"{LIST}/{number}/different", data={"reason": "2"}).location.endswith("?reason=2")
    assert f"pair-{number}" not in text_of(owner, LIST)
    assert f"pair-{number}" in text_of(owner, f"{LIST}?state=different")
    owner.post(f"{LIST}/{number}/open")
    assert f"pair-{number}" in text_of(owner, LIST)
    actions = db.session.scalars(select(AuditEntry.action)).all()
    assert {"customer.not_the_same", "customer.maybe_the_same"} <= set(actions)
    assert owner.post(f"{LIST}/4711/different").status_code == 404


def test_a_page_of_pairs_costs_the_same_queries_whatever_their_number(owner, two, query_counter):
    def queries():
        with query_counter() as counted:
            text_of(owner, LIST)
        return counted.count

    queries()
    few = queries()
    for n in range(12):
        for _twice in range(2):
            make_customer(phone=f"06-1111-22{n:02d}")
    find_duplicates(lambda done, total: None)
    assert queries() == few


def test_each_field_text_list_and_contact_point_can_be_chosen(owner, two):
    kept, other = two
    page = text_of(owner, f"/admin/customers/{kept}/merge?with={other}")
    assert 'name="take-memo" value="both"' in page
    assert 'value="phone::09011112222" checked' in page
    answer = owner.post(
        f"/admin/customers/{kept}/merge",
        data={"with": other, "take-city": "merged", "take-memo": "both", "take-email": "kept"},
    )
    assert answer.status_code == 303
    db.session.expire_all()
    found = get_customer(kept)
    assert (found.city, found.memo) == ("中央区", "最初\n\n次")
    assert {point.kind for point in points_of([kept])[kept]} == {"address", "email"}


def test_a_no_is_an_answer_and_stays_unless_another_is_chosen(owner):
    make_custom_field("sends", "boolean")
    kept = make_customer(may_contact="false", custom_sends="false").id
    other = make_customer(may_contact="true", custom_sends="true").id
    page = text_of(owner, f"/admin/customers/{kept}/merge?with={other}")
    for name in ("may_contact", "custom_sends"):
        assert f'name="take-{name}" value="kept" checked' in page


def test_a_merge_is_taken_back_from_the_timeline(owner, two):
    kept, other = two
    email = get_customer(other).email
    owner.post(f"/admin/customers/{kept}/merge", data={"with": other, "point": "phone::09011112222"})
    number = db.session.scalar(select(Merge.id))
    address = f"/admin/customers/merges/{number}"
    assert address in text_of(owner, f"/admin/customers/{kept}")
    assert address in text_of(owner, "/admin/customers/merges")
    with transaction():
        update_customer(kept, {"city": "渋谷区", "memo": "直した"})
    assert "花子" in text_of(owner, address)
    assert owner.post(f"{address}/undo").location.endswith(f"/admin/customers/{other}")
    db.session.expire_all()
    assert (get_customer(other).email, get_customer(other).memo) == (email, "次")
    assert owner.get(address).status_code == 409
    assert owner.post(f"{address}/undo").status_code == 303
    assert text_of(owner, "/admin/customers/merges/4711", 404)


def test_for_how_long_is_a_setting(owner):
    assert owner.post("/admin/customers/merges/settings", data={"merge_undo_days": "7"}).status_code == 303
    use_current_snapshot()
    assert current_snapshot().site.merge_undo_days == 7
    for wrong in ("0", "x", "9" * 30, ""):
        answer = owner.post("/admin/customers/merges/settings", data={"merge_undo_days": wrong})
        assert answer.status_code == 422


NEW = {"family_name": "山田", "given_name": "花子", "stage": "customer"}


def test_who_may_be_the_same_is_shown_before_a_new_customer_is_saved(owner, two):
    count = len(db.session.scalars(select(Customer.id)).all())
    answer = owner.post("/admin/customers/new", data=NEW)
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert f'href="/admin/customers/{two[0]}"' in page
    assert 'name="anyway"' in page
    assert 'value="山田"' in page
    assert owner.post("/admin/customers/new", data={**NEW, "anyway": "1"}).status_code == 303
    assert len(db.session.scalars(select(Customer.id)).all()) == count + 1


def test_they_are_shown_while_typing_too_and_nothing_is_kept(owner, two):
    answer = owner.post(f"{LIST}/candidates", data=NEW)
    assert f'href="/admin/customers/{two[0]}"' in answer.get_data(as_text=True)
    assert owner.post(f"{LIST}/candidates", data={"phone": "x" * 5000, "email": "@"}).status_code == 200
    own = owner.post(f"{LIST}/candidates?but={two[0]}", data=NEW).get_data(as_text=True)
    assert f'href="/admin/customers/{two[0]}"' not in own


def test_only_a_change_of_what_people_are_known_by_asks(owner, two):
    address = f"/admin/customers/{two[1]}/edit?group=contact"
    third = make_customer(phone="06-7777-1234", given_name="花子").id
    same = {"email": get_customer(two[1]).email, "phone": "03-1234-5678"}
    assert owner.post(address, data=same).status_code == 303
    changed = {**same, "phone": "06-7777-1234"}
    answer = owner.post(address, data=changed)
    assert answer.status_code == 422
    assert f"/admin/customers/{two[1]}/merge?with={third}" in answer.get_data(as_text=True)
    assert owner.post(address, data={**changed, "anyway": "1"}).status_code == 303


def test_who_may_not_see_customers_learns_of_none(client, login, two):
    login(client, make_staff("admin.access", permissions.EDIT))
    assert client.post("/admin/customers/new", data=NEW).status_code == 303
    for url in (LIST, "/admin/customers/merges", f"/admin/customers/{two[0]}/merge?with={two[1]}"):
        assert text_of(client, url, 403)
    answer = client.post(f"{LIST}/candidates", data=NEW)
    assert answer.status_code == 403
    assert "花子" not in answer.get_data(as_text=True)
    login(client, make_staff("admin.access", permissions.SEE))
    for url in (LIST, "/admin/customers/merges"):
        assert text_of(client, url, 403)
