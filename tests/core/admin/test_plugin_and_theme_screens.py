"""The plugins and themes screens."""

import re

import pytest

from core.config import ROOT
from core.db import db
from core.plugin_host.snapshot import current_snapshot, use_current_snapshot
from core.testing.factories import make_account, make_staff
from core.testing.fixtures import SAMPLE_PLUGINS, Client, make_app

NAME = "sample_good"


@pytest.fixture
def site(database_url, tmp_path):
    """A site with the sample plugins, good and bad."""
    app = make_app(tmp_path, database_url, plugin_folders=(ROOT / "plugins", SAMPLE_PLUGINS))
    app.test_client_class = Client
    with app.app_context():
        use_current_snapshot()
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def browser(site, login):
    """The owner's browser."""
    client = site.test_client()
    login(client, make_account("Owner"))
    return client


def page(client, url):
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def entry(html, name):
    return re.search(rf'id="plugin-{name}".*?</li>', html, re.S).group()


def test_every_installed_plugin_is_listed_with_why_it_cannot_be_used(browser):
    html = page(browser, "/admin/plugins")
    assert "k-switch" in entry(html, NAME)
    broken = entry(html, "sample_broken_import")
    assert "k-tone-danger" in broken and "k-switch" not in broken
    needs = entry(html, "sample_needs_good")
    assert "disabled" in needs


def test_a_plugin_is_switched_on_and_off(browser):
    browser.post(f"/admin/plugins/{NAME}/enable")
    assert current_snapshot().is_active(NAME)
    assert browser.get(f"/admin/plugins/{NAME}/disable").status_code == 200
    assert current_snapshot().is_active(NAME)
    assert "k-consequences" in page(browser, f"/admin/plugins/{NAME}/disable")
    browser.post(f"/admin/plugins/{NAME}/disable")
    assert not current_snapshot().is_active(NAME)


def test_a_plugin_that_cannot_be_enabled_says_why_and_stays_off(browser):
    browser.post("/admin/plugins/sample_needs_good/enable")
    html = page(browser, "/admin/plugins")
    assert "k-message k-tone-danger" in html
    assert not current_snapshot().is_active("sample_needs_good")


def test_a_needed_plugin_cannot_be_disabled(browser):
    browser.post(f"/admin/plugins/{NAME}/enable")
    browser.post("/admin/plugins/sample_needs_good/enable")
    assert "k-tone-warning" in page(browser, f"/admin/plugins/{NAME}/disable")
    browser.post(f"/admin/plugins/{NAME}/disable")
    assert current_snapshot().is_active(NAME)


def test_uninstalling_needs_the_typed_name_and_a_disabled_plugin(browser):
    browser.post(f"/admin/plugins/{NAME}/enable")
    assert browser.get(f"/admin/plugins/{NAME}/uninstall").status_code == 404
    browser.post(f"/admin/plugins/{NAME}/disable")
    answer = browser.post(f"/admin/plugins/{NAME}/uninstall", data={"confirm": "sample"})
    assert answer.status_code == 422
    assert 'value="sample"' in answer.get_data(as_text=True)
    assert browser.post(f"/admin/plugins/{NAME}/uninstall", data={"confirm": NAME}).status_code == 302
    assert browser.get(f"/admin/plugins/{NAME}/uninstall").status_code == 404


def test_a_plugins_settings_are_shown_checked_and_saved(browser):
    browser.post(f"/admin/plugins/{NAME}/enable")
    url = f"/admin/plugins/{NAME}/settings"
    html = page(browser, url)
    names = re.findall(r'<input class="form-control" id="(\w+)"', html)
    assert names
    assert browser.post(url, data={names[0]: "x" * 2000}).status_code == 422
    assert browser.post(url, data={names[0]: "A value"}).status_code == 302
    assert current_snapshot().settings(NAME)[names[0]] == "A value"
    assert "A value" in page(browser, url)


def test_settings_of_a_plugin_that_is_off_do_not_exist(browser):
    assert browser.get(f"/admin/plugins/{NAME}/settings").status_code == 404
    assert browser.get("/admin/plugins/nothing/settings").status_code == 404


@pytest.mark.parametrize("what", ["enable", "disable", "uninstall", "settings"])
def test_plugins_need_their_permission(site, login, what):
    client = site.test_client()
    login(client, make_staff("settings.manage"))
    assert client.post(f"/admin/plugins/{NAME}/{what}", data={"confirm": NAME}).status_code == 403
    assert client.get("/admin/plugins").status_code == 403


def test_unknown_plugins_are_not_found(browser):
    assert browser.post("/admin/plugins/nothing/enable").status_code == 404
    assert browser.get("/admin/plugins/nothing/disable").status_code == 404


def test_a_broken_card_of_a_plugin_leaves_the_dashboard_whole(browser):
    browser.post("/admin/plugins/sample_broken_hook/enable")
    assert "k-dashboard" in page(browser, "/admin/")


def test_a_picture_in_the_themes_own_colours_stands_behind_the_preview(browser):
    assert 'src="/admin/themes/shotengai/picture.svg"' in page(browser, "/admin/themes")
    picture = browser.get("/admin/themes/shotengai/picture.svg")
    assert picture.mimetype == "image/svg+xml"
    assert "#c23d19" in picture.get_data(as_text=True)
    assert browser.get("/admin/themes/nothing/picture.svg").status_code == 404


def test_themes_are_previewed_in_frames_and_chosen(browser):
    html = page(browser, "/admin/themes")
    previews = re.findall(r'<iframe src="(/\?preview_theme=\w+)"', html)
    assert len(previews) >= 2
    framed = browser.get(previews[0])
    assert "frame-ancestors 'self'" in framed.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in browser.get("/").headers["Content-Security-Policy"]
    assert browser.post("/admin/themes/shotengai/activate").status_code == 302
    assert current_snapshot().theme == "shotengai"
    assert browser.post("/admin/themes/nothing/activate").status_code == 404


def test_a_preview_is_for_staff_with_the_right_only(site, login):
    guest = site.test_client()
    assert (
        "frame-ancestors 'none'" in guest.get("/?preview_theme=shotengai").headers["Content-Security-Policy"]
    )
    staff = site.test_client()
    login(staff, make_staff("settings.manage"))
    assert staff.post("/admin/themes/shotengai/activate").status_code == 403
