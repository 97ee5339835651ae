"""Every tag in an open page acts as whoever looks (L17) and prints nobody else's facts (L18)."""

from dataclasses import replace

import pytest

from core.api import customer_fields
from core.content.services import save_page
from core.customers.services import update_customer
from core.db import transaction
from core.plugin_host.snapshot import current_snapshot, use_current_snapshot
from core.testing.factories import make_staff
from plugins.member_tiers.rules.services import save_rule
from tests.shop_kit import CLOSED_PAGES, GOLD_RULE, OWNER, canary

LOOKERS = (None, "free", "gold", "tokyo", "expired")
# A page takes at most a hundred tags.
MOST = 90


def values_of(argument, targets):
    if argument.choices:
        return list(argument.choices)
    return targets


def every_tag(targets, inner="inside"):
    """Return each registered tag with each of its arguments naming each target."""
    lines = []
    for tag in current_snapshot().tags.values():
        needed = {one.name: targets[0] for one in tag.arguments if one.required}
        needed |= {"field": "prefecture", "value": "13"} if "field" in needed else {}
        uses = [{**needed, one.name: value} for one in tag.arguments for value in values_of(one, targets)]
        for use in uses or [{}]:
            head = " ".join([tag.name, *(f'{name}="{value}"' for name, value in use.items())])
            lines.append(f"[{head}]{inner}[/{tag.name}]" if tag.encloses else f"[{head}]")
    return lines


def write(lines, *, slug="open", **values):
    """Write as many open pages as the tags need; return their addresses."""
    parts = [lines[begin : begin + MOST] for begin in range(0, len(lines), MOST)]
    with transaction():
        for number, part in enumerate(parts):
            page = {"title": "開いた頁", "slug": f"{slug}-{number}", "status": "published"}
            save_page({**page, "body": "\n\n".join(part), **values})
    use_current_snapshot()
    return [f"/{slug}-{number}" for number in range(len(parts))]


def told_of(client, pages):
    """Return all that a browser is told: of the pages, and where others speak of them."""
    around = ("/", "/feed.xml", "/feed.rss", "/search?q=開いた頁")
    paths = (*pages, *(f"{page}.json" for page in pages), *around)
    return "".join(client.get(path).text for path in paths)


@pytest.fixture
def rules(shop, enable_plugins):
    """Named rules called as the closed pages are, so that tags that name rules find one."""
    enable_plugins("library")
    with transaction():
        for slug in CLOSED_PAGES:
            save_rule({"key": slug, "title": slug, "condition": GOLD_RULE})
    use_current_snapshot()
    return shop


@pytest.mark.parametrize("who", LOOKERS)
def test_no_tag_embeds_what_the_viewer_may_not_read(rules, visit, who) -> None:
    pages = write(every_tag(CLOSED_PAGES))
    # The author draws it first: nothing that was drawn for them may be kept for others.
    assert {visit(OWNER).get(page).status_code for page in pages} == {200}
    text = told_of(visit(rules.emails[who] if who else None), pages)
    closed = ("gold", "points", "tokyo", "unlock", "nobody", "members", "draft")
    # A tag never shows another page's text, not even to those who may read it there.
    assert [name for name in closed if canary(name) in text] == []


def test_no_tag_opens_what_another_tag_encloses(rules, visit) -> None:
    """A tag around a tag: the outer one opens, the inner one asks for the viewer all the same."""
    inner = f'[members_only tier="gold"]{canary("inner")}[/members_only]'
    (page,) = write([f"[guests_only]{inner}[/guests_only]", f"[members_only]{inner}[/members_only]"])
    assert canary("inner") in visit(rules.emails["gold"]).get(page).text
    for who in (None, "free", "tokyo", "expired"):
        assert canary("inner") not in visit(rules.emails[who] if who else None).get(page).text, who


def test_who_was_let_in_and_is_no_longer_meets_nothing_of_what_was_drawn(rules, visit, app) -> None:
    """A withdrawn member's browser is a guest's from the next request on."""
    from core.accounts.models import Account, AccountState
    from core.db import db

    (page,) = write([f'[members_only tier="gold"]{canary("inner")}[/members_only]'])
    gold = visit(rules.emails["gold"])
    assert canary("inner") in gold.get(page).text
    with transaction():
        account = db.session.query(Account).filter_by(email=rules.emails["gold"]).one()
        account.state = AccountState.WITHDRAWN
    assert canary("inner") not in gold.get(page).text


