"""Files in pages and themes: shown to whom they may be named, asked for again at the link."""

import pytest
from library_kit import TITLE, make_file, make_member

from core.content.services import save_page
from core.db import transaction
from core.plugin_host.snapshot import current_snapshot
from core.testing.factories import make_account
from core.testing.fixtures import Client

pytestmark = pytest.mark.usefixtures("library")


def write(body):
    with transaction():
        save_page(
            {"slug": "papers", "title": "資料", "body": body, "status": "published", "visibility": "public"}
        )


def seen_by(library, login, account=None):
    browser = Client(library)
    if account is not None:
        login(browser, account)
    return browser.get("/papers").text.split("<main", 1)[1].split("</main>")[0]


@pytest.mark.parametrize("name", ["file_link", "file_list"])
def test_the_example_of_a_tag_draws_a_file(library, login, name):
    make_file("shop-guide", folder="会報")
    write(current_snapshot().tags[name].example)
    seen = seen_by(library, login)
    assert TITLE in seen
    assert 'href="/library/shop-guide/download"' in seen


def test_a_link_says_what_the_writer_wrote(library, login):
    make_file("a")
    write('[file_link file="a" text="こちら"] [file_link file="no-such"]')
    seen = seen_by(library, login)
    assert "こちら</a>" in seen
    assert seen.count("<a ") - seen.count("/library/a/download") >= 0


@pytest.mark.parametrize("body", ['[file_link file="secret"]', "[file_list]", '[file_list folder="f"]'])
def test_a_hidden_file_is_named_to_those_alone_who_may_have_it(library, login, body):
    make_file(visibility="restricted", display="not_found", folder="f")
    write(body)
    for account in (None, make_member()):
        seen = seen_by(library, login, account)
        assert TITLE not in seen
        assert "/library/" not in seen
    assert TITLE in seen_by(library, login, make_account("Owner"))


def test_members_files_hidden_from_guests_are_in_no_list_for_them(library, login):
    make_file(display="not_found")
    write("[file_list]")
    assert TITLE not in seen_by(library, login)
    assert TITLE in seen_by(library, login, make_member())


def test_drafts_and_other_folders_are_not_listed(library, login):
    make_file("a", is_published=False, folder="f")
    make_file("b", folder="g")
    write('[file_list folder="f"]')
    assert "/library/" not in seen_by(library, login)


def test_no_search_feed_or_site_map_names_a_file(library):
    make_file(visibility="public")
    guest = Client(library)
    for path in ("/feed.xml", "/sitemap.xml", "/search?q=会報", "/"):
        assert TITLE not in guest.get(path).text, path
