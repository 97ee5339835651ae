"""Whatever was planted about a person, wherever: after erasing them no byte of it is left."""

import io
import itertools
import logging
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect, text
from werkzeug.datastructures import FileStorage

from core.accounts.mailed_tokens import issue
from core.accounts.member_models import Purpose
from core.accounts.withdrawal import withdraw
from core.activity.services import add_note
from core.bulk.models import BulkKind, BulkRow, BulkRun, BulkState, RowState
from core.customer_files.services import add_files
from core.customer_files.uploads import taken
from core.customers.contact_points.services import add_point
from core.customers.duplicates.finder import find_duplicates
from core.customers.models import Customer
from core.customers.relations.services import relate
from core.customers.services import erase_customer, merge_customers, update_customer
from core.db import db, transaction, utcnow
from core.i18n import site_today
from core.imports import jobs as import_jobs
from core.imports import services as imports
from core.jobs.runner import run_due_jobs
from core.mail.services import queue_mail
from core.next_actions.services import plan_action
from core.prepared import insert_rows
from core.privacy import services as requests
from core.privacy.erasing.traces import wipe_journal
from core.privacy.package import services as packages
from core.search.models import FULL_TEXT_TABLE
from core.testing.factories import make_account, make_custom_field, make_customer
from plugins.member_tiers.points import ledger
from tests.plugins.contact_forms.forms_kit import make_form, send, work
from tests.thorough import PARTS, THOROUGH

_numbers = itertools.count(1)


class Person:
    """A customer full of canaries; each begins with a mark of their own."""

    def __init__(self, client):
        self.mark = f"cnry{next(_numbers):05d}x"
        self._count, self.client = itertools.count(1), client
        self.email = f"{self.word()}@example.jp"
        self.id = make_customer(
            email=self.email,
            **{name: self.word() for name in FIELDS},
            custom_own=self.word(),
            interests=self.word(),
            stage="lead",
        ).id

    def word(self):
        return f"{self.mark}{next(self._count)}"


FIELDS = (
    *("family_name", "given_name", "city", "address_line", "building", "memo", "caution_note"),
    *("department", "job_title", "occupation", "family_structure", "source_detail", "sns_line", "area"),
)


def note(p):
    add_note(p.id, p.word())


def change(p):
    update_customer(p.id, {"city": p.word(), "memo": p.word(), "custom_own": p.word()})


def points(p):
    add_point(p.id, "email", {"value": f"{p.word()}@example.com", "label": "other", "note": p.word()})


def bond(p):
    other = make_customer().id
    relate(p.id, other, {"kind": "family", "note": p.word()})


def plan(p):
    plan_action(
        p.id,
        {"title": p.word(), "due_on": site_today().isoformat(), "account_id": str(make_account("Staff").id)},
        by=None,
    )


def mail(p):
    values = {"sent_at": utcnow(), "sender": p.word()}
    queue_mail("core.test", p.email, values)
    queue_mail("core.test", "staff@example.jp", values, related=("customer", p.id))


def token(p):
    issue(Purpose.REGISTER, p.email, data={"answers": {"family_name": p.word()}})


def merge(p):
    other = make_customer(family_name=p.word(), email=f"{p.word()}@example.jp", memo=p.word())
    add_note(other.id, p.word())
    merge_customers(p.id, other.id, choices={"memo": "merged"})


def merged_away(p):
    kept = make_customer(family_name=p.word()).id
    merge_customers(kept, p.id)
    p.id = kept


def bulk(p):
    run = BulkRun(
        kind=BulkKind.EDIT,
        change={"field": "memo", "how": "set", "value": p.word()},
        state=BulkState.DONE,
        total=1,
    )
    db.session.add(run)
    db.session.flush()
    values = {"run_id": run.id, "customer_id": p.id, "state": RowState.CHANGED, "reason": None}
    insert_rows(BulkRow, [{**values, "changes": [p.word(), p.word()]}])


def bring_in(p):
    rows = f"メールアドレス,メモ,市区町村\n{p.email},{p.word()},{p.word()}\n"
    kept = imports.keep_file(io.BytesIO(rows.encode()))
    row = imports.create_import(kept, "people.csv", by=None)
    imports.start_check(row.id, in_process=True)
    p.imported = row.id


def file(p):
    upload = FileStorage(io.BytesIO(p.word().encode() * 50), filename=f"{p.word()}.txt")
    p.upload = upload


def member(p):
    account = make_account("Member", customer=db.session.get(Customer, p.id), email=p.email)
    withdraw(account.id, "other", p.word())


