"""Staff accounts, roles, one's own account, the audit log."""

import re

import pytest
from sqlalchemy import select

from core.accounts.models import Account, AccountState, Role
from core.accounts.queries import find_account
from core.activity.services import record_audit
from core.db import db, transaction
from core.mail.models import OutboxMail
from core.testing.factories import PASSWORD, make_account, make_customer, make_staff

NEW = {"display_name": "佐藤", "email": "sato@example.jp", "role": "Staff"}


def link_in(mail):
    return re.search(r"/forgotten/[\w-]+", mail.text)[0]


def invitations():
    db.session.rollback()
    mails = select(OutboxMail).where(OutboxMail.template == "core.staff_invitation").order_by(OutboxMail.id)
    return db.session.scalars(mails).all()


def test_an_invited_person_chooses_the_password_and_may_work(client, owner, new_client, login):
    assert client.post("/admin/staff/new", data=NEW).status_code == 302
    assert find_account("sato@example.jp").password_hash is None
    (mail,) = invitations()
    other = new_client()
    chosen = {"password": "blue kite over 4 hills", "repeat": "blue kite over 4 hills"}
    assert other.post(link_in(mail), data=chosen).status_code == 302
    login(other, "sato@example.jp", "blue kite over 4 hills")
    assert other.get("/admin/").status_code == 200
    assert other.post(link_in(mail), data=chosen).status_code == 404, "the link works once"


def test_an_invitation_is_sent_again_and_the_earlier_link_ends(client, owner, new_client):
    client.post("/admin/staff/new", data=NEW)
    account = find_account("sato@example.jp")
    assert client.post(f"/admin/staff/{account.id}/invite").status_code == 302
    first, second = invitations()
    assert new_client().get(link_in(first)).status_code == 404
    assert new_client().get(link_in(second)).status_code == 200


def test_who_has_a_password_is_not_invited_again(client, owner):
    account = make_account("Staff")
    assert client.post(f"/admin/staff/{account.id}/invite").status_code == 409
    assert invitations() == []


def test_v6_4_6_no_form_of_the_admin_sets_somebody_elses_password(client, owner):
    assert 'type="password"' not in client.get("/admin/staff/new").get_data(as_text=True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "x"},
        {"email": "owner@example.jp"},
        {"role": "Member"},
        {"display_name": ""},
    ],
)
def test_wrong_accounts_come_back_with_messages(client, owner, wrong):
    answer = client.post("/admin/staff/new", data={**NEW, **wrong})
    assert answer.status_code == 422
    assert "k-error" in answer.get_data(as_text=True)


def test_a_role_is_made_and_changed_on_one_screen(client, owner):
    client.post("/admin/staff/roles/new", data={"name": "Editors", "permissions": ["content.edit"]})
    role = db.session.execute(select(Role).where(Role.name == "Editors")).scalar_one()
    assert role.permissions == ["content.edit"]
    client.post(
        f"/admin/staff/roles/{role.id}",
        data={"name": "Editors", "permissions": ["content.edit", "audit.see"]},
    )
    assert db.session.get(Role, role.id).permissions == ["audit.see", "content.edit"]


def test_unknown_permissions_and_taken_names_are_refused(client, owner):
    assert (
        client.post("/admin/staff/roles/new", data={"name": "X", "permissions": ["nope"]}).status_code == 422
    )
    assert client.post("/admin/staff/roles/new", data={"name": "Staff"}).status_code == 422


def test_nobody_grants_or_takes_a_right_that_they_lack(client, login):
    with transaction():
        from core.accounts.services import save_role

        strong = save_role(None, "Strong", ["plugins.manage"])
    login(client, make_staff("staff.manage"))
    client.post(
        f"/admin/staff/roles/{strong.id}",
        data={"name": "Strong", "permissions": ["audit.see", "staff.manage"]},
    )
    assert db.session.get(Role, strong.id).permissions == ["plugins.manage", "staff.manage"]
    assert client.post("/admin/staff/new", data={**NEW, "role": "Strong"}).status_code == 422
    assert client.post("/admin/staff/new", data={**NEW, "role": "Owner"}).status_code == 422
    me = make_account("Staff")
    answer = client.post(f"/admin/staff/{me.id}/role", data={"role": str(strong.id)})
    assert answer.status_code == 422


def test_an_account_is_closed_and_its_sessions_end(client, owner, new_client, login):
    account = make_account("Staff")
    other = new_client()
    login(other, account)
    assert client.post(f"/admin/staff/{account.id}/state", data={"state": "disabled"}).status_code == 302
    assert other.get("/admin/").status_code == 302
    client.post(f"/admin/staff/{account.id}/state", data={"state": "active"})
    assert db.session.get(Account, account.id).state == AccountState.ACTIVE


def test_one_cannot_lock_oneself_out(client, owner):
    assert client.post(f"/admin/staff/{owner.id}/state", data={"state": "disabled"}).status_code == 403
    assert client.post(f"/admin/staff/{owner.id}/role", data={"role": "1"}).status_code == 403


def test_staff_do_not_touch_owners_or_members(client, login):
    owner, member = make_account("Owner"), make_account("Member")
    login(client, make_staff("staff.manage"))
    assert client.post(f"/admin/staff/{owner.id}/state", data={"state": "disabled"}).status_code == 403
    assert client.post(f"/admin/staff/{member.id}/state", data={"state": "disabled"}).status_code == 404
    assert client.post("/admin/staff/999999/state", data={"state": "disabled"}).status_code == 404


def test_my_password_and_name(client, owner, new_client, login):
    other = new_client()
    login(other, owner)
    assert client.post("/admin/me/name", data={"display_name": "山田 花子"}).status_code == 302
    assert "山田 花子" in client.get("/admin/").get_data(as_text=True)
    wrong = {"current": "nope", "password": "another-password", "repeat": "another-password"}
    assert client.post("/admin/me/password", data=wrong).status_code == 422
    assert client.post("/admin/me/password", data={**wrong, "current": PASSWORD}).status_code == 302
    assert client.get("/admin/").status_code == 200
    assert other.get("/admin/").status_code == 302


def test_what_staff_do_is_in_the_audit_log(client, owner):
    client.post("/admin/staff/new", data=NEW)
    html = client.get("/admin/audit?lang=en").get_data(as_text=True)
    assert "Account made" in html
    assert "account.created" not in html.split("<tbody>")[1].split("</tbody>")[0]
    assert client.get("/admin/audit?sort=account&q=x").status_code == 200


def test_an_audit_row_leads_to_what_it_is_about(client, owner, enable_plugins):
    customer = make_customer()
    enable_plugins("member_tiers")
    with transaction():
        record_audit("member.invited", target=("customer", customer.id), by=owner.id)
        record_audit("member_tiers.tier_created", target=("tier", 5), by=owner.id)
        record_audit("shop.sold", target=("order", 9), by=owner.id)
    page = client.get("/admin/audit?lang=en").text.split("<tbody>")[1].split("</tbody>")[0]
    assert f'<a href="/admin/customers/{customer.id}">' in page
    assert '<a href="/admin/member-tiers/tiers/5">' in page
    assert "No. 9" in page or ("9" in page and "order" not in page)
