import pytest

from core.testing.factories import PASSWORD, make_account


def post(client, **headers):
    return client.post("/language", data={"language": "en", "next": "/"}, headers=headers)


def test_a_form_with_its_token_is_accepted(app, client):
    assert post(client).status_code == 302


def test_a_form_without_a_token_is_refused(app, client):
    answer = client.post("/language", data={"language": "en"}, csrf=False)
    assert answer.status_code == 400


def test_a_token_without_the_cookie_that_it_is_bound_to_is_refused(app, client, new_client):
    token = client.csrf_token()
    stranger = new_client()
    answer = stranger.post("/language", data={"language": "en", "csrf_token": token}, csrf=False)
    assert answer.status_code == 400


def test_a_token_of_another_session_is_refused(app, client, new_client, login):
    login(client, make_account("Member"))
    other = new_client()
    login(other, make_account("Member"))
    answer = other.post("/language", data={"csrf_token": client.csrf_token()}, csrf=False)
    assert answer.status_code == 400


def test_the_token_of_before_log_in_is_dead_after_it(app, client, login):
    client.get("/login")
    before = client.csrf_token()
    login(client, make_account("Member"))
    answer = client.post("/language", data={"csrf_token": before}, csrf=False)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "https://localhost"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Referer": "https://evil.example/login"},
        {"Referer": "nonsense"},
        {"Referer": "http://[::1"},
    ],
)
def test_a_request_that_another_site_caused_is_refused_in_spite_of_a_right_token(app, client, headers):
    assert post(client, **headers).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://localhost"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"},
        {"Referer": "http://localhost/login"},
        {},
    ],
)
def test_a_request_from_this_site_is_accepted(app, client, headers):
    assert post(client, **headers).status_code == 302


def test_log_in_from_another_site_is_refused(app, client):
    account = make_account("Member")
    answer = client.post(
        "/login",
        data={"email": account.email, "password": PASSWORD},
        headers={"Origin": "https://evil.example"},
    )
    assert answer.status_code == 403
    assert client.get("/account").status_code == 302


def test_get_changes_nothing_at_log_out(app, client, login):
    login(client, make_account("Member"))
    assert client.get("/logout").status_code in (404, 405)
    assert client.get("/account").status_code == 200
