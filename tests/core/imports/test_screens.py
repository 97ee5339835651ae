import csv
import io

import pytest
from sqlalchemy import select

from core.activity.models import AuditEntry
from core.customers.models import Customer
from core.db import db, utcnow
from core.imports.models import Import, ImportMapping
from core.jobs.runner import run_due_jobs
from core.testing.factories import make_account, make_customer, make_label, make_staff

URL = "/admin/imports/"
TEXT = "姓,メール,生年月日\n山田,a@example.jp,S63.1.7\n佐藤,b@example.jp,\n鈴木,bad,x\n"
RULES = {"match": "email", "mode": "both", "again": "update", "empty": "keep"}


@pytest.fixture
def owner(client, login):
    login(client, make_account("Owner"))
    return client


def upload(client, content=TEXT, name="people.csv", **form):
    content = content.encode() if isinstance(content, str) else content
    form["file"] = (io.BytesIO(content), name)
    return client.post(f"{URL}new", data=form, content_type="multipart/form-data")


def page(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def the_import():
    db.session.rollback()
    return db.session.scalar(select(Import).order_by(Import.id.desc()).limit(1))


def people():
    db.session.rollback()
    return db.session.scalars(select(Customer).order_by(Customer.id)).all()


def test_the_whole_way_by_hand_without_javascript(owner):
    make_customer(email="b@example.jp", family_name="旧姓")
    assert "k-empty" in page(owner, URL)
    step = upload(owner)
    assert step.headers["Location"].endswith("/file")
    base = step.headers["Location"].removesuffix("/file")
    first = page(owner, f"{base}/file")
    assert '<option value="utf-8" selected>' in first
    assert "S63.1.7" in first
    form = {"encoding": "utf-8", "delimiter": ",", "has_heading": "1"}
    assert owner.post(f"{base}/file", data=form).headers["Location"].endswith("/columns")
    assert page(owner, f"{base}/columns").count(" selected>") == 3
    columns = {"column-0": "family_name", "column-1": "email", "column-2": "birthday"}
    assert owner.post(f"{base}/columns", data=columns).headers["Location"].endswith("/rules")
    assert owner.post(f"{base}/rules", data=RULES).headers["Location"].endswith(base)
    assert 'hx-trigger="every 2s"' in page(owner, base)
    run_due_jobs()
    checked = page(owner, base)
    assert "旧姓" in checked and "<ins>佐藤</ins>" in checked
    assert len(people()) == 1
    owner.post(f"{base}/run")
    run_due_jobs()
    assert [person.family_name for person in people()] == ["佐藤", "山田"]
    assert str(people()[1].birthday) == "1988-01-07"
    rows = list(csv.reader(io.StringIO(page(owner, f"{base}/errors.csv").removeprefix("\ufeff"))))
    assert rows[1][:4] == ["鈴木", "bad", "x", "4"]
    assert "生年月日" in rows[1][4]
    owner.post(f"{base}/undo")
    run_due_jobs()
    assert [person.family_name for person in people()] == ["旧姓"]
    query = select(AuditEntry.action).where(AuditEntry.action.like("import.%")).order_by(AuditEntry.id)
    actions = db.session.scalars(query).all()
    names = ("uploaded", "started", "finished", "errors_downloaded", "undo_started", "undone")
    assert list(actions) == [f"import.{name}" for name in names]
    assert "山田" not in str([entry.data for entry in db.session.scalars(select(AuditEntry))])


def test_the_owner_corrects_encoding_and_delimiter(owner):
    base = upload(owner, "姓;メモ\n髙橋;x\n".encode("cp932")).headers["Location"].removesuffix("/file")
    assert '<option value="cp932" selected>' in page(owner, f"{base}/file")
    wrong = owner.post(f"{base}/file", data={"encoding": "utf-8", "delimiter": ";", "has_heading": "1"})
    assert wrong.status_code == 422
    again = {"encoding": "cp932", "delimiter": ",", "has_heading": "1", "again": "1"}
    assert "髙橋;x" in owner.post(f"{base}/file", data=again).get_data(as_text=True)
    assert the_import().settings["columns"] == [""]


def test_columns_and_rules_are_saved_and_used_again(owner):
    make_label("VIP")
    base = upload(owner).headers["Location"].removesuffix("/file")
    owner.post(f"{base}/columns", data={"column-0": "given_name", "column-1": "email"})
    saved = {**RULES, "label": "VIP", "policy-given_name": "fill", "save": "1", "mapping_name": "店の名簿"}
    assert owner.post(f"{base}/rules", data=saved).status_code == 200
    assert db.session.scalar(select(ImportMapping.name)) == "店の名簿"
    base = upload(owner).headers["Location"].removesuffix("/file")
    assert the_import().settings["columns"][0] == "family_name"
    owner.post(f"{base}/columns", data={"use": "1", "mapping": "店の名簿"})
    settings = the_import().settings
    assert settings["columns"] == ["given_name", "email", ""]
    assert (settings["label"], settings["policies"]) == ("VIP", {"given_name": "fill"})
    owner.post(f"{URL}mappings/delete", data={"mapping": "店の名簿"})
    assert db.session.scalar(select(ImportMapping.name)) is None


@pytest.mark.parametrize(
    ("step", "form"),
    [
        ("file", {"encoding": "nothing"}),
        ("file", {"encoding": "utf-8", "delimiter": "\0"}),
        ("columns", {}),
        ("columns", {"column-0": "email", "column-1": "email"}),
        ("columns", {"column-0": "nothing"}),
        ("columns", {"use": "1", "mapping": "nothing"}),
        ("rules", {}),
        ("rules", {**RULES, "match": "nothing"}),
        ("rules", {**RULES, "match": "number"}),
        ("rules", {**RULES, "label": "nothing"}),
        ("rules", {**RULES, "policy-email": "append"}),
        ("rules", {**RULES, "save": "1", "mapping_name": "x" * 200}),
    ],
)
def test_wrong_input_is_answered_and_stores_nothing(owner, step, form):
    base = upload(owner).headers["Location"].removesuffix("/file")
    before = the_import().settings
    answer = owner.post(f"{base}/{step}", data=form)
    assert answer.status_code in (400, 422)
    assert the_import().state == "draft"
    if step != "columns":
        assert the_import().settings == before
    assert db.session.scalar(select(ImportMapping.id)) is None


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG\r\n\x1a\n\xff\xfe\x00", b"PK\x03\x04xx", b"\xd0\xcf\x11\xe0" * 9]
)
def test_what_is_no_file_of_customers_is_refused_and_deleted(owner, app, content):
    from core.imports.services import store

    assert upload(owner, content).status_code == 422
    assert owner.post(f"{URL}new", data={}).status_code == 422
    assert list(store().names(before=utcnow().replace(year=2100))) == []
    assert the_import() is None


