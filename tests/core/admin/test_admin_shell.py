"""The frame around every screen."""

import datetime as dt
import re

import pytest

from core.db import db, transaction, utcnow
from core.jobs.models import JobRow, JobState
from core.mail.models import MailState, OutboxMail
from core.testing.factories import make_account, make_staff


def page(client, url="/admin/"):
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def navigation(html):
    return re.findall(r'class="k-nav-link" href="([^"]+)"', html)


def test_the_navigation_holds_only_what_the_account_may_open(client, login, owner, new_client):
    assert "/admin/plugins" in navigation(page(client))
    staff = new_client()
    login(staff, make_staff("audit.see"))
    links = navigation(page(staff))
    assert "/admin/audit" in links
    assert not {"/admin/plugins", "/admin/settings", "/admin/staff"} & set(links)


@pytest.mark.parametrize("url", ["/admin/settings", "/admin/audit", "/admin/staff/new", "/admin/me"])
def test_the_page_one_is_on_is_marked(client, owner, url):
    current = re.findall(r'href="([^"]+)" aria-current="page"', page(client, url))
    assert current == (
        [url] if url in ("/admin/settings", "/admin/audit") else ["/admin/staff"] if "staff" in url else []
    )


def test_a_closed_group_stays_closed_but_for_the_page_one_is_on(client, owner):
    client.set_cookie("kaiin_nav_closed", "settings.content", path="/admin")
    assert re.search(r'data-nav-group="settings">', page(client))
    assert re.search(r'data-nav-group="settings" open', page(client, "/admin/settings"))


def test_no_inline_script_style_or_handler(client, owner):
    for url in (
        "/admin/",
        "/admin/audit",
        "/admin/plugins",
        "/admin/staff",
        "/admin/settings",
        "/admin/themes",
    ):
        html = page(client, url)
        assert not re.search(r"<script(?![^>]*\bsrc=)", html)
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=", html)


def test_guests_are_asked_to_log_in_and_members_are_refused(client, login, new_client):
    assert client.get("/admin/").status_code == 302
    member = new_client()
    login(member, make_account("Member"))
    assert member.get("/admin/").status_code == 403


def test_the_theme_is_kept_in_the_browser(client, owner):
    answer = client.post("/admin/appearance", data={"theme": "dark", "next": "/admin/me"})
    assert answer.location == "/admin/me"
    assert 'data-bs-theme="dark"' in page(client)
    client.post("/admin/appearance", data={"theme": "auto"})
    assert "data-bs-theme" not in page(client)


@pytest.mark.parametrize("data", [{"theme": "neon"}, {"theme": "dark", "next": "https://evil.example/"}])
def test_strange_choices_of_theme_do_no_harm(client, owner, data):
    answer = client.post("/admin/appearance", data=data)
    assert answer.location == "/admin/"


def test_the_bell_tells_of_lost_mail_late_jobs_and_plugin_errors(client, owner, new_client, login):
    assert "k-dot" not in page(client)
    old = utcnow() - dt.timedelta(hours=1)
    with transaction():
        db.session.add(
            OutboxMail(
                template="core.test",
                to_address="a@example.jp",
                to_key="a@example.jp",
                subject="x",
                text="x",
                html="x",
                language="ja",
                message_id="<1@x>",
                state=MailState.DEAD,
            )
        )
        db.session.add(JobRow(owner="core", name="core.x", max_attempts=1, state=JobState.QUEUED, run_at=old))
    html = page(client)
    assert html.count("k-notice-line") == 2
    assert "/admin/mail" in html and "/admin/jobs" in html
    staff = new_client()
    login(staff, make_staff("audit.see"))
    assert "k-notice-line" not in page(staff)


def test_the_quick_menu_offers_what_the_account_may_add(client, owner, new_client, login):
    assert 'href="/admin/customers/new"' in page(client)
    staff = new_client()
    login(staff, make_staff("customers.see"))
    assert 'href="/admin/customers/new"' not in page(staff)


def test_errors_inside_the_admin_keep_its_frame(client, owner):
    answer = client.get("/admin/nothing-here")
    assert answer.status_code == 404
    assert "k-nav-link" in answer.get_data(as_text=True)
