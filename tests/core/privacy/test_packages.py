import datetime as dt
import io
import json
import re
import sys
import zipfile

import pytest
from sqlalchemy import select

from core.accounts import throttle
from core.activity.services import add_note
from core.config import ROOT
from core.customers.services import erase_customer, merge_customers
from core.db import db, transaction, utcnow
from core.errors import Conflict
from core.jobs.runner import run_due_jobs
from core.mail.models import OutboxMail
from core.privacy import services as requests
from core.privacy.models import Package, PrivacyEvent
from core.privacy.package import codes, services
from core.privacy.package.data import KEYS, personal_data
from core.testing.factories import make_account, make_customer
from tests.journey_kit import last_mail, path_in


def begin(customer_id, **values):
    with transaction():
        row = services.begin_package(customer_id, **{"by": None, **values})
    if row.job_id is None:
        services.make_package(row.id)
    return db.session.get(Package, row.id)


def unpack(row):
    with services.store().open(row.stored) as stream, zipfile.ZipFile(io.BytesIO(stream.read())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_package_holds_a_page_a_pdf_and_json(app):
    customer_id = make_customer(family_name="髙橋", memo="内緒の<b>メモ").id
    files = unpack(begin(customer_id, language="ja"))
    assert list(files) == ["index.html", "data.json", "data.pdf"]
    data = json.loads(files["data.json"])
    assert (data["format"], data["version"], data["details"]["family_name"]) == (
        "kaiin-personal-data",
        1,
        "髙橋",
    )
    page = files["index.html"].decode()
    assert '<html lang="ja">' in page
    assert "髙橋" in page
    assert not re.search(r"<link|<script|src=", page)
    assert files["data.pdf"].startswith(b"%PDF-")
    assert b"HeiseiKakuGo-W5" in files["data.pdf"]


def test_what_staff_noted_is_added_only_when_it_is_asked_for(app):
    customer_id = make_customer(memo="内緒のメモ").id
    with transaction():
        add_note(customer_id, "内緒の電話")
    plain, whole = (
        unpack(begin(customer_id, with_notes=with_notes))["data.json"].decode()
        for with_notes in (False, True)
    )
    assert "内緒" not in plain
    assert "内緒のメモ" in whole
    assert "内緒の電話" in whole


def test_every_key_is_documented(app):
    member = make_account("Member")
    for with_notes in (False, True):
        assert set(personal_data(member.customer_id, with_notes=with_notes)) <= set(KEYS)


def test_words_in_markup_and_long_ones_go_through(app):
    customer_id = make_customer(family_name="<b>&amp;</b>").id
    with transaction():
        add_note(customer_id, "とても長い。" * 1_600)
    assert unpack(begin(customer_id, with_notes=True))["data.pdf"].endswith(b"%%EOF\n")


def test_the_library_for_pdfs_is_never_loaded_here(app, monkeypatch):
    # Another test of this run may have drawn a PDF by itself.
    for name in [name for name in sys.modules if name.partition(".")[0] == "reportlab"]:
        monkeypatch.delitem(sys.modules, name)
    assert unpack(begin(make_customer().id))["data.pdf"]
    assert "reportlab" not in sys.modules


def test_one_that_answers_a_request_waits_for_the_identity(app):
    customer_id = make_customer().id
    with transaction():
        asked = requests.receive({"kind": "disclosure", "way": "phone", "customer_id": customer_id}, by=None)
    with pytest.raises(Conflict):
        begin(customer_id, request_id=asked.id)
    with transaction():
        requests.confirm_identity(asked.id, "passport", "", by=None)
    row = begin(customer_id, request_id=asked.id)
    with transaction():
        requests.withdraw_identity(asked.id, by=None)
    for hand_out in (
        lambda: services.open_package(row.id, by=None, event="package_downloaded"),
        lambda: services.mail_package(row.id, by=None),
    ):
        with pytest.raises(Conflict), transaction():
            hand_out()
    with transaction():
        requests.confirm_identity(asked.id, "passport", "", by=None)
        services.open_package(row.id, by=None, event="package_downloaded")[1].close()
    kinds = [event.kind for event in db.session.scalars(select(PrivacyEvent).order_by(PrivacyEvent.id))]
    assert kinds[-1] == "package_downloaded"
    with pytest.raises(Conflict):
        begin(make_customer().id, request_id=asked.id)


def test_a_double_click_makes_one(app):
    customer_id = make_customer().id
    assert begin(customer_id).id == begin(customer_id).id
    assert begin(customer_id, with_notes=True).id != begin(customer_id).id


def test_a_large_one_is_made_by_a_job(app, monkeypatch):
    monkeypatch.setattr(services, "MANY_LINES", 0)
    row = begin(make_customer().id)
    assert (row.state, row.job_id is not None) == ("making", True)
    run_due_jobs()
    assert db.session.get(Package, row.id).state == "ready"


def test_one_that_cannot_be_made_says_so(app, monkeypatch):
    def fail(*_):
        raise OSError

    monkeypatch.setattr(services, "MANY_LINES", 0)
    row = begin(make_customer().id)
    monkeypatch.setattr(services, "write_package", fail)
    services.fail_package(row.id)
    assert db.session.get(Package, row.id).state == "failed"


def stored():
    return list(services.store().names(before=utcnow() + dt.timedelta(days=1)))


def test_files_go_with_time_with_the_person_and_with_a_merge(app):
    first, second, third = (make_customer().id for _n in range(3))
    for customer_id in (first, second, third):
        begin(customer_id)
    assert len(stored()) == 3
    with transaction():
        erase_customer(first)
    assert len(stored()) == 2
    with transaction():
        merge_customers(second, make_customer().id)
    assert len(stored()) == 1
    with transaction():
        assert services.forget_packages() == 0
        row = db.session.scalar(select(Package).where(Package.customer_id == third))
        row.expires_at = utcnow()
    with transaction():
        assert services.forget_packages() == 1
    assert stored() == []
    assert db.session.get(Package, row.id).state == "gone"


# The mailed link


@pytest.fixture
def mailed(app):
    """A package whose link was mailed to somebody without a log-in."""
    row = begin(make_customer(email="hana@example.jp", family_name="花").id)
    with transaction():
        services.mail_package(row.id, by=None)
    return row


def code_of(email="hana@example.jp"):
    return re.search(r"\b\d{6}\b", last_mail(email).text).group()


def test_a_link_asks_for_a_code_and_then_gives_the_file(mailed, client):
    path = path_in(last_mail("hana@example.jp"))
    assert "花" not in client.get(path).get_data(as_text=True)
    assert client.post(path).status_code == 200
    assert client.post(path, data={"code": "x"}).status_code == 422
    answer = client.post(path, data={"code": code_of()})
    assert zipfile.ZipFile(io.BytesIO(answer.data)).testzip() is None
    assert "attachment" in answer.headers["Content-Disposition"]
    assert db.session.get(Package, mailed.id).downloads == 1
    # Used up.
    assert client.post(path, data={"code": code_of()}).status_code == 422


def test_guessing_voids_the_code(mailed, client):
    path = path_in(last_mail("hana@example.jp"))
    client.post(path)
    right = code_of()
    for _n in range(codes.MOST_TRIES):
        assert client.post(path, data={"code": "000000" if right != "000000" else "1"}).status_code == 422
    assert client.post(path, data={"code": right}).status_code == 422


def test_codes_cannot_be_asked_for_without_end(mailed, client, monkeypatch):
    monkeypatch.setattr(throttle, "PER_ADDRESS_HERE", 1)
    path = path_in(last_mail("hana@example.jp"))
    assert [client.post(path).status_code for _n in range(2)] == [200, 429]


def test_a_newer_mail_a_forged_link_and_time_end_it(mailed, client):
    path = path_in(last_mail("hana@example.jp"))
    assert client.get(path + "x").status_code == 404
    assert client.get("/your-data/%00").status_code == 404
    with transaction():
        services.mail_package(mailed.id, by=None)
    assert client.get(path).status_code == 404
    fresh = path_in(last_mail("hana@example.jp"))
    assert client.get(fresh).status_code == 200
    with transaction():
        db.session.get(Package, mailed.id).expires_at = utcnow()
    assert client.get(fresh).status_code == 404


def test_who_is_logged_in_as_that_customer_needs_no_code_and_nobody_else(app, client, new_client, login):
    member, other = make_account("Member", email="hana@example.jp"), make_account("Member")
    row = begin(member.customer_id)
    with transaction():
        services.mail_package(row.id, by=None)
    path = path_in(last_mail("hana@example.jp"))
    login(client, member)
    assert client.post(path).mimetype == "application/octet-stream"
    stranger = new_client()
    login(stranger, other)
    assert stranger.post(path).mimetype == "text/html"
    assert db.session.scalar(select(OutboxMail.subject).order_by(OutboxMail.id.desc())).find("コード") >= 0


def test_every_key_stands_in_the_page_for_operators():
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert [key for key in KEYS if f"`{key}`" not in page] == []
