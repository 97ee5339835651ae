"""Who may read: the gate, and that no answer holds a closed text in any form."""

import json
import re
from typing import Any

import pytest
from sqlalchemy.exc import InvalidRequestError

from core.content import gate
from core.content.access import Access, ContentRef, Display, Offer, Visibility
from core.content.gate import open_content, visible_in_lists
from core.content.queries import find_page
from core.content.services import save_page
from core.db import transaction
from core.plugin_host import lifecycle
from core.security.sessions import SignedInAccount
from core.testing.factories import make_account, make_staff

CANARY = "Canary9f3e"


def account(
    kind: str, customer_id: int | None = None, permissions: frozenset[str] = frozenset()
) -> SignedInAccount:
    return SignedInAccount(1, "a@example.jp", "A", kind, customer_id, "ja", permissions)


OWNER, STAFF, MEMBER = account("owner"), account("staff"), account("member", 7)
UNLINKED = account("member", None)


def ref(visibility: Visibility) -> ContentRef:
    return ContentRef(kind="page", id=1, slug="p", title="P", visibility=visibility)


@pytest.fixture
def answers(app, monkeypatch) -> list[Any]:
    found: list[Any] = []
    monkeypatch.setattr(gate, "collect", lambda hook, **values: [("plugin", one) for one in found])
    with app.test_request_context("/"):
        yield found


@pytest.mark.parametrize("who", [None, MEMBER, UNLINKED, STAFF, OWNER])
def test_public_content_is_open_to_everyone_and_asks_nobody(who, answers) -> None:
    assert open_content(ref(Visibility.PUBLIC), who).granted


@pytest.mark.parametrize(
    ("who", "granted"), [(None, False), (MEMBER, True), (UNLINKED, False), (STAFF, True), (OWNER, True)]
)
def test_members_content_is_open_to_members_and_staff(who, granted, answers) -> None:
    assert open_content(ref(Visibility.MEMBERS), who).granted is granted


@pytest.mark.parametrize(("who", "granted"), [(None, False), (MEMBER, False), (STAFF, False), (OWNER, True)])
def test_restricted_content_stays_shut_when_nobody_answers(who, granted, answers) -> None:
    assert open_content(ref(Visibility.RESTRICTED), who).granted is granted


def test_one_grant_opens_and_the_other_answers_are_kept(answers) -> None:
    offer = Offer("Gold opens this")
    answers += [Access(False, "not gold", offer), Access(True, "unlocked")]
    opened = open_content(ref(Visibility.RESTRICTED), MEMBER)
    assert opened.granted
    assert [access.reason for access in opened.access] == ["not gold", "unlocked"]


@pytest.mark.parametrize(
    "answer",
    [True, 1, "yes", {"granted": True}, object(), Access(granted="no"), Access(granted=1)],  # type: ignore[arg-type]
)
def test_an_answer_that_is_not_a_plain_grant_does_not_open(answer, answers) -> None:
    answers.append(answer)
    assert not open_content(ref(Visibility.RESTRICTED), MEMBER).granted


def test_plugins_are_told_the_member_and_never_the_body(app, monkeypatch) -> None:
    told = []
    monkeypatch.setattr(gate, "collect", lambda hook, **values: told.append((hook, values)) or [])
    with app.test_request_context("/"):
        for who in (None, STAFF, MEMBER):
            open_content(ref(Visibility.RESTRICTED), who)
    assert [values["member"] for _hook, values in told] == [None, None, 7]
    assert not hasattr(told[0][1]["content"], "body")


def test_a_pages_body_is_not_loaded_with_the_page(make_page) -> None:
    make_page("quiet", body=CANARY)
    from core.db import db

    db.session.expire_all()
    db.session.expunge_all()
    page = find_page("quiet")
    with pytest.raises(InvalidRequestError):
        _ = page.body


ROLES = ("guest", "member", "unlinked", "editor", "clerk")


@pytest.fixture
def browsers(app, new_client, login) -> dict[str, Any]:
    made = {role: new_client() for role in ROLES}
    login(made["member"], make_account("Member"))
    login(made["editor"], make_staff("content.edit"))
    login(made["clerk"], make_staff("customers.see"))
    return made


RULE = {"all": [{"field": "prefecture", "op": "in", "value": ["13"]}]}


@pytest.mark.parametrize("is_enabled", [True, False])
def test_no_answer_about_a_closed_page_holds_its_text(is_enabled, make_page, browsers, client) -> None:
    if is_enabled:
        lifecycle.enable("member_tiers")
    make_page("closed", title="The title", body=f"{CANARY} [login_link]", visibility="restricted", rule=RULE)
    make_page("offered", body=CANARY, visibility="restricted", options={"member_tiers": {"unlock_price": 50}})
    make_page("unruled", body=CANARY, visibility="restricted")
    make_page("draft", body=CANARY, status="draft")
    make_page("welcome", body=CANARY, visibility="restricted", rule=RULE)
    paths = ["/closed", "/offered", "/unruled", "/draft", "/", "/welcome"]
    ways: list[dict[str, Any]] = [
        {},
        {"method": "HEAD"},
        {"headers": {"Accept": "application/json"}},
        {"headers": {"If-None-Match": "*"}},
        {"headers": {"Range": "bytes=0-9999"}},
        {"headers": {"HX-Request": "true"}},
        {"query_string": {"preview": "1"}},
        {"query_string": {"preview_theme": "shotengai"}},
        {"query_string": {"lang": "en"}},
        {"query_string": {"format": "json", "print": "1", "page": "closed"}},
        {"method": "POST"},
        {"method": "OPTIONS"},
    ]
    for role, browser in browsers.items():
        if role == "editor":
            continue
        for path in paths:
            for way in ways:
                answer = browser.open(path, **way)
                everything = answer.text + repr(list(answer.headers))
                assert CANARY not in everything, (role, path, way)
                assert answer.status_code in (200, 304, 400, 403, 404, 405), (role, path, way)
                assert "ETag" not in answer.headers
                assert answer.headers["Cache-Control"] == "private, no-store"
    for path in (
        "/login",
        "/feed",
        "/sitemap.xml",
        "/closed.json",
        "/closed/",
        "/api/pages",
        "/static/closed",
    ):
        assert CANARY not in client.get(path).text


