import re

import pytest
from sqlalchemy import func, select

from core.accounts.queries import site_is_claimed
from core.activity import audit_chain
from core.activity.models import Activity, AuditEntry
from core.content.models import Page
from core.customers.models import Customer
from core.db import db
from core.demo import fill
from core.demo.command import run_demo
from core.demo.fill import fill_demo
from core.demo.shop import LOGINS, PASSWORD, is_demo
from core.plugin_host.snapshot import current_snapshot

PEOPLE = 240
PAGES = ("welcome", "members", "gold", "points-100", "tokyo", "unlock-50", "contact")


@pytest.fixture
def demo(app):
    fill_demo(PEOPLE)


def test_the_demo_is_a_site_with_people_pages_and_four_log_ins(app, demo, new_client, login):
    assert is_demo()
    assert db.session.scalar(select(func.count(Customer.id))) == PEOPLE + 2
    assert set(PAGES) <= set(db.session.scalars(select(Page.slug)))
    oldest, newest = db.session.execute(
        select(func.min(Activity.occurred_at), func.max(Activity.occurred_at))
    ).one()
    assert (newest - oldest).days > 365
    opens = {
        "owner@demo.example": {"/gold", "/members", "/tokyo", "/points-100", "/unlock-50"},
        "gold@demo.example": {"/gold", "/members", "/tokyo", "/points-100"},
        "free@demo.example": {"/members"},
    }
    for email, may_open in opens.items():
        browser = new_client()
        login(browser, email, PASSWORD)
        for path in opens["owner@demo.example"]:
            expected = 200 if path in may_open else 403
            assert browser.get(path).status_code == expected, (email, path)
    staff = new_client()
    login(staff, "staff@demo.example", PASSWORD)
    assert staff.get("/admin/customers/").status_code == 200
    assert staff.get("/admin/plugins").status_code == 403
    assert new_client().get("/contact").status_code == 200


def test_a_demo_that_breaks_off_can_be_made_again(app, monkeypatch):
    def fail(*args: object) -> None:
        raise RuntimeError("the lights went out")

    with monkeypatch.context() as broken:
        broken.setattr(fill, "make_pages_and_menus", fail)
        with pytest.raises(RuntimeError):
            fill_demo(PEOPLE)
    db.session.remove()
    assert not site_is_claimed()
    assert db.session.scalar(select(func.count(Customer.id))) == 0
    fill_demo(PEOPLE)
    assert is_demo()


def test_the_demo_stays_away_from_a_site_that_others_can_reach(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("KAIIN_INSTANCE", str(tmp_path))
    monkeypatch.setenv("KAIIN_BASE_URL", "https://www.example.jp")
    monkeypatch.setenv("KAIIN_SECRET_KEY", "x" * 40)
    assert run_demo(then_serve=False) == 1
    assert "this machine only" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_audit_log_of_the_demo_is_lively_whole_and_not_flooded(app, demo, new_client, login):
    counts = dict(
        tuple(row)
        for row in db.session.execute(
            select(AuditEntry.action, func.count(AuditEntry.id)).group_by(AuditEntry.action)
        )
    )
    assert counts["account.created"] == len(LOGINS)
    assert counts["demo.filled"] == 1
    assert {"account.logged_in", "settings.site.saved", "csv_export.downloaded"} <= set(counts)
    assert sum(counts.values()) < 150
    assert audit_chain.verify().is_whole
    browser = new_client()
    login(browser, "owner@demo.example", PASSWORD)
    page = browser.get("/admin/audit").text
    known = {action.name for action in current_snapshot().audit_actions.values()}
    assert set(counts) <= known
    for href in set(re.findall(r'<td[^>]*><a href="(/admin/[^"]+)"', page)):
        assert browser.get(href).status_code == 200, href
    assert "/admin/customers/" in page
