"""Staff with the right see the site as one member does, and can change nothing in that view."""

import pytest
from sqlalchemy import select

from core.accounts.models import AccountState
from core.accounts.services import set_state
from core.activity.models import AuditEntry
from core.content.services import save_page
from core.db import db, transaction
from core.settings.services import save_site_settings
from core.testing.factories import make_account, make_staff


@pytest.fixture
def member(app):
    with transaction():
        save_page(
            {
                "slug": "inside",
                "title": "Inside",
                "body": "For members",
                "status": "published",
                "visibility": "members",
            }
        )
    return make_account("Member", email="mori@example.jp")


@pytest.fixture
def viewer(client, login, member):
    login(client, make_account("Owner", email="owner@example.jp"))
    assert client.post(f"/admin/view-as/{member.customer_id}").status_code == 302
    return client


def test_the_site_is_shown_as_the_member_sees_it_and_says_so(viewer):
    page = viewer.get("/account")
    assert page.status_code == 200
    assert "mori@example.jp" in page.text
    assert "何も変更できません" in page.text
    assert "何も変更できません" in viewer.get("/inside").text
    assert page.headers["Cache-Control"] == "private, no-store"


def test_the_marked_page_is_shown_to_nobody_else(viewer, new_client, login, member):
    viewer.get("/inside")
    other = new_client()
    login(other, member)
    assert "何も変更できません" not in other.get("/inside").text


@pytest.mark.parametrize("path", ["/account/password", "/forms/contact", "/account/email", "/no-such"])
def test_nothing_can_be_changed(viewer, path):
    assert viewer.post(path, data={"current": "x"}).status_code in (403, 404)


def test_a_password_is_not_changed_from_the_view(viewer, member):
    before = member.password_hash
    answer = viewer.post(
        "/account/password",
        data={
            "current": "correct-horse-battery",
            "password": "blue kite over 4",
            "repeat": "blue kite over 4",
        },
    )
    assert answer.status_code == 403
    db.session.rollback()
    assert member.password_hash == before


def test_the_admin_stays_the_admin_and_ends_the_view(viewer):
    assert "mori@example.jp" in viewer.get("/admin/").text
    assert viewer.post("/admin/view-as/end").status_code == 302
    assert viewer.get("/account").status_code == 403, "owners have no page of their own there"


def test_it_is_audited(viewer, member):
    entry = db.session.scalar(select(AuditEntry).where(AuditEntry.action == "account.viewed_as"))
    assert (entry.target_kind, entry.target_id) == ("account", member.id)


def test_it_needs_the_right(client, login, member):
    login(client, make_staff("customers.see"))
    assert client.post(f"/admin/view-as/{member.customer_id}").status_code == 403
    login(client, make_staff("members.view_as"))
    assert client.post(f"/admin/view-as/{member.customer_id}").status_code == 302
    assert client.get("/account").status_code == 200


def test_another_sessions_cookie_shows_nothing(viewer, new_client, login, app):
    name = f"{app.extensions['kaiin'].cookie_name}_view_as"
    cookie = viewer.get_cookie(name)
    assert cookie is not None
    other = new_client()
    login(other, make_account("Owner", email="second@example.jp"))
    other.set_cookie(name, cookie.value)
    assert other.get("/account").status_code == 403
    guest = new_client()
    guest.set_cookie(name, cookie.value)
    assert guest.get("/account").status_code == 302


def test_a_closed_account_is_not_shown(viewer, member):
    with transaction():
        set_state(member.id, AccountState.DISABLED)
    assert viewer.get("/account").status_code == 403
    assert viewer.post(f"/admin/view-as/{member.customer_id}").status_code == 404


def test_who_has_no_account_cannot_be_viewed(viewer):
    assert viewer.post("/admin/view-as/999999").status_code == 404


def test_pages_that_ask_for_the_members_password_stay_the_members(viewer):
    for path in ("/account/email", "/account/data", "/account/leave"):
        assert viewer.get(path).status_code in (200, 403), path
    assert viewer.get("/account/email").status_code == 403


def test_staff_who_owe_a_second_factor_see_nobodys_view(viewer):
    with transaction():
        save_site_settings({"second_factor_roles": ("owner",)})
    assert viewer.get("/account").status_code == 403