def tiers(p):
    movement = ledger.Movement(f"k{next(_numbers)}", "gift", note=p.word())
    ledger.earn(p.id, 10, movement, expires_on=None)


def privacy(p):
    asked = {"kind": "erase", "way": "phone", "customer_id": p.id, "text": p.word()}
    row = requests.receive(asked, by=None)
    requests.add_note(row.id, p.word(), by=None)
    requests.confirm_identity(row.id, "known", p.word(), by=None)


def before_found(p):
    asked = {"kind": "disclosure", "way": "mail", "name": p.word(), "contact": p.email}
    row = requests.receive(asked, by=None)
    requests.choose_customer(row.id, p.id, by=None)


PLANTS = (
    *(note, change, points, bond, plan, mail, token, merge, merged_away, bulk, member, tiers),
    *(privacy, before_found, bring_in, file),
)


def message(p):
    send(p.client, email=p.email, name=p.word(), message=p.word())
    work()


def package(p):
    with transaction():
        row = packages.begin_package(p.id, by=None, with_notes=True)
    packages.make_package(row.id)


def search(_p):
    find_duplicates(lambda *_: None)


# These open their own transactions.
STORIES = (message, package, search)


def plant(p, step):
    if step in STORIES:
        step(p)
        return
    try:
        with transaction():
            step(p)
    except Exception as refusal:
        # Some do not go together, e.g. two log-ins of one customer.
        assert type(refusal).__module__ == "core.errors", refusal
        return
    if step is bring_in:
        import_jobs.check(lambda *_: None, p.imported)
        with transaction():
            imports.start_run(p.imported, by=None, in_process=True)
        import_jobs.run(lambda *_: None, p.imported)
    if step is file:
        with taken([p.upload]) as files, transaction():
            add_files(p.id, files, direction="in", note=p.word())


def rows_with(mark):
    found = []
    for table in inspect(db.engine).get_table_names():
        # A table without content cannot be read; the bytes of the file tell of it.
        if table == FULL_TEXT_TABLE and db.engine.dialect.name == "sqlite":
            continue
        for row in db.session.execute(text(f'SELECT * FROM "{table}"')):
            if mark in repr(tuple(row)).lower():
                found.append((table, row))
    return found


def files_with(folder, mark):
    found = []
    for path in folder.rglob("*"):
        # A mail that was delivered has left the house.
        if not path.is_file() or path.suffix == ".eml":
            continue
        content = path.read_bytes()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                content += b"".join(archive.read(name) for name in archive.namelist())
        if mark.encode() in content.lower():
            found.append(path.name)
    return found


@pytest.fixture
def world(app, enable_plugins, client, caplog):
    enable_plugins("contact_forms", "member_tiers")
    make_custom_field("own")
    make_form()
    caplog.set_level(logging.DEBUG)
    return client


@pytest.mark.parametrize("part", PARTS)
@settings(
    max_examples=120 // len(PARTS) if THOROUGH else 6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(st.sampled_from((*PLANTS, *STORIES)), min_size=6, max_size=14))
def test_nothing_of_an_erased_person_is_left(world, app, caplog, tmp_path, part, steps):
    check(Person(world), steps, caplog, tmp_path)


def test_a_value_of_somebody_who_was_merged_away_is_not_left(world, caplog, tmp_path):
    check(Person(world), [bulk, merged_away, note], caplog, tmp_path)


@pytest.mark.parametrize("step", (*PLANTS, *STORIES), ids=lambda step: step.__name__)
def test_no_place_keeps_anything(world, caplog, tmp_path, step):
    check(Person(world), [step], caplog, tmp_path)


def check(p, steps, caplog, tmp_path):
    for step in steps:
        plant(p, step)
    db.session.rollback()
    assert rows_with(p.mark), "nothing was planted"
    with transaction():
        erase_customer(p.id)
    run_due_jobs()
    db.session.rollback()
    assert rows_with(p.mark) == []
    assert files_with(tmp_path, p.mark) == []
    assert p.mark not in caplog.text.lower()
    if db.engine.dialect.name == "sqlite":
        assert wipe_journal()
        name = db.engine.url.database
        for suffix in ("", "-wal"):
            with open(f"{name}{suffix}", "rb") as stream:
                assert p.mark.encode() not in stream.read().lower(), suffix or "database"


def test_the_journal_is_emptied_by_the_hourly_job(world):
    from core.privacy.jobs import _forget

    if db.engine.dialect.name != "sqlite":
        return
    person = Person(world)
    with transaction():
        erase_customer(person.id)
    _forget(None)
    with open(f"{db.engine.url.database}-wal", "rb") as stream:
        assert stream.read() == b""
