"""The site's settings."""

import pytest

from core.plugin_host.snapshot import current_snapshot
from core.testing.factories import make_staff

GOOD = {
    "name": "みどり書房の会",
    "tagline": "本と人をつなぐ",
    "language": "ja",
    "timezone": "Asia/Tokyo",
    "home_slug": "welcome",
    "address": "東京都",
    "phone": "03-1234-5678",
    "footer_text": "",
    "notice_email": "owner@example.jp",
    "mail_from": "shop@example.jp",
    "mail_from_name": "",
    "mail_backend": "file",
    "smtp_host": "",
    "smtp_port": "587",
    "smtp_security": "starttls",
    "smtp_user": "",
    "smtp_password": "",
}


def test_settings_are_saved_and_act_at_once(client, owner):
    assert client.post("/admin/settings", data=GOOD).status_code == 302
    assert current_snapshot().site.name == "みどり書房の会"
    assert "みどり書房の会" in client.get("/admin/").get_data(as_text=True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x" * 81},
        {"notice_email": "nobody"},
        {"mail_from": ""},
        {"language": "fr"},
        {"timezone": "Mars/Base"},
        {"smtp_port": "70000"},
        {"smtp_port": "9" * 5000},
        {"mail_backend": "smtp", "smtp_host": " "},
        {"mail_backend": "pigeon"},
    ],
)
def test_wrong_settings_come_back_with_what_was_typed(client, owner, wrong):
    answer = client.post("/admin/settings", data={**GOOD, **wrong})
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "k-error-summary" in html
    assert "本と人をつなぐ" in html
    assert current_snapshot().site.tagline == ""


def test_a_password_is_never_shown_again_and_stays_when_left_empty(client, owner):
    client.post("/admin/settings", data={**GOOD, "smtp_password": "secret-words"})
    assert current_snapshot().site.smtp_password_set
    assert "secret-words" not in client.get("/admin/settings").get_data(as_text=True)
    client.post("/admin/settings", data=GOOD)
    assert current_snapshot().site.smtp_password_set


def test_settings_need_their_permission(client, login):
    login(client, make_staff("plugins.manage"))
    assert client.get("/admin/settings").status_code == 403
    assert client.post("/admin/settings", data=GOOD).status_code == 403
