"""Feeds, search, site map, way on, JSON and head of a page: what each says, and to whom."""

import json
import re
from xml.etree import ElementTree as Tree

import pytest

from core.content.access import Access, Display
from core.content.finding.index import index_missing
from core.content.menu_lines import MenuLine
from core.content.models import Page
from core.content.services import delete_page, save_menu, save_page
from core.db import db, transaction
from core.search import remove_many
from core.testing.factories import make_account

ATOM = "{http://www.w3.org/2005/Atom}"
SECRET = "Canary5b1c"


@pytest.fixture
def hide(monkeypatch):
    """Make what plugins would restrict hidden from everybody, as if it were not there."""

    def only(*open_to):
        def answer(hook, content=None, member=None, **_values):
            if hook != "content_access":
                return []
            return [("plugin", Access(member in open_to, display=Display.NOT_FOUND))]

        monkeypatch.setattr("core.content.gate.collect", answer)

    return only


def feed_of(client, path="/feed.xml"):
    answer = client.get(path)
    assert answer.status_code == 200
    return {
        entry.findtext(f"{ATOM}title"): entry for entry in Tree.fromstring(answer.data).iter(f"{ATOM}entry")
    }


def test_the_feed_holds_public_texts_and_of_others_the_summary_that_the_owner_wrote(
    client, make_page
) -> None:
    make_page("open", body="All **of it**. [tag]closed[/tag]")
    make_page("closed", body=SECRET, visibility="members", excerpt="A summary")
    found = feed_of(client)
    assert "<strong>of it</strong>" in found["Title of open"].findtext(f"{ATOM}content")
    assert "closed" not in found["Title of open"].findtext(f"{ATOM}content")
    assert found["Title of closed"].findtext(f"{ATOM}summary") == "A summary"
    assert found["Title of closed"].find(f"{ATOM}content") is None
    assert SECRET not in client.get("/feed.rss").text


