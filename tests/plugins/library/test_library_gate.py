"""Who may have a file (L7, L8, L9): the gate is asked at every use, and what it hides has no name."""

import pytest
from library_kit import BYTES, CANARY, TITLE, downloads, link_of, make_file, make_member

from core.db import transaction
from core.plugin_host import lifecycle
from core.plugin_host.snapshot import use_current_snapshot
from core.testing.factories import make_account, make_staff
from core.testing.fixtures import Client
from core.theming.tag_calls import tag
from plugins.library.downloads import links
from plugins.library.files.services import save_file

pytestmark = pytest.mark.usefixtures("library")
ADDRESSES = ("", "/download", "/get/x")


def test_a_guest_gets_no_byte_of_a_members_file_by_any_address(library, client):
    file = make_file()
    for tail in ADDRESSES:
        for headers in ({}, {"Range": "bytes=0-3"}, {"If-None-Match": "*"}):
            answer = client.get(f"/library/secret{tail}", headers=headers)
            assert answer.status_code == 403, tail
            assert CANARY not in answer.text
            assert file.stored not in answer.text
            assert answer.headers["Cache-Control"] == "private, no-store"
            assert client.head(f"/library/secret{tail}").status_code == 403


def test_the_stored_name_and_the_files_own_name_lead_nowhere(library, client, login):
    file = make_file()
    login(client, make_member())
    for path in (file.stored, f"{file.stored[:2]}/{file.stored}", file.name, f"{file.id}"):
        assert client.get(f"/library/{path}").status_code == 404
        assert client.get(f"/static/library/{path}").status_code == 404
        assert client.get(f"/files/library/{path}").status_code == 404


def test_a_member_gets_the_file_by_a_link_of_their_own(library, client, login):
    make_file()
    login(client, make_member())
    page = client.get("/library/secret")
    assert page.status_code == 200
    assert "/library/secret/download" in page.text
    answer = client.get(link_of(client))
    assert answer.data == BYTES
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment; ")
    assert "filename*=UTF-8''%E4%BC%9A%E5%A0%B1%20%E7%AC%AC1%E5%8F%B7.txt" in disposition


def test_a_link_is_worth_nothing_to_somebody_else(library, login):
    make_file()
    mine, others, guest = (Client(library) for _browser in range(3))
    login(mine, make_member())
    login(others, make_member())
    link = link_of(mine)
    for browser in (others, guest):
        answer = browser.get(link)
        assert answer.status_code == 403
        assert CANARY not in answer.text


def test_a_link_of_another_file_or_a_forged_one_opens_nothing(library, client, login):
    make_file("one")
    make_file("two")
    login(client, make_member())
    token = link_of(client, "one").rpartition("/")[2]
    assert client.get(f"/library/two/get/{token}").status_code == 403
    assert client.get(f"/library/one/get/{token[:-2]}").status_code == 403


def test_a_link_is_over_after_minutes(library, client, login, monkeypatch):
    make_file()
    login(client, make_member())
    link = link_of(client)
    monkeypatch.setattr(links, "LINK_SECONDS", -1)
    answer = client.get(link)
    assert answer.status_code == 403
    assert CANARY not in answer.text


def test_the_gate_is_asked_again_at_every_use_of_a_link(library, client, login):
    file = make_file()
    login(client, make_member())
    link = link_of(client)
    assert client.get(link).data == BYTES
    with transaction():
        save_file(file.id, {"visibility": "restricted"})
    for headers in ({}, {"Range": "bytes=3-9"}):
        answer = client.get(link, headers=headers)
        assert answer.status_code == 403
        assert CANARY not in answer.text


def test_a_hidden_file_is_missing_for_those_who_may_not_have_it(library, client, login):
    make_file(visibility="restricted", display="not_found")
    missing = client.get("/library/no-such-file")
    login(client, make_member())
    for tail in ADDRESSES:
        answer = client.get(f"/library/secret{tail}")
        assert answer.status_code == 404
        assert TITLE not in answer.text
    assert missing.status_code == 404
    login(client, make_account("Owner"))
    assert client.get("/library/secret").status_code == 200


def test_a_draft_is_missing_for_everybody(library, client, login):
    make_file(is_published=False)
    login(client, make_account("Owner"))
    for tail in ADDRESSES:
        assert client.get(f"/library/secret{tail}").status_code == 404


def test_guests_are_led_to_the_log_in_where_the_owner_says_so(library, client):
    make_file(display="redirect")
    answer = client.get("/library/secret/download")
    assert answer.status_code == 302
    assert answer.location == "/login?next=/library/secret"


def test_a_closed_file_says_whom_it_is_for(library, client):
    make_file()
    page = client.get("/library/secret").text
    assert TITLE in page
    assert "会員限定のファイルです" in page or "This file is for members." in page


@pytest.mark.parametrize("answer", ["yes", 1, RuntimeError("broken")])
def test_a_plugin_that_answers_wrongly_or_breaks_opens_no_file(library, client, login, monkeypatch, answer):
    def collected(hook, **_values):
        if isinstance(answer, Exception):
            return []
        return [("other", answer)] if hook == "content_access" else []

    make_file(visibility="restricted")
    monkeypatch.setattr("core.content.gate.collect", collected)
    login(client, make_member())
    for tail in ADDRESSES:
        reply = client.get(f"/library/secret{tail}")
        assert reply.status_code == 403
        assert CANARY not in reply.text


def test_files_stay_hidden_while_the_plugin_is_off(library, client, login):
    make_file()
    login(client, make_account("Owner"))
    link = link_of(client)
    with transaction():
        lifecycle.disable("library")
    use_current_snapshot()
    for path in (link, "/library/secret", "/library/secret/download", "/admin/library/"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert CANARY not in answer.text
    with library.test_request_context("/"):
        assert str(tag("file_list")) == ""


def test_staff_who_see_the_site_as_a_member_get_no_file_of_theirs(library, client, login):
    make_file()
    member = make_member()
    login(client, make_account("Owner"))
    link = link_of(client)
    assert client.post(f"/admin/view-as/{member.customer_id}").status_code == 302
    assert client.get("/library/secret").status_code == 200
    for path in ("/library/secret/download", link):
        answer = client.get(path)
        assert answer.status_code == 403
        assert CANARY not in answer.text
    assert downloads() == []


def test_a_file_for_everybody_may_be_kept_by_caches_for_guests_only(library, client, login):
    make_file(visibility="public")
    answer = client.get("/library/secret/download")
    assert answer.data == BYTES
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    login(client, make_member())
    assert client.get("/library/secret/download").headers["Cache-Control"] == "private, no-store"


def test_staff_without_the_right_get_nothing_from_the_admin(library, client, login):
    file = make_file(visibility="restricted")
    login(client, make_staff("content.edit"))
    assert client.get(f"/admin/library/{file.id}/download").status_code == 403
    assert client.get("/library/secret/download").status_code == 403
    login(client, make_staff("library.edit"))
    answer = client.get(f"/admin/library/{file.id}/download")
    assert answer.data == BYTES
    assert answer.headers["Content-Type"] == "application/octet-stream"
