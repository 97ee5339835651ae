"""Changes to many customers: exactly those of the filter, resumable, undone as far as possible."""

import datetime as dt
import json
from urllib.parse import quote

import pytest
from sqlalchemy import func, select, update

from core.bulk import running, starting, undoing
from core.bulk.models import BulkRow, BulkRun, BulkState
from core.bulk.queries import get_run, left_rows
from core.customers.field_rights import set_field_rights
from core.customers.merges.models import Merge
from core.customers.merges.undoing import undo_merge
from core.customers.merging import merge_customers
from core.customers.models import Customer, CustomerLabel
from core.customers.queries import get_customer
from core.customers.services import create_customer, erase_customer, update_customer
from core.db import db, transaction, utcnow
from core.testing.factories import make_account, make_customer, make_label, make_staff

LIST = "/admin/customers/"
TOKYO = "filter=" + quote(json.dumps({"all": [{"field": "prefecture", "op": "eq", "value": "13"}]}))


@pytest.fixture
def owner(client, login):
    account = make_account("Owner")
    with transaction():
        db.session.merge(account).language = "en"
    login(client, account)
    return client


@pytest.fixture
def few_at_once(monkeypatch):
    """Even small runs go to a worker, in batches of two."""
    monkeypatch.setattr(starting, "AT_ONCE", 0)
    monkeypatch.setattr(running, "BATCH", 2)
    monkeypatch.setattr(undoing, "BATCH", 2)


def crowd(count=5):
    return [make_customer(prefecture="13" if n % 2 == 0 else "27", stage="lead").id for n in range(count)]


def post(client, action, query="", **data):
    return client.post(f"{LIST}?{query}", data={"do": "action", "action": action, "scope": "all", **data})


def work(run_id, undo=False):
    (undoing.undo if undo else running.run)(lambda *_: None, run_id)
    db.session.rollback()
    return get_run(run_id)


def the_run():
    db.session.rollback()
    return db.session.execute(select(BulkRun)).scalar_one()


def stages():
    db.session.rollback()
    return list(db.session.scalars(select(Customer.stage).order_by(Customer.id)))


def test_all_results_are_exactly_those_of_the_filter(owner):
    crowd()
    answer = post(owner, "stage", TOKYO, stage="customer", confirmed=3)
    assert answer.status_code == 303 and "ran=" in answer.location
    assert stages() == ["customer", "lead", "customer", "lead", "customer"]
    shown = owner.get(answer.location).get_data(as_text=True)
    assert "3 customers were changed." in shown and "Undo" in shown


def test_who_comes_after_the_question_is_not_touched(owner, few_at_once):
    crowd()
    post(owner, "stage", TOKYO, stage="former", confirmed=3)
    with transaction():
        create_customer({"family_name": "後", "prefecture": "13"})
    assert work(the_run().id).changed == 3
    assert stages() == ["former", "lead", "former", "lead", "former", "lead"]


def test_who_left_the_filter_meanwhile_is_not_touched(owner, few_at_once):
    first = crowd()[0]
    post(owner, "stage", TOKYO, stage="former", confirmed=3)
    with transaction():
        update_customer(first, {"prefecture": "01"})
    assert work(the_run().id).changed == 2
    assert stages()[0] == "lead"


def test_a_killed_worker_is_followed_by_another(owner, few_at_once):
    crowd(9)
    post(owner, "stage", stage="former", confirmed=9)
    run_id = the_run().id

    class Killed(Exception):
        pass

    def die(*_):
        raise Killed

    with pytest.raises(Killed):
        running.run(die, run_id)
    db.session.rollback()
    assert get_run(run_id).changed == 2
    run = work(run_id)
    assert (run.state, run.changed, run.equal) == (BulkState.DONE, 9, 0)
    assert set(stages()) == {"former"}
    assert run.selection == {}


def test_a_cancelled_run_stops_and_what_is_done_can_be_undone(owner, few_at_once):
    crowd(6)
    post(owner, "stage", stage="former", confirmed=6)
    run_id = the_run().id

    def cancel(done, _total):
        if done == 2:
            assert owner.post(f"/admin/bulk/{run_id}/cancel").status_code == 303

    running.run(cancel, run_id)
    assert stages().count("former") == 2
    assert owner.post(f"/admin/bulk/{run_id}/undo").status_code == 303
    assert work(run_id, undo=True).state == BulkState.UNDONE
    assert stages().count("former") == 0


