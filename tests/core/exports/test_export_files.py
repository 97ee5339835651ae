"""Files that are made in the background: progress, links, other people's hands, killed workers, time."""

import datetime as dt
import re

import pytest
from sqlalchemy import select, update

from core.db import db, transaction, utcnow
from core.exports import files, jobs
from core.exports.models import ExportEntry, ExportFile
from core.jobs.models import JobRow
from core.jobs.runner import run_due_jobs
from core.plugin_host.snapshot import use_current_snapshot
from core.settings.services import save_site_settings
from core.testing.exports import new_form, take_out
from core.testing.factories import make_account, make_customer, make_staff

LIST = "/admin/customers/?cols=name,email&sort=email"


@pytest.fixture
def owner(client, login):
    login(client, make_account("Owner"))
    return client


@pytest.fixture(autouse=True)
def few_at_once(app):
    with transaction():
        save_site_settings({"export_at_once_rows": 2})
    use_current_snapshot()


@pytest.fixture
def crowd(app):
    return [make_customer(email=f"c{n}@example.jp") for n in range(5)]


def file_row():
    db.session.rollback()
    return db.session.scalars(select(ExportFile)).one()


def link(client, number):
    page = client.get(f"/admin/taken/{number}").text
    found = re.search(r'href="(/admin/taken/\d+/file\?token=[^"]+)"', page)
    return found[1] if found else None


def begin(client, **form):
    answer = take_out(client, LIST, **form)
    assert answer.status_code == 303, answer.status_code
    return int(answer.headers["Location"].rpartition("/")[2])


def test_many_rows_are_made_in_the_background_and_fetched_once_ready(owner, crowd):
    number = begin(owner)
    assert link(owner, number) is None
    assert "<progress" in owner.get(f"/admin/taken/{number}").text
    run_due_jobs()
    assert "/admin/taken/" in owner.get("/admin/").text
    answer = owner.get(link(owner, number))
    lines = answer.get_data().decode("utf-8-sig").splitlines()
    assert [line.rpartition(",")[2] for line in lines[1:]] == [f"c{n}@example.jp" for n in range(5)]
    assert "no-store" in answer.headers["Cache-Control"]
    row = file_row()
    assert (row.state, row.written, row.spec) == ("ready", 5, None)
    assert row.fetched_at is not None


def test_workbooks_and_old_encodings_are_made_there_too(owner, crowd):
    make_customer(family_name="𠮷野", email="y@example.jp")
    number = begin(owner, encoding="cp932")
    run_due_jobs()
    assert "〓".encode("cp932") in owner.get(link(owner, number)).get_data()
    assert file_row().lost == 1
    book = begin(owner, encoding="xlsx")
    run_due_jobs()
    assert owner.get(link(owner, book)).get_data()[:2] == b"PK"