# What each member's record holds; nobody else, and of what staff note nobody at all, may meet it.
def secrets_of(name):
    shown = {"city": f"city-of-{name}-9c", "occupation": f"occupation-of-{name}-9c"}
    noted = {"memo": f"memo-of-{name}-9c", "caution_note": f"caution-of-{name}-9c"}
    return shown, noted


@pytest.fixture
def known(rules):
    """Members of whom more is known."""
    with transaction():
        for name, number in rules.customers.items():
            shown, noted = secrets_of(name)
            update_customer(number, {**shown, **noted})
    return rules


def facts_tags(known):
    """Return every tag with every argument, for every field there is, also with somebody else named."""
    # Not the address: a tag may repeat what its author typed.
    others = [str(known.customers["gold"]), "gold"]
    fields = list(customer_fields())
    extra = [
        f'[{name} {argument}="{value}"]'
        for name in ("member_field", "points_balance", "points_history", "tier_badge", "my_memberships")
        for argument in ("customer", "customer_id", "member", "member_id", "id", "email", "user")
        for value in others
    ]
    named = [f'[member_field name="{name}"]' for name in fields]
    both = [f'[member_field name="{name}" member="{others[0]}"]' for name in fields]
    return [*every_tag([*fields[:3], *others]), *named, *both, *extra]


@pytest.mark.parametrize("who", LOOKERS)
def test_tags_print_the_viewers_own_allowed_facts_only(known, visit, who) -> None:
    pages = write(facts_tags(known))
    told_of(visit(known.emails["gold"]), pages)
    text = told_of(visit(known.emails[who] if who else None), pages)
    for name in known.customers:
        shown, noted = secrets_of(name)
        for secret in (*shown.values(), *noted.values(), known.emails[name]):
            is_own = name == who and secret not in noted.values()
            assert is_own or secret not in text, (name, secret)
    if who:
        assert secrets_of(who)[0]["city"] in text


def test_an_author_without_rights_over_customers_prints_nobodys_facts(known, visit) -> None:
    """Staff who may only write pages see no member's data by writing, previewing or publishing tags."""
    drafts = write(facts_tags(known), slug="draft", status="draft")
    pages = write(facts_tags(known))
    author = visit(make_staff("content.edit").email)
    seen = "".join(author.get(f"{page}?preview=1").text for page in (*drafts, *pages))
    assert seen.count("開いた頁") >= len(drafts)
    seen += told_of(author, pages)
    for name in known.customers:
        shown, noted = secrets_of(name)
        assert not [word for word in (*shown.values(), *noted.values()) if word in seen], name
        assert known.emails[name] not in seen
    assert author.get(f"/admin/customers/{known.customers['gold']}").status_code == 403


# Each of them alone keeps what staff note out of pages.
DEFENCES = ("the tag's list of facts", "the values its argument may have")


@pytest.fixture
def without(known, monkeypatch):
    """Return a function that takes away defences of `member_field`."""

    def take_away(*defences):
        if DEFENCES[0] in defences:
            monkeypatch.setattr("plugins.member_tiers.tags.SHOWN_FIELDS", tuple(customer_fields()))
        if DEFENCES[1] in defences:
            tags = current_snapshot().tags
            found = tags["member_field"]
            arguments = tuple(replace(one, choices=()) for one in found.arguments)
            monkeypatch.setitem(tags, "member_field", replace(found, arguments=arguments))

    return take_away


@pytest.mark.parametrize(
    ("lifted", "is_met"), [((), False), *(((one,), False) for one in DEFENCES), (DEFENCES, True)]
)
def test_each_of_two_defences_keeps_the_notes_of_staff_out_of_pages(
    known, visit, without, lifted, is_met
) -> None:
    """With both taken away the notes are met: the tests above would see it."""
    pages = write([f'[member_field name="{name}"]' for name in ("memo", "caution_note")])
    without(*lifted)
    _shown, noted = secrets_of("gold")
    text = told_of(visit(known.emails["gold"]), pages)
    assert [word in text for word in noted.values()] == [is_met] * len(noted)