def test_undo_restores_and_keeps_what_somebody_changed_since(owner, few_at_once):
    ids = crowd()
    with transaction():
        update_customer(ids[1], {"stage": "former"})
    post(owner, "stage", stage="customer", confirmed=5)
    run_id = the_run().id
    work(run_id)
    with transaction():
        update_customer(ids[0], {"stage": "former"})
    owner.post(f"/admin/bulk/{run_id}/undo")
    run = work(run_id, undo=True)
    assert (run.undone, run.kept) == (4, 1)
    assert stages() == ["former", "former", "lead", "lead", "lead"]
    assert [customer.id for _row, customer in left_rows(run_id)] == [ids[0]]
    assert "Somebody changed this since" in owner.get(f"/admin/bulk/{run_id}").get_data(as_text=True)


def test_labels_are_added_and_only_those_added_are_taken_off_again(owner):
    vip, summer = make_label("VIP"), make_label("夏")
    ids = [make_customer(labels=["VIP"]).id, make_customer().id]
    post(owner, "label", label=vip.id, confirmed=2)
    run = the_run()
    assert (run.changed, run.equal) == (1, 1)
    with transaction():
        update_customer(ids[1], {"labels": ["VIP", summer.key]})
    owner.post(f"/admin/bulk/{run.id}/undo")
    db.session.rollback()
    assert [label.key for label in get_customer(ids[0]).labels] == ["VIP"]
    assert [label.key for label in get_customer(ids[1]).labels] == [summer.key]


def test_people_are_put_in_charge_and_released(owner):
    staff = make_staff("customers.see")
    staff_id = staff.id
    crowd(2)
    post(owner, "assign", account=staff_id, confirmed=2)
    assert set(db.session.scalars(select(Customer.assigned_account_id))) == {staff_id}
    post(owner, "assign", account="0", confirmed=2)
    assert set(db.session.scalars(select(Customer.assigned_account_id))) == {None}


def test_any_field_can_be_changed_with_the_checks_of_its_form(owner):
    crowd(3)
    asked = post(owner, "edit").get_data(as_text=True)
    assert 'name="field"' in asked and "Next" in asked and 'value="email"' not in asked
    second = post(owner, "edit", field="birthday").get_data(as_text=True)
    assert 'type="date"' in second and 'name="how"' in second
    wrong = post(owner, "edit", field="birthday", how="set", value="2999-01-01", confirmed=3)
    assert wrong.status_code == 422 and "future" in wrong.get_data(as_text=True)
    assert post(owner, "edit", field="birthday", how="set", value="", confirmed=3).status_code == 422
    post(owner, "edit", field="birthday", how="set", value="1990-05-01", confirmed=3)
    assert set(db.session.scalars(select(Customer.birthday))) == {dt.date(1990, 5, 1)}
    post(owner, "edit", field="birthday", how="clear", value="", confirmed=3)
    assert set(db.session.scalars(select(Customer.birthday))) == {None}
    last = db.session.scalars(select(BulkRun.id).order_by(BulkRun.id.desc())).first()
    owner.post(f"/admin/bulk/{last}/undo")
    db.session.rollback()
    assert set(db.session.scalars(select(Customer.birthday))) == {dt.date(1990, 5, 1)}


def test_a_required_field_cannot_be_emptied(owner):
    crowd(1)
    answer = post(owner, "edit", field="stage", how="clear", value="", confirmed=1)
    assert answer.status_code == 422
    assert stages() == ["lead"]


def test_erased_customers_take_what_was_noted_along(owner):
    ids = crowd(2)
    post(owner, "stage", stage="former", confirmed=2)
    with transaction():
        erase_customer(ids[0])
    assert list(db.session.scalars(select(BulkRow.customer_id))) == [ids[1]]
    post(owner, "erase", confirmed=1)
    assert db.session.scalar(select(func.count(Customer.id))) == 0
    assert db.session.scalar(select(func.count()).select_from(BulkRow)) == 0


def test_what_was_noted_goes_after_thirty_days(owner):
    crowd(2)
    post(owner, "stage", stage="former", confirmed=2)
    run_id = the_run().id
    with transaction():
        old = utcnow() - dt.timedelta(days=31)
        db.session.execute(update(BulkRun).values(created_at=old))
    with transaction():
        assert starting.forget_old() == 1
    assert db.session.scalar(select(func.count()).select_from(BulkRow)) == 0
    assert get_run(run_id).change == {"field": "stage", "how": "set"}
    owner.post(f"/admin/bulk/{run_id}/undo")
    assert the_run().state == BulkState.DONE
    assert "can no longer be taken back" in owner.get(f"/admin/bulk/{run_id}").get_data(as_text=True)