def test_a_closed_page_answers_403_with_title_teaser_and_the_box(make_page, browsers) -> None:
    make_page("closed", title="Members' news", excerpt="A teaser", body=CANARY, visibility="members")
    answer = browsers["guest"].get("/closed")
    assert answer.status_code == 403
    for words in ("Members&#39; news", "A teaser", "/login?next=/closed"):
        assert words in answer.text
    assert browsers["member"].get("/closed").status_code == 200
    assert CANARY in browsers["member"].get("/closed").text
    assert CANARY in browsers["clerk"].get("/closed").text


def test_the_length_of_a_closed_answer_does_not_tell_the_length_of_the_text(make_page, client) -> None:
    page = make_page("a-page", title="T", body="x", visibility="members")
    first = client.get("/a-page")
    with transaction():
        save_page({"body": "x" * 50_000}, page_id=page.id)
    second = client.get("/a-page")
    assert len(first.data) == len(second.data)


def test_disabling_the_plugin_closes_the_page_for_its_member_at_once(make_page, new_client, login) -> None:
    from core.testing.factories import make_customer

    lifecycle.enable("member_tiers")
    make_page("tokyo", body=CANARY, visibility="restricted", rule=RULE)
    tokyo, elsewhere = new_client(), new_client()
    inside = make_customer(email="tokyo@example.jp", prefecture="13")
    outside = make_customer(email="osaka@example.jp", prefecture="27")
    login(tokyo, make_account("Member", customer=inside, email="tokyo@example.jp"))
    login(elsewhere, make_account("Member", customer=outside, email="osaka@example.jp"))
    assert CANARY in tokyo.get("/tokyo").text
    assert elsewhere.get("/tokyo").status_code == 403
    lifecycle.disable("member_tiers")
    closed = tokyo.get("/tokyo")
    assert closed.status_code == 403
    assert CANARY not in closed.text
    lifecycle.enable("member_tiers")
    assert CANARY in tokyo.get("/tokyo").text


def test_text_enclosed_by_a_disabled_plugins_tag_is_hidden_even_without_its_end(make_page, client) -> None:
    lifecycle.enable("member_tiers")
    make_page("enclosed", body=f"Open [members_only]{CANARY}[/members_only] end")
    make_page("unclosed", body=f"Open [members_only]{CANARY}")
    for is_enabled in (True, False):
        if not is_enabled:
            lifecycle.disable("member_tiers")
        for path in ("/enclosed", "/unclosed"):
            answer = client.get(path)
            assert "Open" in answer.text
            assert CANARY not in answer.text
            assert "members_only" not in answer.text


def test_an_excerpt_of_a_public_page_leaves_out_what_tags_enclose(make_page, client) -> None:
    lifecycle.enable("member_tiers")
    make_page("mixed", body=f"Open words [members_only]{CANARY}[/members_only]")
    description = re.search(r'<meta name="description" content="([^"]*)"', client.get("/mixed").text)
    assert description is not None
    assert description[1] == "Open words"


def test_a_rule_is_kept_as_json(make_page) -> None:
    page = make_page("ruled", visibility="restricted", rule=RULE)
    assert json.loads(json.dumps(page.ref.rule)) == RULE


def restricted(**values: Any) -> ContentRef:
    return ContentRef(kind="page", id=1, slug="p", title="P", visibility=Visibility.RESTRICTED, **values)


@pytest.mark.parametrize(
    ("said", "own", "shown"),
    [
        ([], None, Display.TEASER),
        ([Display.TEASER, Display.REDIRECT], None, Display.REDIRECT),
        ([Display.REDIRECT, Display.NOT_FOUND], None, Display.NOT_FOUND),
        ([Display.NOT_FOUND], Display.TEASER, Display.TEASER),
        ([Display.TEASER], Display.NOT_FOUND, Display.NOT_FOUND),
    ],
)
def test_the_owners_choice_for_the_content_wins_over_what_rules_show_in_its_place(
    said, own, shown, answers
) -> None:
    answers.extend(Access(False, display=one) for one in said)
    assert open_content(restricted(display=own), None).display is shown


def test_content_whose_named_rule_nobody_can_be_asked_about_is_as_if_it_did_not_exist(answers) -> None:
    assert open_content(restricted(rule_name="lounge"), MEMBER).display is Display.NOT_FOUND
    assert not visible_in_lists(restricted(rule_name="lounge"), MEMBER)


def test_lists_name_only_what_their_readers_may_learn_of(answers) -> None:
    answers.append(Access(False, display=Display.NOT_FOUND))
    assert not visible_in_lists(restricted(), MEMBER)
    assert visible_in_lists(restricted(), OWNER)
    assert visible_in_lists(restricted(display=Display.TEASER), MEMBER)
    assert not visible_in_lists(restricted(display=Display.TEASER, is_published=False), OWNER)
    answers.append(Access(True))
    assert visible_in_lists(restricted(), MEMBER)