def test_the_same_form_sent_twice_begins_one_file(owner, crowd):
    form = new_form(do="take-out", scope="all")
    first, second = (owner.post(LIST, data=form) for _again in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert len(list(db.session.scalars(select(ExportEntry)))) == 1


def test_two_tabs_begin_two_files(owner, crowd):
    assert begin(owner) != begin(owner)


def test_a_mark_of_somebody_else_says_nothing(owner, crowd, new_client, login):
    form = new_form(do="take-out", scope="all")
    owner.post(LIST, data=form)
    other = new_client()
    login(other, make_account("Owner"))
    answer = other.post(LIST, data=form)
    assert (answer.status_code, "Location" in answer.headers) == (422, False)


def test_the_link_is_for_whoever_took_it_out_and_soon_over(owner, crowd, new_client, login, monkeypatch):
    number = begin(owner)
    run_due_jobs()
    address = link(owner, number)
    other = new_client()
    login(other, make_account("Owner"))
    assert link(other, number) is None
    assert other.get(address).status_code == 404
    assert owner.get(address.replace("token=", "token=x")).status_code == 302
    monkeypatch.setattr(files, "LINK_SECONDS", -1)
    assert owner.get(address).status_code == 302


def test_fetching_asks_for_a_recent_log_in(owner, crowd):
    from core.accounts.models import LoginSession

    number = begin(owner)
    run_due_jobs()
    address = link(owner, number)
    with transaction():
        old = utcnow() - dt.timedelta(minutes=11)
        db.session.execute(update(LoginSession).values(authenticated_at=old))
    assert owner.get(address).headers["Location"].startswith("/login/again")


def test_a_right_that_was_taken_stops_the_making_and_the_fetching(client, login, crowd):
    from core.accounts.models import Role

    account = make_staff("customers.see", "customers.export")
    role_id = account.role_id
    login(client, account)
    first = begin(client)
    run_due_jobs()
    address = link(client, first)
    second = begin(client)
    with transaction():
        db.session.get(Role, role_id).permissions = ["customers.see"]
    run_due_jobs()
    assert client.get(address).status_code == 403
    assert "<progress" not in client.get(f"/admin/taken/{second}").text
    states = db.session.scalars(select(ExportFile.state).order_by(ExportFile.entry_id)).all()
    assert states == ["ready", "failed"]


def test_a_killed_worker_is_followed_by_one_that_makes_the_file_whole(owner, crowd, monkeypatch):
    number = begin(owner)
    real = jobs.write_table

    def killed(*arguments):
        real(*arguments)[0].close()
        raise KeyboardInterrupt

    monkeypatch.setattr(jobs, "write_table", killed)
    with pytest.raises(KeyboardInterrupt):
        files.make_file(_Silent(), number, jobs._write)
    db.session.rollback()
    assert (file_row().state, file_row().stored) == ("waiting", None)
    monkeypatch.setattr(jobs, "write_table", real)
    run_due_jobs()
    assert file_row().written == 5
    assert owner.get(link(owner, number)).get_data().count(b"@example.jp") == 5


class _Silent:
    is_last_attempt = False

    def progress(self, done, total=None):
        return None


def test_a_file_goes_when_its_time_is_over_and_at_once_when_it_is_deleted(owner, crowd):
    first, second = begin(owner), begin(owner)
    run_due_jobs()
    address = link(owner, first)
    with transaction():
        over = utcnow() - dt.timedelta(minutes=1)
        db.session.execute(update(ExportFile).where(ExportFile.entry_id == first).values(expires_at=over))
    assert owner.get(address).status_code == 302
    jobs._prune()
    owner.post(f"/admin/taken/{second}/delete")
    db.session.rollback()
    assert set(db.session.scalars(select(ExportFile.state))) == {"expired"}
    assert list(files.store().names(before=utcnow() + dt.timedelta(days=1))) == []
    assert owner.get(f"/admin/taken/{first}").status_code == 200


def test_making_is_stopped_by_its_owner_only(owner, crowd, new_client, login):
    number = begin(owner)
    other = new_client()
    login(other, make_account("Owner"))
    assert other.post(f"/admin/taken/{number}/delete").status_code == 404
    owner.post(f"/admin/taken/{number}/delete")
    run_due_jobs()
    assert (file_row().state, file_row().stored) == ("cancelled", None)


def test_bytes_that_no_row_names_are_swept(app):
    import io

    kept = files.store().save(io.BytesIO(b"x"), limit=10)
    assert files.sweep_store() == 0
    path = next(files.store()._folder.glob("??/*"))
    import os

    os.utime(path, (1, 1))
    assert (files.sweep_store(), path.exists(), kept.size) == (1, False, 1)


def test_a_job_that_was_given_up_ends_its_file(owner, crowd):
    begin(owner)
    with transaction():
        db.session.execute(update(JobRow).where(JobRow.name == "core.exports.make").values(state="dead"))
    jobs._prune()
    assert (file_row().state, bool(file_row().problem)) == ("failed", True)


def test_old_lines_of_the_log_go_with_their_files(owner, crowd):
    begin(owner)
    run_due_jobs()
    with transaction():
        long_ago = utcnow() - dt.timedelta(days=400)
        db.session.execute(update(ExportEntry).values(created_at=long_ago))
    jobs._prune()
    db.session.rollback()
    assert list(db.session.scalars(select(ExportEntry))) == []
    assert list(db.session.scalars(select(ExportFile))) == []


def test_only_the_customers_within_reach_are_in_the_file(client, login, crowd):
    from core.accounts.models import Role

    account = make_staff("customers.see", "customers.export")
    with transaction():
        db.session.get(Role, account.role_id).reach = "own"
        for one in crowd[:3]:
            db.session.get(type(one), one.id).assigned_account_id = account.id
    login(client, account)
    number = begin(client)
    run_due_jobs()
    text = client.get(link(client, number)).get_data().decode("utf-8-sig")
    assert [n for n in range(5) if f"c{n}@" in text] == [0, 1, 2]
