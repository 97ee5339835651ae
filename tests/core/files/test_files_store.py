"""Files are kept under random names, whole or not at all."""

import datetime as dt
import io
import os

import pytest

from core.db import utcnow
from core.files import local
from core.files.store import FileTooLarge, StorageFailed, file_store

MB = 1024 * 1024


@pytest.fixture
def store(app):
    return file_store("somebody")


def all_files(tmp_path):
    return [file for file in (tmp_path / "files").rglob("*") if file.is_file()]


def names(store, *, after=dt.timedelta(seconds=5)):
    return list(store.names(before=utcnow() + after))


def test_a_file_comes_back_as_it_was_sent(store):
    content = os.urandom(3 * MB)
    kept = store.save(io.BytesIO(content), limit=3 * MB)
    assert kept.size == 3 * MB
    with store.open(kept.name) as stream:
        assert stream.read() == content
    assert names(store) == [kept.name]


def test_equal_files_have_equal_digests_and_names_of_their_own(store):
    first, second = (store.save(io.BytesIO(b"same"), limit=10) for _n in range(2))
    assert first.digest == second.digest
    assert first.name != second.name


def test_only_the_sites_own_user_may_read(store, tmp_path):
    store.save(io.BytesIO(b"secret"), limit=10)
    for path in [tmp_path / "files", *(tmp_path / "files").rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path


def test_too_much_is_cut_off_and_leaves_nothing(store, tmp_path):
    class Endless(io.RawIOBase):
        read_bytes = 0

        def read(self, size=-1):
            self.read_bytes += size
            return b"x" * size

    stream = Endless()
    with pytest.raises(FileTooLarge):
        store.save(stream, limit=MB)
    assert stream.read_bytes < 2 * MB
    assert all_files(tmp_path) == []


@pytest.mark.parametrize("step", ["open", "fsync", "rename"])
def test_a_full_disk_at_any_step_leaves_nothing(store, tmp_path, monkeypatch, step):
    def full(*_args, **_how):
        raise OSError(28, "No space left on device")

    place = local.Path if step == "rename" else local.os
    monkeypatch.setattr(place, step, full)
    with pytest.raises(StorageFailed):
        store.save(io.BytesIO(b"x"), limit=10)
    monkeypatch.undo()
    assert all_files(tmp_path) == []
    assert store.save(io.BytesIO(b"x"), limit=10).size == 1


def test_bytes_and_name_are_on_the_disk_before_it_is_told(store, monkeypatch):
    steps = []
    fsync, rename = os.fsync, local.Path.rename
    monkeypatch.setattr(local.os, "fsync", lambda handle: (steps.append("flush"), fsync(handle)))
    monkeypatch.setattr(local.Path, "rename", lambda *a: (steps.append("name"), rename(*a)))
    store.save(io.BytesIO(b"x"), limit=10)
    assert steps[-3:] == ["flush", "name", "flush"]


def test_a_crash_half_way_leaves_what_a_sweep_finds(store, tmp_path, monkeypatch):
    class Crash(BaseException):
        pass

    def crash(*_args):
        raise Crash

    monkeypatch.setattr(local.Path, "rename", crash)
    monkeypatch.setattr(local, "_remove", lambda *_files: None)
    with pytest.raises(Crash):
        store.save(io.BytesIO(b"x"), limit=10)
    monkeypatch.undo()
    left = names(store)
    assert len(left) == 1
    assert names(store, after=dt.timedelta(hours=-1)) == []
    store.delete(left[0])
    assert all_files(tmp_path) == []


@pytest.mark.parametrize(
    "name", ["", "../secret_key", "/etc/passwd", "ab/../../secret_key", "a" * 31, "A" * 32]
)
def test_only_our_own_names_open_or_delete_anything(store, tmp_path, name):
    (tmp_path / "secret_key").write_text("k")
    with pytest.raises(FileNotFoundError):
        store.open(name)
    store.delete(name)
    assert (tmp_path / "secret_key").exists()


def test_deleting_twice_is_fine(store, tmp_path):
    kept = store.save(io.BytesIO(b"x"), limit=10)
    store.delete(kept.name)
    store.delete(kept.name)
    assert all_files(tmp_path) == []
    with pytest.raises(FileNotFoundError):
        store.open(kept.name)


def test_owners_do_not_meet(store):
    kept = store.save(io.BytesIO(b"x"), limit=10)
    assert names(file_store("another")) == []
    with pytest.raises(FileNotFoundError):
        file_store("another").open(kept.name)


def test_room_is_told_before_the_first_file(store):
    assert store.free_bytes() > 0