def test_files_that_are_too_large_are_refused(owner, monkeypatch):
    from core.imports import services

    monkeypatch.setattr(services, "MOST_BYTES", 100)
    assert upload(owner, "姓\n" + "山田\n" * 100).status_code == 422


def test_a_discarded_import_leaves_no_file(owner):
    from core.imports.services import store

    base = upload(owner).headers["Location"].removesuffix("/file")
    owner.post(f"{base}/discard")
    assert the_import() is None
    assert list(store().names(before=utcnow().replace(year=2100))) == []


def test_staff_need_the_right_and_those_to_see_and_edit(client, new_client, login):
    login(client, make_staff("customers.see", "customers.edit"))
    assert client.get(URL).status_code == 403
    half = new_client()
    login(half, make_staff("customers.import"))
    assert upload(half).status_code == 403
    whole = new_client()
    login(whole, make_staff("customers.import", "customers.see", "customers.edit"))
    assert upload(whole).status_code == 303


def test_a_log_in_long_ago_is_asked_for_again(owner, monkeypatch):
    from core.security import step_up

    base = upload(owner).headers["Location"].removesuffix("/file")
    monkeypatch.setattr(step_up, "is_recent", lambda _account: False)
    for path in ("run", "undo"):
        assert "/login/again" in owner.post(f"{base}/{path}").headers["Location"]
    for path in (f"{base}/errors.csv", f"{URL}new"):
        assert "/login/again" in owner.get(path).headers["Location"]


def test_the_command_does_the_same(app, tmp_path, monkeypatch):
    from click.testing import CliRunner

    from core.cli import main

    monkeypatch.setattr("core.commands.command_app", lambda: app)
    file, bad = tmp_path / "people.csv", tmp_path / "errors.csv"
    file.write_text(TEXT, "utf-8")
    dry = CliRunner().invoke(main, ["customers", "import", str(file), "--dry-run"])
    assert dry.exit_code == 0, dry.output
    assert people() == [] and the_import() is None
    done = CliRunner().invoke(main, ["customers", "import", str(file), "--errors", str(bad)])
    assert done.exit_code == 0, done.output
    assert len(people()) == 2
    assert "鈴木" in bad.read_text("utf-8-sig")
    chosen = tmp_path / "rules.json"
    chosen.write_text('{"columns": {"姓": "given_name", "メール": "email"}, "mode": "update"}', "utf-8")
    CliRunner().invoke(main, ["customers", "import", str(file), "--mapping", str(chosen)])
    assert [person.given_name for person in people()] == ["山田", "佐藤"]
    wrong = CliRunner().invoke(main, ["customers", "import", str(file), "--mapping", "nothing"])
    assert wrong.exit_code == 1
