import io
import json
import zipfile

import pytest
from sqlalchemy import select

from core.db import db, transaction
from core.i18n import site_today
from core.jobs.runner import run_due_jobs
from core.privacy import services
from core.privacy.models import Hold, Package, PrivacyRequest
from core.privacy.package import services as packages
from core.testing.factories import make_account, make_customer, make_staff


@pytest.fixture
def owner(app, client, login):
    login(client, make_account("Owner"))
    return client


def form(**values):
    today = site_today().isoformat()
    return {
        "kind": "disclosure",
        "way": "phone",
        "name": "山田",
        "received_on": today,
        "due_on": "",
        **values,
    }


def asked():
    return db.session.scalar(select(PrivacyRequest).order_by(PrivacyRequest.id.desc()))


def read(answer, status=200):
    assert answer.status_code == status, answer.get_data(as_text=True)[:3000]
    return answer.get_data(as_text=True)


def test_from_the_telephone_call_to_the_answer(owner):
    customer_id = make_customer(family_name="花山").id
    assert "回答待ちの請求はありません" in read(owner.get("/admin/privacy/"))
    owner.post("/admin/privacy/new", data=form())
    request_id = asked().id
    url = f"/admin/privacy/{request_id}"
    assert "花山" in read(owner.get(f"{url}?find=花山"))
    assert owner.post(f"{url}/customer/{customer_id}").status_code == 303
    package = {"purpose": "other", "purpose_note": "開示", "request": request_id}
    make = f"/admin/privacy/customers/{customer_id}/packages"
    owner.post(make, data=package)
    assert db.session.scalar(select(Package.id)) is None
    assert owner.post(f"{url}/identity", data={"how": "passport", "note": ""}).status_code == 303
    assert owner.post(make, data=package).headers["Location"].endswith(f"/{request_id}#packages")
    answer = owner.post(f"/admin/privacy/packages/{db.session.scalar(select(Package.id))}/download")
    assert zipfile.ZipFile(io.BytesIO(answer.data)).testzip() is None
    assert f"personal-data-{customer_id:08d}.zip" in answer.headers["Content-Disposition"]
    assert owner.post(f"{url}/close", data={"state": "done", "reason": "渡した"}).status_code == 303
    page = read(owner.get(url))
    for words in ("データ一式をダウンロード", "渡した", "パスポート"):
        assert words in page
    assert request_id
    assert "花山" in read(owner.get("/admin/privacy/?state=closed"))
    owner.post(f"{url}/reopen")
    assert asked().state == "open"


def test_wrong_input_is_said_and_kept(owner):
    page = read(owner.post("/admin/privacy/new", data=form(name="", text="聞きたい")), 422)
    assert "聞きたい" in page
    for wrong in (
        {"kind": "x"},
        {"received_on": "9999-99-99"},
        {"due_on": "2020-01-01"},
        {"name": "x" * 5000},
    ):
        read(owner.post("/admin/privacy/new", data=form(**wrong)), 422)
    assert asked() is None
    owner.post("/admin/privacy/new", data=form())
    url = f"/admin/privacy/{asked().id}"
    read(owner.post(f"{url}/close", data={"state": "refused", "reason": ""}), 422)
    read(owner.post(f"{url}/close", data={"state": "done"}), 422)
    read(owner.post(f"{url}/note", data={"note": " "}), 422)
    read(owner.post(f"{url}/assign", data={"account_id": "", "due_on": "x"}), 422)
    read(owner.post(f"{url}/identity", data={"how": "log_in"}), 422)
    for path in ("/admin/privacy/99", "/admin/privacy/customers/99", "/admin/privacy/new?customer=99"):
        read(owner.get(path), 404)
    for after in ("x", "2026-01-01.", "9" * 5000, "2026-01-01.1"):
        read(owner.get("/admin/privacy/", query_string={"after": after}))


def test_two_tabs_do_not_answer_twice(owner):
    with transaction():
        row = services.receive({"kind": "other", "way": "phone", "name": "山田"}, by=None)
    url, closed = f"/admin/privacy/{row.id}", {"state": "done", "reason": "済"}
    owner.post(f"{url}/close", data=closed)
    owner.post(f"{url}/close", data={"state": "refused", "reason": "別"})
    assert (asked().state, asked().reason) == ("done", "済")
    owner.post(f"{url}/identity", data={"how": "known"})
    assert asked().identity_at is None


def test_each_part_needs_its_right(app, new_client, login):
    customer_id, request_id = make_customer().id, None
    with transaction():
        request_id = services.receive(
            {"kind": "erase", "way": "phone", "customer_id": customer_id}, by=None
        ).id
        services.confirm_identity(request_id, "known", "", by=None)
    paths = {
        "privacy.handle": ("GET", f"/admin/privacy/{request_id}"),
        "customers.export": ("POST", f"/admin/privacy/customers/{customer_id}/packages"),
        "customers.erase": ("GET", "/admin/privacy/retention"),
    }
    for right in paths:
        client = new_client()
        login(client, make_staff("admin.access", "customers.see", right))
        for needed, (method, path) in paths.items():
            answer = client.open(path, method=method)
            assert (answer.status_code == 403) == (needed != right), (right, path)


