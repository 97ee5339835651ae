"""Files that lie with a customer: given, received, found again, gone when they are deleted."""

import datetime as dt
import io
import os

import pytest
from sqlalchemy import select

from core.customer_files.jobs import customer_file_jobs
from core.customer_files.models import KeptFile
from core.customer_files.uploads import MAX_AT_ONCE, OWNER, taken
from core.customers.merges.models import Merge
from core.customers.merges.undoing import undo_merge
from core.customers.report_files import files_of_customer
from core.customers.services import erase_customer, merge_customers
from core.db import db, transaction
from core.files.store import file_store
from core.testing.factories import make_account, make_customer, make_staff

PDF = b"%PDF-1.4\n" + bytes(range(256))
LATER = dt.datetime(2999, 1, 1, tzinfo=dt.UTC)


@pytest.fixture
def owner(client, login):
    login(client, make_account("Owner"))
    return client


def give(client, customer_id, *names, direction="out", note=""):
    files = [(io.BytesIO(PDF), name) for name in names]
    data = {"direction": direction, "note": note, "files": files}
    return client.post(f"/admin/customers/{customer_id}/files", data=data, content_type="multipart/form-data")


def kept():
    db.session.rollback()
    return db.session.scalars(select(KeptFile).order_by(KeptFile.id)).all()


def stored():
    return set(file_store(OWNER).names(before=LATER))


def test_files_are_given_listed_downloaded_and_deleted(owner):
    customer = make_customer()
    address = f"/admin/customers/{customer.id}"
    assert "まだファイルはありません" in owner.get(f"{address}/files").get_data(as_text=True)
    give(owner, customer.id, "資料.pdf", "../../etc/passwd", note="展示会で")
    give(owner, customer.id, "写真.png", direction="in")
    page = owner.get(address).get_data(as_text=True)
    for text in ("渡したもの: 資料.pdf, passwd", "受け取ったもの: 写真.png", "展示会で", "資料.pdf"):
        assert text in page
    first = kept()[0].id
    answer = owner.get(f"{address}/files/{first}")
    assert answer.get_data() == PDF
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    owner.post(f"{address}/files/{first}/delete")
    assert owner.get(f"{address}/files/{first}").status_code == 404
    assert stored() == {file.stored for file in kept()}
    assert len(kept()) == 2


def test_a_file_is_reached_by_its_own_customer_only(owner):
    one, other = make_customer(), make_customer()
    give(owner, one.id, "a.pdf")
    (file,) = kept()
    assert owner.get(f"/admin/customers/{other.id}/files/{file.id}").status_code == 404
    assert owner.post(f"/admin/customers/{other.id}/files/{file.id}/delete").status_code == 404
    assert len(kept()) == 1


def test_wrong_input_keeps_nothing(owner):
    customer = make_customer()
    assert give(owner, customer.id).status_code == 422
    assert give(owner, customer.id, "a.pdf", direction="up").status_code == 422
    assert give(owner, customer.id, *(f"{n}.pdf" for n in range(MAX_AT_ONCE + 1))).status_code == 422
    assert give(owner, 999, "a.pdf").status_code == 404
    empty = {"direction": "out", "files": [(io.BytesIO(b""), "a.pdf")]}
    answer = owner.post(
        f"/admin/customers/{customer.id}/files", data=empty, content_type="multipart/form-data"
    )
    assert answer.status_code == 422
    assert kept() == []
    assert stored() == set()


def test_a_file_that_is_too_large_is_refused(app, monkeypatch):
    from werkzeug.datastructures import FileStorage

    from core.errors import ValidationFailed

    upload = FileStorage(io.BytesIO(b"x" * 100), "a.pdf")
    with pytest.raises(ValidationFailed), taken([upload], limit=99):
        pass
    assert stored() == set()


def test_who_may_only_see_customers_gets_files_but_changes_none(client, login):
    customer = make_customer()
    login(client, make_account("Owner"))
    give(client, customer.id, "a.pdf")
    (file,) = kept()
    login(client, make_staff("admin.access", "customers.see"))
    assert client.get(f"/admin/customers/{customer.id}/files/{file.id}").status_code == 200
    assert give(client, customer.id, "b.pdf").status_code == 403
    assert client.post(f"/admin/customers/{customer.id}/files/{file.id}/delete").status_code == 403


def test_files_follow_a_merge_and_come_back_with_its_undoing(owner):
    one, other = make_customer(), make_customer()
    give(owner, other.id, "a.pdf")
    with transaction():
        merge_customers(one.id, other.id)
    assert [file.customer_id for file in kept()] == [one.id]
    merge = db.session.scalar(select(Merge.id))
    with transaction():
        undo_merge(merge)
    assert [file.customer_id for file in kept()] == [other.id]


def test_erasing_a_person_leaves_no_file(owner):
    customer = make_customer()
    give(owner, customer.id, "a.pdf", "b.pdf")
    with transaction():
        counts = erase_customer(customer.id)
    assert counts["files"] == 2
    assert kept() == []
    assert stored() == set()


def test_a_person_takes_the_files_along(owner):
    customer = make_customer()
    give(owner, customer.id, "a.pdf")
    (file,) = files_of_customer(customer.id, for_member=True)
    with file.open() as stream:
        assert stream.read() == PDF


def test_bytes_that_belong_to_no_row_are_swept(owner):
    customer = make_customer()
    give(owner, customer.id, "a.pdf")
    lost = file_store(OWNER).save(io.BytesIO(b"lost"), limit=10).name
    (job,) = customer_file_jobs()
    job.run(None)
    assert lost in stored(), "its row may still come"
    old = dt.datetime.now().timestamp() - 2 * 86_400
    for file in file_store(OWNER)._folder.glob("??/*"):
        os.utime(file, (old, old))
    job.run(None)
    assert stored() == {file.stored for file in kept()}


def test_a_page_with_files_asks_the_database_no_more_often_than_one_with_many(owner, query_counter):
    customer = make_customer()
    give(owner, customer.id, "a.pdf")
    owner.get(f"/admin/customers/{customer.id}")
    with query_counter() as few:
        owner.get(f"/admin/customers/{customer.id}")
    for number in range(5):
        give(owner, customer.id, f"{number}.pdf")
    with query_counter() as many:
        owner.get(f"/admin/customers/{customer.id}")
    assert many.count == few.count
