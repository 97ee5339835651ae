"""The plugin's settings: each stands in one box of the screen."""

from core.testing.factories import make_account
from plugins.contact_forms.settings import SETTINGS_DEFAULTS, SETTINGS_GROUPS, SettingsForm
from tests.plugins.contact_forms.inbox_kit import text_of


def test_every_setting_stands_in_one_group():
    grouped = [name for group in SETTINGS_GROUPS for name in group.fields]
    assert sorted(grouped) == sorted(field.short_name for field in SettingsForm())
    assert set(grouped) == set(SETTINGS_DEFAULTS)


def test_the_screen_shows_the_groups_in_order(client, login):
    login(client, make_account("Owner"))
    page = text_of(client, "/admin/plugins/contact_forms/settings")
    places = [page.index(f"</svg>{title}</h2>") for title in ("通知先", "迷惑メッセージ", "営業", "学習")]
    assert places == sorted(places)
    assert page.count('name="blocked_words"') == 1
    assert page.count("設定を保存する") == 1


def test_wrong_settings_come_back_with_what_was_typed(client, login):
    login(client, make_account("Owner"))
    answer = client.post(
        "/admin/plugins/contact_forms/settings", data={"clamd": "nonsense", "blocked_words": "kept as typed"}
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "kept as typed" in page
    assert "nonsense" in page
    assert "k-error" in page
