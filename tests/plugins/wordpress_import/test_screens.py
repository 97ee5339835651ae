"""The wizard: source, choices, what would happen, the move, its report; and who may open it."""

import io
import re

import pytest
import wordpress_kit as kit
from sqlalchemy import select

from core.accounts.models import Role
from core.activity.models import AuditEntry
from core.customers.models import Customer
from core.db import db, transaction
from core.jobs.runner import run_due_jobs
from core.testing.factories import make_account, make_staff
from plugins.wordpress_import.models import Run
from plugins.wordpress_import.services import store

HOME = "/admin/wordpress/"


@pytest.fixture
def owner(app, enable_plugins, client, login):
    enable_plugins("contact_forms", "member_tiers", "wordpress_import")
    login(client, make_account("Owner"))
    return client


def upload(client, *files, source="wxr", **data):
    sent = [(io.BytesIO(file), f"site-{n}.xml") for n, file in enumerate(files)]
    return client.post(
        f"{HOME}new", data={"source": source, "files": sent, **data}, content_type="multipart/form-data"
    )


def the_run():
    db.session.rollback()
    return db.session.scalars(select(Run).order_by(Run.id.desc())).first()


def choices(**more):
    return {"kinds": ["user", "contact", "form", "message"], "policy": "fill", "role-0": "member", **more}


def test_the_empty_page_says_what_to_do_first(owner):
    page = owner.get(HOME).get_data(as_text=True)
    assert "WordPress サイトのデータを引き継ぎましょう" in page and f"{HOME}new" in page


def test_the_whole_way_through_the_wizard(owner):
    answer = upload(owner, kit.write_wxr())
    assert answer.status_code == 303
    page = answer.headers["Location"]
    assert "hx-get" in owner.get(page).get_data(as_text=True)
    run_due_jobs()
    shown = owner.get(page).get_data(as_text=True)
    assert "Flamingo の受信メッセージ <strong>4</strong>" in shown and "tea.example" in shown
    assert owner.post(f"{page}/choose", data=choices()).status_code == 303
    run_due_jobs()
    shown = owner.get(page).get_data(as_text=True)
    assert "取り込みを実行する" in shown and "佐藤 美奈" in shown
    assert db.session.scalar(select(Customer.id)) is None
    assert owner.post(f"{page}/run").status_code == 303
    run_due_jobs()
    shown = owner.get(page).get_data(as_text=True)
    assert "取り込みが完了しました" in shown
    assert re.search(r'href="/admin/customers/\d+"', shown) and re.search(
        r'href="/admin/forms/inbox/\d+"', shown
    )
    report = owner.get(f"{page}/report.csv").get_data(as_text=True)
    assert report.startswith("\ufeff種類") and report.count("\n") == 14
    run = the_run()
    assert (run.state, run.files, run.sealed, run.report) == ("done", [], None, None)
    actions = set(db.session.scalars(select(AuditEntry.action)))
    assert {
        f"wordpress_import.{verb}" for verb in ("begun", "started", "finished", "report_downloaded")
    } <= actions


@pytest.mark.parametrize("path", ["", "new", "1", "1/report.csv"])
def test_the_screens_ask_for_their_right(app, enable_plugins, client, login, path):
    enable_plugins("wordpress_import")
    login(client, make_staff("admin.access"))
    assert client.get(HOME + path).status_code == 403


def test_only_an_owner_may_name_a_database(app, enable_plugins, client, login):
    enable_plugins("wordpress_import")
    login(client, make_staff("admin.access", "wordpress_import.run"))
    assert "disabled" in client.get(f"{HOME}new").get_data(as_text=True)
    assert upload(client, source="database", url="mysql://a:b@localhost/x").status_code == 403
    assert the_run() is None


def test_staff_who_reach_only_their_own_customers_cannot_move(app, enable_plugins, client, login):
    enable_plugins("wordpress_import")
    account = make_staff("admin.access", "wordpress_import.run")
    with transaction():
        db.session.get(Role, account.role_id).reach = "own"
    login(client, account)
    assert client.get(HOME).status_code == 403
    assert upload(client, kit.write_wxr()).status_code == 403
    assert the_run() is None


@pytest.mark.parametrize(
    "url", ["", "https://example.jp/x", "mysql://host", "file:///etc/passwd", "mysql://h/d?tls=maybe",
            "mysql://h/d?socket=relative", "mysql://h:99999/d", "postgresql://u:p@h/d", "mysql://[/d",
            "\ud800",            "mysql://u:p@h/" + "x" * 3000, "mysql://h/d?prefix=a`b"],
)  # fmt: skip
def test_what_is_no_database_of_mysql_is_refused_and_not_shown_again(owner, url):
    answer = owner.post(
        f"{HOME}new", data={"source": "database", "url": url.encode("utf-8", "surrogatepass")}
    )
    assert answer.status_code in (400, 422)
    assert the_run() is None


@pytest.mark.parametrize(
    "file", [b"", b"no xml", b"<rss>", b"<html></html>", b"\xff\xfe<\0r\0", b"\x1f\x8bbroken"]
)
def test_what_is_no_export_file_is_told_and_deleted(owner, file):
    answer = upload(owner, file)
    if not file:
        assert answer.status_code == 422
        return
    run_due_jobs()
    run = the_run()
    assert run.state == "failed" and run.problem
    assert "読み取れませんでした" in owner.get(f"{HOME}{run.id}").get_data(as_text=True)
    assert list(store().names(before=run.finished_at.replace(year=2100))) == []


def test_choices_that_nobody_offered_are_refused(owner):
    upload(owner, kit.write_wxr())
    run_due_jobs()
    page = f"{HOME}{the_run().id}"
    for bad in ({"policy": "steal"}, {"kinds": []}, {"kinds": ["secrets"]}, {"role-0": "owner"}):
        assert owner.post(f"{page}/choose", data=choices(**bad)).status_code == 422
    assert the_run().state == "ready"
    assert owner.post(f"{page}/run").status_code == 303
    assert the_run().state == "ready"


def test_a_cancelled_move_ends_and_forgets_its_files(owner):
    upload(owner, kit.write_wxr())
    run_due_jobs()
    run = the_run()
    owner.post(f"{HOME}{run.id}/cancel")
    assert (the_run().state, the_run().files) == ("cancelled", [])
    owner.post(f"{HOME}{run.id}/cancel")
    assert "終了しています" in owner.get(f"{HOME}{run.id}").get_data(as_text=True)


def test_a_run_that_is_not_there_is_not_found(owner):
    for path in ("999", "999/report.csv"):
        assert owner.get(HOME + path).status_code == 404
    for verb in ("choose", "run", "again", "cancel"):
        assert owner.post(f"{HOME}999/{verb}").status_code == 404


def test_the_pages_ask_few_questions(owner, query_counter):
    upload(owner, kit.write_wxr())
    run_due_jobs()
    page = f"{HOME}{the_run().id}"
    owner.post(f"{page}/choose", data=choices())
    run_due_jobs()
    owner.post(f"{page}/run")
    run_due_jobs()
    owner.get(page)
    for path, most in ((HOME, 10), (page, 15)):
        with query_counter() as queries:
            assert owner.get(path).status_code == 200
        assert queries.count <= most, queries.statements
