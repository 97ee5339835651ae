"""Caps on downloads: per member and file, a day or in all, also when two come at once."""

import datetime as dt
import threading

import pytest
from library_kit import BYTES, CANARY, downloads, link_of, make_file, make_member
from sqlalchemy import update

from core.db import db, transaction, utcnow
from core.i18n import site_day_begins, site_today
from core.security.sessions import SignedInAccount
from core.testing.fixtures import Client
from plugins.library.downloads.counting import CapReached, note_download
from plugins.library.models import Download, LibraryFile

pytestmark = pytest.mark.usefixtures("library")


def test_a_cap_of_a_day_is_told_and_kept(client, login):
    make_file(daily_cap=2)
    login(client, make_member())
    links = [link_of(client) for _time in range(3)]
    assert [client.get(link).status_code for link in links] == [200, 200, 403]
    answer = client.get("/library/secret/download")
    assert answer.status_code == 403
    assert CANARY not in answer.text
    assert len(downloads()) == 2
    assert client.get(links[0], headers={"Range": "bytes=2-"}).status_code == 206


def test_a_day_ends_at_midnight_of_the_site(client, login):
    make_file(daily_cap=1)
    login(client, make_member())
    assert client.get(link_of(client)).data == BYTES
    begins = site_day_begins(site_today())
    for moment, status in ((begins, 403), (begins - dt.timedelta(seconds=1), 302)):
        with transaction():
            db.session.execute(update(Download).values(downloaded_at=moment))
        assert client.get("/library/secret/download").status_code == status


def test_a_cap_in_all_does_not_begin_anew(client, login):
    make_file(total_cap=1)
    login(client, make_member())
    assert client.get(link_of(client)).data == BYTES
    with transaction():
        db.session.execute(update(Download).values(downloaded_at=utcnow() - dt.timedelta(days=400)))
    assert client.get("/library/secret/download").status_code == 403


def test_each_member_and_each_file_counts_alone(library, login):
    make_file("one", daily_cap=1)
    make_file("two", daily_cap=1)
    for member in (make_member(), make_member()):
        browser = Client(library)
        login(browser, member)
        for slug in ("one", "two"):
            assert browser.get(link_of(browser, slug)).status_code == 200
            assert browser.get(f"/library/{slug}/download").status_code == 403


def test_of_many_downloads_at_once_only_so_many_are_the_last(library):
    file, member = make_file(total_cap=3), make_member()
    file_id, account = (
        file.id,
        SignedInAccount(
            id=member.id,
            email=member.email,
            display_name="",
            kind="member",
            customer_id=member.customer_id,
            language="ja",
            permissions=frozenset(),
            session_id=0,
        ),
    )
    db.session.rollback()
    passed, refused, start = [], [], threading.Barrier(12)

    def run(number: int) -> None:
        with library.app_context():
            found = db.session.get(LibraryFile, file_id)
            start.wait(timeout=30)
            try:
                note_download(found, account, f"link {number}")
                passed.append(number)
            except CapReached:
                refused.append(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert (len(passed), len(refused)) == (3, 9)
    assert len(downloads()) == 3
