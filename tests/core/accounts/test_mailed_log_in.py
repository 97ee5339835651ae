import datetime as dt

import pytest
from sqlalchemy import select, update

from core.accounts.member_models import MailedToken
from core.accounts.models import AccountState
from core.accounts.services import set_state
from core.db import db, transaction, utcnow
from core.testing.factories import make_account
from tests.journey_kit import code_in, last_mail, mails, path_in, set_site


def ask(client, email, **query):
    answer = client.post("/login/code", data={"email": email}, query_string=query)
    assert answer.status_code == 302
    return answer.headers["Location"]


def enter(client, code, **query):
    return client.post("/login/code/enter", data={"code": code}, query_string=query)


def test_the_code_logs_in_where_it_was_asked_for(app, client):
    account = make_account("Member")
    assert ask(client, account.email) == "/login/code/enter"
    assert enter(client, code_in(last_mail())).headers["Location"] == "/account"
    assert client.get("/account").status_code == 200


def test_the_person_goes_where_they_wanted_but_never_to_another_site(app, client, new_client):
    account = make_account("Member")
    where = ask(client, account.email, next="/news")
    assert client.post(where, data={"code": code_in(last_mail())}).headers["Location"] == "/news"
    other = new_client()
    ask(other, account.email, next="https://evil.example/")
    answer = enter(other, code_in(last_mail()), next="//evil.example")
    assert answer.headers["Location"] == "/account"


def test_the_link_shows_a_button_in_the_same_browser_and_only_the_button_logs_in(app, client):
    ask(client, make_account("Member").email)
    path = path_in(last_mail())
    for _ in range(3):
        assert client.get(path).status_code == 200
    assert client.get("/account").status_code == 302
    assert client.post(path).headers["Location"] == "/account"
    assert client.post(path).status_code == 404


def test_in_another_browser_the_link_logs_nobody_in_but_the_code_still_works_in_the_first(
    app, client, new_client
):
    ask(client, make_account("Member").email)
    mail, other = last_mail(), new_client()
    assert other.get(path_in(mail)).status_code == 200
    assert other.post(path_in(mail)).status_code == 403
    assert other.get("/account").status_code == 302
    assert enter(client, code_in(mail)).headers["Location"] == "/account"


def test_a_code_fits_only_its_own_request(app, client, new_client):
    account, other = make_account("Member"), new_client()
    ask(client, account.email)
    code = code_in(last_mail())
    ask(other, account.email)
    assert enter(other, code).status_code == (302 if code == code_in(last_mail()) else 422)


def test_after_five_wrong_tries_the_right_code_is_refused(app, client):
    ask(client, make_account("Member").email)
    code = code_in(last_mail())
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    assert [enter(client, wrong).status_code for _ in range(5)] == [422] * 5
    assert enter(client, code).status_code == 422


def test_a_code_works_once_and_for_ten_minutes(app, client):
    account = make_account("Member")
    ask(client, account.email)
    cookie = client.get_cookie(f"{app.extensions['kaiin'].cookie_name}_code").value
    code = code_in(last_mail())
    enter(client, code)
    client.post("/logout")
    client.set_cookie(f"{app.extensions['kaiin'].cookie_name}_code", cookie)
    assert enter(client, code).status_code == 422
    ask(client, account.email)
    with transaction():
        db.session.execute(update(MailedToken).values(expires_at=utcnow() - dt.timedelta(seconds=1)))
    assert enter(client, code_in(last_mail())).status_code == 422


def test_full_width_digits_and_spaces_are_understood(app, client):
    ask(client, make_account("Member").email)
    code = code_in(last_mail())
    typed = " ".join([code[:3], code[3:]]).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert enter(client, typed).status_code == 302


def test_neither_code_nor_link_is_kept_readable(app, client):
    ask(client, make_account("Member").email)
    mail = last_mail()
    row = db.session.execute(select(MailedToken)).scalar_one()
    kept = " ".join(str(getattr(row, c.key)) for c in MailedToken.__table__.columns)
    assert path_in(mail).rpartition("/")[2] not in kept
    assert code_in(mail) not in kept
    assert code_in(mail) not in mail.subject


def test_an_account_closed_after_the_mail_is_not_logged_in(app, client):
    account = make_account("Member")
    ask(client, account.email)
    with transaction():
        set_state(account.id, AccountState.DISABLED)
    assert enter(client, code_in(last_mail())).status_code in (403, 422)
    assert client.get("/account").status_code == 302


@pytest.mark.parametrize("path", ["/login/code", "/login/code/enter", "/login/link/x"])
def test_switched_off_it_is_not_there(app, client, path):
    set_site(log_in_by_code=False)
    assert client.get(path).status_code == 404
    assert client.post(path, data={"email": "a@example.jp"}).status_code == 404
    assert mails() == []
    assert "/login/code" not in client.get("/login").text


@pytest.mark.parametrize("code", ["", "abc", "9" * 5000, "１" * 6, "12\0345"])
def test_nonsense_is_refused(app, client, code):
    ask(client, make_account("Member").email)
    assert enter(client, code).status_code in (400, 422)