def test_the_feed_may_be_kept_by_shared_caches_and_says_304(client, make_page) -> None:
    make_page("open")
    first = client.get("/feed.xml")
    assert "public" in first.headers["Cache-Control"]
    assert client.get("/feed.xml", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_everybodys_feed_is_the_same_for_a_member(client, login, make_page) -> None:
    make_page("closed", body=SECRET, visibility="members")
    login(client, make_account("Member"))
    assert SECRET not in client.get("/feed.xml").text


def test_links_in_a_feed_are_whole_addresses(client, make_page) -> None:
    make_page("open", body="[there](/other)")
    assert 'href="http://localhost/other"' in feed_of(client)["Title of open"].findtext(f"{ATOM}content")


def own_feed_of(client) -> str:
    page = client.post("/account/feed")
    return re.search(r'value="(http://localhost/feed/[^"]+)"', page.text)[1].removeprefix("http://localhost")


def test_a_members_own_feed_shows_what_they_may_read_to_whoever_knows_the_address(
    client, new_client, login, make_page
) -> None:
    make_page("closed", body=f"Text {SECRET}", visibility="members")
    login(client, make_account("Member"))
    path = own_feed_of(client)
    answer = new_client().get(path)
    assert SECRET in answer.text
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert path not in client.get("/account/feed").text


def test_an_own_feed_ends_when_it_is_revoked_or_made_anew(client, new_client, login, make_page) -> None:
    make_page("closed", visibility="members")
    login(client, make_account("Member"))
    first = own_feed_of(client)
    second = own_feed_of(client)
    assert new_client().get(first).status_code == 404
    assert new_client().get(second).status_code == 200
    assert client.post("/account/feed/end").status_code == 303
    assert new_client().get(second).status_code == 404


def test_an_own_feed_asks_the_gate_at_each_read(client, new_client, login, make_page) -> None:
    from core.accounts.models import AccountState

    page = make_page("closed", body=SECRET, visibility="members")
    account = make_account("Member")
    login(client, account)
    path = own_feed_of(client)
    assert SECRET in new_client().get(path).text
    with transaction():
        save_page({"visibility": "restricted"}, page_id=page.id)
    assert SECRET not in new_client().get(path).text
    with transaction():
        save_page({"visibility": "members"}, page_id=page.id)
        account.state = AccountState.DISABLED
    assert new_client().get(path).status_code == 404


def test_only_members_make_feeds_and_the_secret_is_not_kept(client, login, app) -> None:
    assert client.get("/account/feed").status_code in (302, 401)
    account = make_account("Member")
    login(client, account)
    token = own_feed_of(client).removeprefix("/feed/").removesuffix(".xml")
    from core.content.feeds.models import OwnFeed

    assert token.encode() not in db.session.query(OwnFeed).one().token_hash
    with app.app_context():
        assert client.get("/feed/wrong.xml").status_code == 404


def test_the_search_finds_by_title_and_by_open_texts(client, make_page) -> None:
    make_page("tea", title="お茶の会", body="抹茶をどうぞ")
    make_page("other", title="ほか", body="煎茶")
    assert "お茶の会" in client.get("/search?q=お茶").text
    assert "お茶の会" in client.get("/search?q=抹茶").text
    assert "お茶の会" not in client.get("/search?q=煎茶").text


def test_a_hit_on_a_secret_word_changes_nothing(client, login, make_page) -> None:
    make_page("closed", title="Closed", body=SECRET, visibility="members", excerpt="Summary")

    def without_the_word(answer, word):
        return re.sub(r'name="csrf[^>]*>', "", answer.text.replace(word, "#"))

    absent = "Absent5b1c"
    assert without_the_word(client.get(f"/search?q={SECRET}"), SECRET) == without_the_word(
        client.get(f"/search?q={absent}"), absent
    )
    both = client.get(f"/search?q=Closed+{SECRET}")
    assert "/closed" not in both.text
    assert "/closed" in client.get("/search?q=Closed").text
    login(client, make_account("Member"))
    assert "/closed" in client.get(f"/search?q={SECRET}").text


def test_what_tags_enclose_finds_nothing_even_while_their_plugin_is_off(client, make_page) -> None:
    make_page("open", body=f"Text [no_plugin_yet]{SECRET}[/no_plugin_yet] [unclosed]")
    assert "/open" not in client.get(f"/search?q={SECRET}").text
    assert "/open" in client.get("/search?q=Text").text


def test_the_search_forgets_deleted_pages_and_former_texts_and_drafts(client, make_page) -> None:
    page = make_page("tea", body="before")
    with transaction():
        save_page({"body": "after"}, page_id=page.id)
    assert "/tea" not in client.get("/search?q=before").text
    with transaction():
        save_page({"status": "draft"}, page_id=page.id)
    assert "/tea" not in client.get("/search?q=after").text
    with transaction():
        delete_page(page.id)
    assert "/tea" not in client.get("/search?q=tea").text


def test_pages_from_before_the_search_are_found_after_the_job(client, make_page) -> None:
    page = make_page("tea", body="matcha")
    with transaction():
        remove_many("page_text", [page.id])
        remove_many("page_title", [page.id])
    assert "/tea" not in client.get("/search?q=matcha").text
    assert index_missing() == 1
    assert index_missing() == 0
    assert "/tea" in client.get("/search?q=matcha").text


def test_search_answers_belong_to_one_visitor(client) -> None:
    assert client.get("/search?q=x").headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("query", ["", " ", "%", "'", '"', "[", "a" * 3000, "\u3000", "AND OR NOT *"])
def test_odd_searches_are_answered(client, make_page, query) -> None:
    make_page("tea")
    assert client.get("/search", query_string={"q": query}).status_code == 200


def test_the_site_map_names_public_pages_only(client, make_page) -> None:
    make_page("open")
    make_page("closed", visibility="members")
    make_page("draft", status="draft")
    text = client.get("/sitemap.xml").text
    assert "http://localhost/open" in text
    assert "closed" not in text
    assert "draft" not in text
    assert "Sitemap: http://localhost/sitemap.xml" in client.get("/robots.txt").text


def test_pages_lead_on_to_the_newer_and_the_older_one(client, make_page) -> None:
    for slug in ("one", "two", "three"):
        make_page(slug)
    text = client.get("/two").text
    assert re.search(r'rel="next" href="/three"', text)
    assert re.search(r'rel="prev" href="/one"', text)


def surfaces(client):
    """Return all that tells of pages, without what differs at each request."""
    paths = (
        "/",
        "/one",
        "/three",
        "/feed.xml",
        "/feed.rss",
        "/sitemap.xml",
        "/search?q=Title",
        "/two",
        "/two.json",
    )
    return [(path, client.get(path).status_code, client.get(path).text) for path in paths]


def test_a_hidden_page_is_missing_everywhere_as_if_it_were_not_there(client, make_page, hide) -> None:
    make_page("one")
    page = make_page("two", body=SECRET, excerpt="Teaser of two", visibility="restricted")
    make_page("three")
    lines = [MenuLine(page_id=page.id), MenuLine("Elsewhere", "/elsewhere")]
    with transaction():
        save_menu("header", lines)
    hide()
    seen = surfaces(client)
    with transaction():
        delete_page(page.id)
    assert seen == surfaces(client)


def test_hidden_pages_appear_for_whom_they_open(client, new_client, login, make_page, hide) -> None:
    make_page("one")
    page = make_page("two", body=SECRET, visibility="restricted")
    make_page("three")
    with transaction():
        save_menu("header", [MenuLine(page_id=page.id)])
    member = make_account("Member")
    hide(member.customer_id)
    login(client, member)
    stranger = new_client()
    login(stranger, make_account("Member"))
    for path in ("/", "/one", "/search?q=two"):
        assert 'href="/two"' in client.get(path).text, path
        assert 'href="/two"' not in stranger.get(path).text, path
        assert 'href="/two"' not in new_client().get(path).text, path
    assert SECRET in client.get("/two.json").text
    assert stranger.get("/two").status_code == 404


def test_a_page_as_json_says_the_same_as_the_gate(client, login, make_page) -> None:
    make_page("open", body="**Text**")
    make_page("closed", body=SECRET, visibility="members", excerpt="Summary")
    answer = client.get("/open.json")
    assert (answer.status_code, answer.json["access"]) == (200, True)
    assert "<strong>Text</strong>" in answer.json["html"]
    assert client.get("/open", headers={"Accept": "application/json"}).json == answer.json
    assert "Accept" in answer.headers["Vary"]
    closed = client.get("/closed.json")
    assert (closed.status_code, closed.json["access"], closed.json["html"]) == (403, False, None)
    assert closed.json["excerpt"] == "Summary"
    assert closed.headers["Cache-Control"] == "private, no-store"
    assert client.get("/none.json").status_code == 404
    login(client, make_account("Member"))
    assert client.get("/closed.json").json["access"] is True


def test_the_head_of_a_page_describes_it_safely(client, make_page) -> None:
    make_page("open", title="</script><b>", excerpt='"quoted" <i>')
    text = client.get("/open").text
    facts = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', text)[1])
    assert facts["headline"] == "</script><b>"
    assert facts["isAccessibleForFree"] is True
    assert '<meta property="og:title" content="&lt;/script&gt;&lt;b&gt;">' in text
    assert '<link rel="canonical" href="http://localhost/open">' in text


def test_the_head_of_a_closed_page_tells_nothing_of_its_text(client, make_page) -> None:
    make_page("closed", body=SECRET, visibility="members")
    text = client.get("/closed").text
    assert SECRET not in text
    assert json.loads(re.search(r'ld\+json">(.*?)</script>', text)[1])["isAccessibleForFree"] is False


def test_head_requests_say_what_get_says_without_a_body(client, make_page) -> None:
    make_page("open")
    make_page("closed", visibility="members")
    for path in ("/open", "/closed", "/open.json", "/feed.xml", "/sitemap.xml", "/search?q=a"):
        got, asked = client.get(path), client.head(path)
        assert (asked.status_code, asked.data) == (got.status_code, b""), path
        assert asked.headers["Cache-Control"] == got.headers["Cache-Control"], path


def test_a_page_of_the_site_asks_few_questions(client, make_page, query_counter) -> None:
    for slug in ("one", "two", "three"):
        make_page(slug)
    client.get("/two")
    with query_counter() as queries:
        client.get("/two")
    assert queries.count <= 3
    assert db.session.query(Page).count() == 3
