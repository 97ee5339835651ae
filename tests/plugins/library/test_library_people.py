"""What the log keeps of people: merged, given back, erased, reported, and for so many days."""

import datetime as dt

import pytest
from library_kit import TITLE, downloads, link_of, make_file, make_member
from sqlalchemy import delete, select, update

from core.accounts.models import Account
from core.customers.merges.models import Merge
from core.customers.merges.undoing import undo_merge
from core.customers.services import customer_report, erase_customer, merge_customers
from core.db import db, transaction, utcnow
from core.jobs.runner import run_due_jobs
from core.jobs.services import enqueue
from core.testing.fixtures import Client
from plugins.library import demo
from plugins.library.models import Download

pytestmark = pytest.mark.usefixtures("library")


@pytest.fixture
def two(library, login):
    """Two members, each with a download of the same file."""
    make_file(total_cap=2)
    members = make_member(), make_member()
    for member in members:
        browser = Client(library)
        login(browser, member)
        browser.get(link_of(browser))
    return [member.customer_id for member in members]


def test_merged_customers_have_one_log_and_get_it_back(two):
    kept, merged = two
    with transaction():
        db.session.execute(delete(Account).where(Account.customer_id == merged))
    with transaction():
        merge_customers(kept, merged)
    assert [one.customer_id for one in downloads()] == [kept, kept]
    with transaction():
        undo_merge(db.session.scalar(select(Merge.id)))
    db.session.expire_all()
    assert [one.customer_id for one in downloads()] == [kept, merged]


def test_the_erased_leave_a_line_without_a_name(two):
    with transaction():
        erase_customer(two[0])
    db.session.expire_all()
    first, second = downloads()
    assert (first.customer_id, first.account_id, first.file_title) == (None, None, TITLE)
    assert second.customer_id == two[1]


def test_people_are_told_what_they_downloaded(two):
    assert TITLE in str(customer_report(two[0]))


def test_old_lines_go_but_not_what_a_cap_counts(library, login):
    make_file("free")
    make_file("capped", total_cap=9)
    browser = Client(library)
    login(browser, make_member())
    for slug in ("free", "capped"):
        browser.get(link_of(browser, slug))
    with transaction():
        db.session.execute(update(Download).values(downloaded_at=utcnow() - dt.timedelta(days=900)))
        enqueue("library.tidy")
    run_due_jobs()
    (left,) = downloads()
    assert left.file_id == 2


def test_the_demo_has_files_of_every_kind_and_downloads(library):
    gold = make_member().customer_id
    with transaction():
        demo.fill([gold], {"gold": gold}, 1)
    page = Client(library).get("/library/shop-guide")
    assert "ご利用案内" in page.text
    assert len(downloads()) == 60
    assert Client(library).get("/library/member-prices/download").status_code == 403
