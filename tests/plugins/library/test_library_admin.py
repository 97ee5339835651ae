"""The staff's screens: uploading, what is refused (L23), editing, deleting, who downloaded."""

import io

import pytest
from library_kit import BYTES, TITLE, downloads, link_of, make_file, make_member, pdf
from sqlalchemy import select

from core.db import db, utcnow
from core.files.store import file_store
from core.testing.exports import take_out
from core.testing.factories import make_account, make_staff
from plugins.library.models import LibraryFile

pytestmark = pytest.mark.usefixtures("library")
HTML = b"<!doctype html><script>alert(1)</script>"


@pytest.fixture
def owner(client, login):
    login(client, make_account("Owner"))
    return client


def upload(client, *files, **values):
    sent = [(io.BytesIO(content), name) for name, content in files]
    data = {"visibility": "members", "folder": "会報", **values, "files": sent}
    return client.post("/admin/library/new", data=data, content_type="multipart/form-data")


def rows():
    return list(db.session.scalars(select(LibraryFile).order_by(LibraryFile.id)))


def kept_names():
    return list(file_store("library").names(before=utcnow()))


def test_several_files_come_at_once_with_titles_from_their_names(owner):
    answer = upload(owner, ("秋の会報.pdf", pdf("x")), ("申込書.txt", "様式".encode()), is_published="y")
    assert answer.status_code == 303
    assert [(row.title, row.folder, row.is_published) for row in rows()] == [
        ("秋の会報", "会報", True),
        ("申込書", "会報", True),
    ]
    assert {row.media_type for row in rows()} == {"application/pdf", "text/plain"}
    assert all(row.name not in row.stored for row in rows())


def test_two_files_of_one_name_get_addresses_of_their_own(owner):
    upload(owner, ("a.txt", b"1"))
    upload(owner, ("a.txt", b"2"), ("a.txt", b"3"))
    assert [row.slug for row in rows()] == ["a", "a-2", "a-3"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("shell.php", b"<?php"),
        ("page.html", HTML),
        ("picture.svg", b"<svg onload='x'/>"),
        ("tool.exe", b"MZ\0\0"),
        ("invoice.exe.pdf", b"%PDF-1.4"),
        ("letter.pdf", b"MZ\0\0"),
        ("letter.txt", HTML),
        ("photo.jpg", b"GIF89a"),
        ("none", b"x"),
        ("empty.txt", b""),
        ("../../x.sh", b"#!/bin/sh"),
        (".htaccess", b"x"),
    ],
)
def test_what_runs_or_is_not_what_it_says_is_refused_and_nothing_is_kept(owner, name, content):
    answer = upload(owner, ("fine.txt", b"fine"), (name, content))
    assert answer.status_code == 422
    assert rows() == []
    assert kept_names() == []


def test_nothing_chosen_is_said_at_the_field(owner):
    answer = upload(owner)
    assert answer.status_code == 422
    assert 'id="files-error"' in answer.text


def values_of(file, **changes):
    values = {"title": file.title, "slug": file.slug, "visibility": file.visibility, "rule_mode": "rows"}
    return {**values, "is_published": "y", "version": str(file.version), **changes}


def test_a_file_is_renamed_moved_and_replaced_and_the_old_bytes_go(owner):
    file = make_file()
    old = file.stored
    new = (io.BytesIO(b"new bytes"), "新しい.txt")
    data = values_of(file, title="新しい題", folder="資料", daily_cap="3", replacement=new)
    answer = owner.post(f"/admin/library/{file.id}", data=data, content_type="multipart/form-data")
    assert answer.status_code == 303
    db.session.expire_all()
    assert (file.title, file.folder, file.daily_cap, file.name) == ("新しい題", "資料", 3, "新しい.txt")
    assert kept_names() == [file.stored]
    assert file.stored != old
    assert owner.get(link_of(owner)).data == b"new bytes"


def test_a_replacement_that_runs_leaves_the_file_as_it_was(owner):
    file = make_file()
    data = values_of(file, replacement=(io.BytesIO(HTML), "x.txt"))
    answer = owner.post(f"/admin/library/{file.id}", data=data, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert 'id="replacement-error"' in answer.text
    assert kept_names() == [file.stored]


def test_what_somebody_else_saved_meanwhile_is_not_overwritten(owner):
    file = make_file()
    answer = owner.post(f"/admin/library/{file.id}", data=values_of(file, title="mine", version="1"))
    assert answer.status_code == 422
    db.session.expire_all()
    assert file.title != "mine"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "x" * 201),
        ("slug", "A b"),
        ("folder", "x" * 121),
        ("daily_cap", "0"),
        ("daily_cap", "9" * 5000),
        ("visibility", "all"),
        ("display", "x"),
        ("rule_name", "no-such-rule"),
    ],
)
def test_wrong_input_comes_back_with_a_message(owner, field, value):
    file = make_file()
    answer = owner.post(f"/admin/library/{file.id}", data=values_of(file, **{field: value}))
    assert answer.status_code == 422
    db.session.expire_all()
    assert file.version == 2


def test_files_for_everybody_take_no_caps_and_no_stamp(owner):
    file = make_file(visibility="public")
    answer = owner.post(f"/admin/library/{file.id}", data=values_of(file, daily_cap="2", is_stamped="y"))
    assert answer.status_code == 422
    assert 'id="daily_cap-error"' in answer.text


def test_a_deleted_file_is_gone_and_its_downloads_stay_told(owner, library, login):
    file = make_file()
    assert owner.get(link_of(owner)).data == BYTES
    assert owner.post(f"/admin/library/{file.id}/delete").status_code == 303
    assert owner.get("/library/secret").status_code == 404
    assert kept_names() == []
    (one,) = downloads()
    assert one.file_id is None
    assert one.file_title == TITLE


def test_the_log_says_who_downloaded_what_and_goes_out_as_a_file(library, client, login):
    make_file()
    member = make_member(family_name="山田", given_name="花子")
    login(client, member)
    client.get(link_of(client))
    login(client, make_account("Owner"))
    page = client.get("/admin/library/downloads").text
    assert "山田 花子" in page
    assert "山田 花子" in client.get("/admin/library/downloads?q=山田").text
    assert "山田 花子" not in client.get("/admin/library/downloads?q=佐藤").text
    text = take_out(client, "/admin/library/downloads").get_data(as_text=True)
    assert "山田 花子" in text


def test_the_log_needs_its_own_right(client, login):
    login(client, make_staff("library.edit"))
    assert client.get("/admin/library/downloads").status_code == 403
    assert client.get("/admin/library/").status_code == 200


def test_empty_screens_say_what_to_do_first(owner):
    assert "/admin/library/new" in owner.get("/admin/library/").text
    assert owner.get("/admin/library/downloads").status_code == 200


def test_lists_cost_few_queries(owner, query_counter):
    for number in range(30):
        make_file(f"f-{number}")
    owner.get(link_of(owner, "f-1"))
    for path in ("/admin/library/", "/admin/library/downloads"):
        owner.get(path)
        with query_counter() as counted:
            owner.get(path)
        assert counted.count <= 10, path