def test_each_action_asks_its_right(owner, new_client, login):
    crowd(2)
    post(owner, "stage", stage="former", confirmed=2)
    run_id = the_run().id
    reader, editor = new_client(), new_client()
    login(reader, make_staff("customers.see"))
    login(editor, make_staff("customers.see", "customers.edit"))
    for action in ("edit", "stage", "label", "assign", "erase"):
        assert post(reader, action, confirmed=2).status_code == 403
    assert post(editor, "erase", confirmed=2).status_code == 403
    for verb in ("undo", "cancel", "go-on"):
        assert reader.post(f"/admin/bulk/{run_id}/{verb}").status_code == 403
    assert reader.get(f"/admin/bulk/{run_id}").status_code == 200
    assert "/undo" not in reader.get(f"/admin/bulk/{run_id}").get_data(as_text=True)
    assert editor.post(f"/admin/bulk/{run_id}/undo").status_code == 303
    assert stages() == ["lead", "lead"]


def test_a_run_ends_when_whoever_began_it_loses_the_right(client, login, few_at_once):
    crowd(4)
    staff = make_staff("customers.see", "customers.edit")
    login(client, staff)
    post(client, "stage", stage="former", confirmed=4)
    with transaction():
        db.session.merge(staff).role.permissions = ["customers.see"]
    run = work(the_run().id)
    assert (run.state, run.changed) == (BulkState.CANCELLED, 0)
    assert stages() == ["lead"] * 4


def test_a_run_reads_the_same_number_of_queries_whatever_the_batch(owner, query_counter):
    crowd(40)
    with query_counter() as few:
        post(owner, "stage", TOKYO, stage="former", confirmed=20)
    with query_counter() as many:
        post(owner, "stage", stage="customer", confirmed=40)
    assert many.count <= few.count + 45  # an event for each changed customer


def test_the_pages_say_what_happened(owner):
    assert "Nothing was changed together yet" in owner.get("/admin/bulk/").get_data(as_text=True)
    make_label("VIP")
    crowd(2)
    post(owner, "edit", field="labels", how="add", value="VIP", confirmed=2)
    shown = owner.get("/admin/bulk/").get_data(as_text=True)
    assert "Labels: add “VIP”" in shown
    assert owner.get("/admin/bulk/4711").status_code == 404
    assert db.session.scalar(select(func.count()).select_from(CustomerLabel)) == 2


def test_a_field_that_somebody_may_only_see_is_not_offered_nor_changed(
    client, login, new_client, few_at_once
):
    staff = make_staff("customers.see", "customers.edit")
    with transaction():
        set_field_rights("birthday", {db.session.merge(staff).role_id: "read"}, others="edit")
    crowd(2)
    login(client, staff)
    assert 'value="birthday"' not in post(client, "edit").get_data(as_text=True)
    post(client, "edit", field="birthday", how="set", value="1990-05-01", confirmed=2)
    assert db.session.scalars(select(BulkRun.id)).all() == []
    customer_id = db.session.scalars(select(Customer.id)).first()
    assert client.get(f"/admin/customers/{customer_id}/cells/birthday").status_code == 403
    owner = new_client()
    login(owner, make_account("Owner"))
    post(owner, "edit", field="birthday", how="set", value="1990-05-01", confirmed=2)
    run = work(the_run().id)
    assert run.changed == 2
    assert client.post(f"/admin/bulk/{run.id}/undo").status_code == 403


def test_lists_and_runs_cost_the_same_for_few_and_for_many(owner, query_counter):
    def count(address):
        owner.get(address)
        with query_counter() as queries:
            assert owner.get(address).status_code == 200
        return queries.count

    crowd(3)
    post(owner, "stage", stage="former", confirmed=3)
    run_id = the_run().id
    addresses = (LIST, f"{LIST}?build=1", f"/admin/bulk/{run_id}", "/admin/bulk/")
    few = [count(address) for address in addresses]
    crowd(40)
    post(owner, "stage", stage="lead", confirmed=43)
    assert [count(address) for address in addresses] == few


def test_what_was_noted_returns_when_a_merge_is_undone(owner):
    ids = crowd(3)
    post(owner, "stage", stage="former", confirmed=3)
    assert set(stages()) == {"former"}
    run_id = the_run().id
    before = sorted(noted_about(run_id))
    with transaction():
        merge_customers(ids[0], ids[1])
    assert len(noted_about(run_id)) == 2
    with transaction():
        undo_merge(db.session.scalars(select(Merge.id)).one())
    assert sorted(noted_about(run_id)) == before
    owner.post(f"/admin/bulk/{run_id}/undo")
    run = the_run()
    assert run.undone == 3, (run.state, run.kept)
    assert set(stages()) == {"lead"}


def noted_about(run_id):
    db.session.rollback()
    rows = db.session.execute(select(BulkRow).where(BulkRow.run_id == run_id)).scalars()
    return [(row.customer_id, row.state, json.dumps(row.changes), row.reason) for row in rows]