def test_who_reaches_only_some_customers_sees_only_their_requests(app, client, login):
    from core.accounts.models import Role
    from core.accounts.services import save_role

    theirs, others = make_customer(family_name="花山").id, make_customer(family_name="月島").id
    with transaction():
        role = save_role(None, "Own", ["admin.access", "customers.see", "privacy.handle", "customers.export"])
        role_id = role.id
        db.session.get(Role, role_id).reach = "own"
    staff = make_account("Own")
    with transaction():
        from core.customers.models import Customer

        db.session.get(Customer, theirs).assigned_account_id = staff.id
        ids = [
            services.receive({"kind": "other", "way": "phone", "customer_id": one}, by=None).id
            for one in (theirs, others)
        ]
    login(client, staff)
    page = read(client.get("/admin/privacy/"))
    assert "花山" in page
    assert "月島" not in page
    assert [client.get(f"/admin/privacy/{one}").status_code for one in ids] == [200, 404]
    assert client.get(f"/admin/privacy/customers/{others}").status_code == 404
    assert client.post(f"/admin/privacy/customers/{others}/packages").status_code == 404


def test_holds_are_set_and_released(owner):
    customer_id = make_customer().id
    url = f"/admin/privacy/customers/{customer_id}"
    read(owner.post(f"{url}/hold", data={"kind": "legal", "reason": ""}), 422)
    owner.post(f"{url}/hold", data={"kind": "legal", "reason": "訴訟"})
    assert "訴訟" in read(owner.get(url))
    owner.post(f"{url}/release")
    read(owner.post(f"{url}/release"), 404)
    assert db.session.scalar(select(Hold.id)) is None


def test_the_list_asks_the_same_number_of_queries_for_many(owner, query_counter):
    def add(count):
        with transaction():
            for _n in range(count):
                services.receive(
                    {"kind": "other", "way": "phone", "customer_id": make_customer().id}, by=None
                )

    def count(path):
        owner.get(path)
        with query_counter() as queries:
            owner.get(path)
        return queries.count

    add(1)
    few = count("/admin/privacy/")
    add(20)
    assert count("/admin/privacy/") == few <= 11


def test_what_is_due_stands_on_my_day_and_beside_the_menu(owner):
    assert "期限の近い" not in read(owner.get("/admin/my-day"))
    with transaction():
        services.receive({"kind": "erase", "way": "phone", "name": "花山", "due_on": site_today()}, by=None)
    for path in ("/admin/my-day", "/admin/"):
        page = read(owner.get(path))
        assert "期限の近い" in page
        assert "花山" in page
    assert "期限が3日以内の請求が1件" in read(owner.get("/admin/privacy/"))


# The member's own page


@pytest.fixture
def member(app, client, login):
    account = make_account("Member")
    login(client, account)
    return account


def test_a_member_asks_and_sees_what_becomes_of_it(member, client):
    asking = {"kind": "correction", "text": "住所が違います"}
    assert client.post("/account/data/ask", data=asking).status_code == 303
    client.post("/account/data/ask", data=asking)
    assert len(db.session.scalars(select(PrivacyRequest)).all()) == 1
    assert "対応中" in read(client.get("/account/data"))
    with transaction():
        services.close(asked().id, "done", "直しました", by=None)
    assert "直しました" in read(client.get("/account/data"))
    for wrong in ({"kind": "x"}, {"kind": "correction", "text": ""}, {}):
        read(client.post("/account/data/ask", data=wrong), 422)


def test_the_member_gets_the_same_package_a_large_one_later(member, client, monkeypatch):
    answer = client.post("/account/data")
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    assert archive.namelist() == ["index.html", "data.json", "data.pdf"]
    assert json.loads(archive.read("data.json"))["number"] == f"{member.customer_id:08d}"
    monkeypatch.setattr(packages, "MANY_LINES", 0)
    assert client.post("/account/data").status_code == 303
    assert "作成中" in read(client.get("/account/data"))
    run_due_jobs()
    package_id = db.session.scalar(select(Package.id))
    answer = client.post("/account/data", data={"package": package_id})
    assert zipfile.ZipFile(io.BytesIO(answer.data)).testzip() is None


def test_nobody_fetches_anothers_package(member, client):
    with transaction():
        other = packages.begin_package(make_customer().id, by=None)
        staffs = packages.begin_package(member.customer_id, by=None, with_notes=True)
    for row in (other, staffs):
        packages.make_package(row.id)
        assert client.post("/account/data", data={"package": row.id}).status_code == 303
    assert client.post("/account/data", data={"package": "9" * 5000}).status_code == 303
    assert {row.downloads for row in db.session.scalars(select(Package))} == {0}
