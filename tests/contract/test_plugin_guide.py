"""The plugin of plugins/README.md is written from the page, enabled and used."""

import re

import pytest

from core.config import ROOT
from core.db import db
from core.plugin_host import lifecycle
from core.plugin_host.checks import check_plugins
from core.plugin_host.queries import consequences, get_plugin
from core.plugin_host.snapshot import current_snapshot, use_current_snapshot
from core.testing.factories import make_account
from core.testing.fixtures import Client, make_app, opened

BLOCK = re.compile(r"^```\w+ file=(\S+)\n(.*?)^```$", re.M | re.S)


@pytest.fixture(scope="module")
def guestbook_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("written_plugins")
    text = (ROOT / "plugins" / "README.md").read_text(encoding="utf-8")
    for name, content in BLOCK.findall(text):
        file = folder / "guestbook" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    return folder


@pytest.fixture
def guestbook_app(guestbook_folder, database_url, tmp_path):
    app = make_app(tmp_path, database_url, plugin_folders=(ROOT / "plugins", guestbook_folder))
    app.test_client_class = Client
    with opened(app):
        yield app


def test_the_guides_plugin_loads_and_enables_without_a_problem(guestbook_app):
    lifecycle.enable("guestbook")
    assert get_plugin("guestbook").state == "active"
    assert check_plugins("guestbook") == []


def test_the_guides_page_keeps_a_line_and_shows_it(guestbook_app):
    lifecycle.enable("guestbook")
    client = guestbook_app.test_client()
    assert client.post("/guestbook/", data={"text": "楽しかったです"}).status_code == 302
    assert "楽しかったです" in client.get("/guestbook/").get_data(as_text=True)
    wrong = client.post("/guestbook/", data={"text": "x" * 201})
    assert wrong.status_code == 422
    assert "x" * 201 in wrong.get_data(as_text=True)


def test_the_guides_tag_draws_the_newest_lines(guestbook_app):
    from core.theming.tag_calls import tag

    lifecycle.enable("guestbook")
    guestbook_app.test_client().post("/guestbook/", data={"text": "<b>一行</b>"})
    with guestbook_app.test_request_context("/"):
        use_current_snapshot()
        assert "&lt;b&gt;一行" in str(tag("guestbook", count=3))


def test_a_members_line_stands_on_the_timeline_and_goes_with_the_person(guestbook_app, login):
    from sqlalchemy import select

    from core.activity.models import Activity
    from core.customers.services import customer_report, erase_customer
    from core.db import transaction

    lifecycle.enable("guestbook")
    member = make_account("Member")
    client = guestbook_app.test_client()
    login(client, member)
    client.post("/guestbook/", data={"text": "会員の一行"})
    kinds = db.session.execute(
        select(Activity.kind).where(Activity.customer_id == member.customer_id)
    ).scalars()
    assert "guestbook.entry" in list(kinds)
    assert "会員の一行" in str(customer_report(member.customer_id))
    with transaction():
        erase_customer(member.customer_id, by=None)
    assert "会員の一行" not in client.get("/guestbook/").get_data(as_text=True)


def test_disabling_the_guides_plugin_hides_it_and_says_so_before(guestbook_app):
    lifecycle.enable("guestbook")
    client = guestbook_app.test_client()
    client.post("/guestbook/", data={"text": "一行"})
    assert any("1" in line for line in consequences("guestbook"))
    lifecycle.disable("guestbook")
    assert client.get("/guestbook/").status_code == 404
    assert "guestbook" not in current_snapshot().tags
