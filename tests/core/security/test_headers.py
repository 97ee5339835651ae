import pytest

from core.testing.factories import make_account

PATHS = [
    "/login",
    "/nowhere",
    "/healthz",
    "/static/nothing.css",
    "/account",
    "/admin/",
    "/%00",
    "/login?next=%00",
]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_the_security_headers(app, client, path):
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "base-uri 'none'" in policy
    assert "frame-ancestors" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"]
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Server" not in headers


def test_errors_and_refusals_carry_them_too(app, client):
    for answer in (
        client.post("/login", data={}, csrf=False),
        client.put("/login"),
        client.get("/login", headers={"Host": "evil.example"}),
    ):
        assert "Content-Security-Policy" in answer.headers, answer.status_code


def test_https_sites_send_hsts(database_url, tmp_path):
    from core.db import db
    from core.testing.fixtures import make_app

    app = make_app(tmp_path, database_url, base_url="https://www.example.jp")
    answer = app.test_client().get("/healthz", base_url="https://www.example.jp")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    with app.app_context():
        db.engine.dispose()


def test_pages_of_a_signed_in_person_are_never_stored(app, client, login):
    login(client, make_account("Member"))
    assert client.get("/account").headers["Cache-Control"] == "private, no-store"
    assert client.get("/nowhere").headers["Cache-Control"] == "private, no-store"
