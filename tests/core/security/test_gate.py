import pytest

from core.testing.factories import make_account, make_staff


def test_a_guest_is_asked_to_log_in_and_brought_back(app, client):
    answer = client.get("/account?x=1")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/login?next=/account%3Fx%3D1"


def test_a_guest_who_asks_for_json_gets_401(app, client):
    answer = client.get("/account", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.json["status"] == "error"


def test_a_member_may_open_my_page_but_not_the_admin(app, client, login):
    login(client, make_account("Member"))
    assert client.get("/account").status_code == 200
    assert client.get("/admin/").status_code == 403


def test_staff_may_open_the_admin_and_only_what_their_role_allows(app, client, login):
    login(client, make_staff("settings.manage"))
    assert client.get("/admin/").status_code == 200
    assert client.get("/admin/settings").status_code == 200
    assert client.get("/admin/plugins").status_code == 403


def test_the_owner_may_do_everything(app, client, login):
    login(client, make_account("Owner"))
    for path in ("/admin/", "/admin/settings", "/admin/plugins", "/admin/staff"):
        assert client.get(path).status_code == 200, path


def test_a_permission_taken_away_is_gone_on_the_next_request(app, client, login):
    from core.accounts.services import save_role
    from core.db import transaction

    staff = make_staff("settings.manage")
    login(client, staff)
    assert client.get("/admin/settings").status_code == 200
    with transaction():
        save_role(staff.role_id, staff.role.name, [])
    assert client.get("/admin/settings").status_code == 403


@pytest.mark.parametrize("path", ["/%00", "/a%00b", "/%ed%a0%80", "/login?next=%00", "/?q=%00"])
def test_nul_and_surrogates_in_the_address_are_4xx(app, client, path):
    assert 400 <= client.get(path).status_code < 500


def test_nul_in_a_form_is_400_and_stores_nothing(app, client):
    answer = client.post("/login", data={"email": "a\0b@example.jp", "password": "x"})
    assert answer.status_code == 400


def test_a_body_of_ten_megabytes_is_413(app, client):
    answer = client.post("/login", data={"email": "a@example.jp", "password": "x" * 10_000_000})
    assert answer.status_code == 413


def test_too_many_form_parts_are_refused(app, client):
    data = {f"f{i}": "x" for i in range(3000)}
    assert 400 <= client.post("/login", data=data).status_code < 500


def test_an_unknown_host_is_refused(app, client):
    for host in ("evil.example", "localhost.evil.example", "example.com@localhost", "localhost:80/bad"):
        assert client.get("/login", headers={"Host": host}).status_code == 400, host


def test_links_never_follow_the_host_header(app, client):
    answer = client.get("/account", headers={"Host": "127.0.0.1"})
    assert answer.headers["Location"].startswith("/login")


def test_a_view_without_an_access_rule_does_not_start(app):
    from core.app import _refuse_views_without_rule

    app.view_functions["forgotten"] = lambda: "open"
    with pytest.raises(RuntimeError, match="forgotten"):
        _refuse_views_without_rule(app)
    del app.view_functions["forgotten"]


def test_a_gated_request_of_a_member_needs_one_query_to_know_who_asks(app, client, login, query_counter):
    login(client, make_account("Member"))
    client.get("/account")
    with query_counter() as queries:
        client.get("/static/nothing.css")
    assert queries.count <= 2
