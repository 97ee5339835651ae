import datetime as dt

import pytest
from sqlalchemy import func, select, update

from core.accounts.member_models import MailedToken
from core.accounts.models import AccountState, LoginSession
from core.accounts.services import set_state
from core.db import db, transaction, utcnow
from core.mail.delivery import deliver
from core.mail.queries import readable_text
from core.testing.factories import PASSWORD, make_account
from tests.journey_kit import NEW_PASSWORD, last_mail, path_in, templates

CHOSEN = {"password": NEW_PASSWORD, "repeat": NEW_PASSWORD}


def ask(client, email):
    assert client.post("/forgotten", data={"email": email}).status_code == 200
    return path_in(last_mail(email))


def test_the_link_sets_a_new_password_and_logs_nobody_in(app, client, login):
    account = make_account("Member")
    path = ask(client, account.email)
    assert client.post(path, data=CHOSEN).headers["Location"] == "/login"
    assert client.get("/account").status_code == 302
    assert client.post("/login", data={"email": account.email, "password": PASSWORD}).status_code == 422
    login(client, account, NEW_PASSWORD)


def test_looking_at_the_link_uses_nothing_up(app, client):
    path = ask(client, make_account("Member").email)
    for _ in range(3):
        assert client.get(path).status_code == 200
    assert client.post(path, data=CHOSEN).status_code == 302


def test_the_link_works_once_and_for_half_an_hour(app, client):
    account = make_account("Member")
    path = ask(client, account.email)
    client.post(path, data=CHOSEN)
    assert client.post(path, data=CHOSEN).status_code == 404
    path = ask(client, account.email)
    with transaction():
        db.session.execute(update(MailedToken).values(expires_at=utcnow()))
    assert client.get(path).status_code == 404
    assert client.post(path, data=CHOSEN).status_code == 404


def test_every_session_and_every_other_link_ends(app, client, new_client, login):
    account, other = make_account("Member"), new_client()
    login(other, account)
    first, second = ask(client, account.email), ask(client, account.email)
    client.post(second, data=CHOSEN)
    assert db.session.execute(select(func.count(LoginSession.id))).scalar() == 0
    assert other.get("/account").status_code == 302
    assert client.post(first, data=CHOSEN).status_code == 404


def test_staff_cannot_read_the_link_in_the_outbox_and_it_is_forgotten_once_sent(
    app, client, new_client, login
):
    ask(client, make_account("Member").email)
    mail = last_mail()
    token = path_in(mail).rpartition("/")[2]
    owner = new_client()
    login(owner, make_account("Owner"))
    assert token not in owner.get(f"/admin/mail/{mail.id}").text
    assert readable_text(mail) is None
    deliver(mail.id)
    db.session.refresh(mail)
    assert (mail.state, mail.text, mail.html) == ("sent", "", "")


def test_a_changed_password_is_told_by_mail(app, client):
    account = make_account("Member")
    client.post(ask(client, account.email), data=CHOSEN)
    assert templates(account.email)[-1] == "core.credential_changed"


@pytest.mark.parametrize("token", ["x", "a" * 5000, "%00", "../../etc"])
def test_made_up_links_are_over(app, client, token):
    assert client.get(f"/forgotten/{token}").status_code in (400, 404)


def test_a_link_of_a_closed_account_is_over(app, client):
    account = make_account("Member")
    path = ask(client, account.email)
    with transaction():
        set_state(account.id, AccountState.DISABLED)
    assert client.post(path, data=CHOSEN).status_code == 404


def test_old_tokens_are_deleted(app, client):
    from core.accounts.mailed_tokens import prune_tokens

    ask(client, make_account("Member").email)
    with transaction():
        assert prune_tokens() == 0
        db.session.execute(update(MailedToken).values(expires_at=utcnow() - dt.timedelta(days=3)))
        assert prune_tokens() == 1
