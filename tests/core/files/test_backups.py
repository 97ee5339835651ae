"""A backup holds the database and the files, and both come back."""

import io
import os
import shutil
import sqlite3

import pytest

from core.backup import back_up, restore
from core.customers.models import Customer
from core.customers.services import create_customer
from core.db import db, transaction
from core.errors import Conflict
from core.files import copies
from core.files.store import file_store, files_folder


@pytest.fixture
def store(app):
    return file_store("somebody")


def save(store, content=b"photo"):
    return store.save(io.BytesIO(content), limit=100).name


def add_customer(name):
    with transaction():
        return create_customer({"family_name": name}).id


def names_of_customers():
    return set(db.session.scalars(db.select(Customer.family_name)))


@pytest.mark.parametrize("has_links", [True, False], ids=["same disk", "other disk"])
def test_database_and_files_come_back_as_they_were(store, tmp_path, monkeypatch, has_links):
    if not has_links:
        monkeypatch.setattr(copies.os, "link", lambda *_: (_ for _ in ()).throw(OSError(18, "other disk")))
    add_customer("古田")
    lost, kept = save(store, b"lost"), save(store, b"kept")
    backup = back_up(tmp_path / "elsewhere")
    add_customer("新田")
    store.delete(lost)
    newer = save(store, b"newer")

    restore(backup)
    db.session.remove()
    assert "古田" in names_of_customers()
    assert "新田" not in names_of_customers()
    # What nobody names any more, the newer one, is for the sweep of its owner.
    for name, content in ((lost, b"lost"), (kept, b"kept"), (newer, b"newer")):
        with store.open(name) as stream:
            assert stream.read() == content


def test_a_backup_and_its_files_are_for_their_own_user_only(store, tmp_path):
    name = save(store)
    backup = back_up(tmp_path / "elsewhere")
    (file,) = backup.with_suffix(".files").rglob(name)
    assert backup.stat().st_mode & 0o077 == 0
    assert file.stat().st_mode & 0o077 == 0
    for folder in list(file.parents)[:3]:
        assert folder.stat().st_mode & 0o077 == 0


def test_a_deleted_file_stays_in_the_backup_and_half_a_file_never_comes_there(store, tmp_path):
    name = save(store)
    (files_folder() / "somebody" / "ab").mkdir(parents=True, exist_ok=True)
    (files_folder() / "somebody" / "ab" / ("ab" * 16 + ".part")).write_bytes(b"half")
    backup = back_up(tmp_path / "elsewhere")
    store.delete(name)
    found = [file.name for file in backup.with_suffix(".files").rglob("*") if file.is_file()]
    assert found == [name]


def test_a_file_that_was_added_while_the_database_was_copied_is_there(store, tmp_path, monkeypatch):
    added = []

    class Slow(sqlite3.Connection):
        def backup(self, target, **options):
            added.append(save(store, b"late"))
            super().backup(target, **options)

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda path, **more: connect(path, factory=Slow, **more))
    backup = back_up(tmp_path / "elsewhere")
    assert list(backup.with_suffix(".files").rglob(added[0]))


def test_a_backup_without_files_is_restored_too(store, tmp_path):
    backup = back_up(tmp_path / "elsewhere")
    shutil.rmtree(backup.with_suffix(".files"), ignore_errors=True)
    restore(backup)


def test_what_is_no_backup_replaces_nothing(store, tmp_path):
    customer = add_customer("古田")
    broken = tmp_path / "broken.sqlite3"
    broken.write_bytes(os.urandom(5000))
    other = tmp_path / "other.sqlite3"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE somebody (id)")
    for file in (broken, other):
        with pytest.raises(Conflict):
            restore(file)
    assert db.session.get(Customer, customer).family_name == "古田"
