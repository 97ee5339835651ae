"""Surfaces × roles: not one byte of a closed text reaches somebody who may not read it.

Core and member_tiers plant the canaries (the same as for `kaiin gate selftest`): who may meet which
is written down while planting, and asked of no gate. That the walk sees what leaks is shown by
opening the gate, the search and the caches on purpose.
"""

from dataclasses import replace

import pytest
from sqlalchemy import func, inspect, select

from core.content.access import Access
from core.content.gate import Opened
from core.db import db, transaction
from core.db_base import Base
from core.leaks import process
from core.leaks.crawling import walk
from core.leaks.garden import GUEST, MEMBER, WITHDRAWN, Garden
from core.leaks.planting import plant
from core.leaks.report import as_stored
from core.leaks.site_copy import site_tables
from core.leaks.words import message_of
from core.plugin_host import lifecycle
from core.plugin_host.host import current_host
from core.plugin_host.snapshot import use_current_snapshot
from core.settings.services import save_site_settings
from core.testing.factories import make_customer
from plugins.member_tiers.models import Tier

ROLES = {GUEST, WITHDRAWN, MEMBER, "tier-free", "tier-gold", "expired", "elsewhere"}
ROLES |= {"read-up-guest", "read-up-member"}
LEAST_SURFACES = 20


@pytest.fixture
def garden(shop, enable_plugins):
    enable_plugins("library")
    made = Garden()
    plant(made)
    return made


def few(garden, *titles):
    """Return the garden with only some of its canaries, for tests that need no whole walk."""
    return replace(garden, canaries=[c for c in garden.canaries if message_of(c.title) in titles])


def told(met):
    return {(m.person.name, message_of(m.ask.surface), m.ask.path, m.canary and m.canary.title) for m in met}


def test_every_role_meets_just_what_it_may_on_every_surface(app, garden) -> None:
    found = walk(app, garden)
    assert {one.name for one in garden.people} == ROLES
    assert len(found.surfaces) >= LEAST_SURFACES, found.surfaces
    assert (told(found.leaks), told(found.cached), told(found.broken)) == (set(), set(), set())
    # All who may read do, so the canaries are alive.
    assert told(found.unseen) == set()


@pytest.mark.parametrize("theme", ["shotengai"])
def test_in_another_theme_as_well(app, garden, theme) -> None:
    with transaction():
        save_site_settings({"theme": theme})
    use_current_snapshot()
    found = walk(app, few(garden, "Page for a tier", "Part for a tier", "Page for all members"))
    assert (told(found.leaks), told(found.cached), told(found.unseen)) == (set(), set(), set())


def test_with_tiers_switched_off_what_they_restrict_is_hidden_from_everybody(app, garden) -> None:
    lifecycle.disable("member_tiers")
    use_current_snapshot()
    # What core itself closes stays open to members; whatever plugins decide about is shut.
    of_core = {"Page for all members", "Hidden page for all members", "Your page", "Form for members"}
    of_core |= {"File for members", "Hidden file for members"}
    canaries = [
        c if message_of(c.title) in of_core and c.open_to is not None else replace(c, open_to=frozenset())
        for c in garden.canaries
    ]
    found = walk(app, replace(garden, canaries=canaries))
    assert (told(found.leaks), told(found.cached), told(found.broken)) == (set(), set(), set())
    assert told(found.unseen) == set()


OPENINGS = {
    "the gate": ("core.content.views_site.open_content", lambda ref, account: Opened(granted=True), "Page"),
    "the gate of feeds": (
        "core.content.feeds.entries.open_content",
        lambda ref, account: Opened(granted=True),
        "Feed",
    ),
    "the gate of the search": (
        "core.content.finding.searching.open_content",
        lambda ref, account: Opened(granted=True),
        "Search",
    ),
    "the caches": ("core.content.caching.PRIVATE", "public, max-age=60", ""),
}


@pytest.mark.parametrize("opened", OPENINGS)
def test_the_walk_goes_red_when_something_is_opened(app, garden, monkeypatch, opened) -> None:
    place, instead, surface = OPENINGS[opened]
    monkeypatch.setattr(place, instead)
    found = walk(app, few(garden, "Page for all members", "Page for a tier"))
    if surface:
        assert {(one.person.name, message_of(one.ask.surface)) for one in found.leaks} >= {
            (GUEST, surface),
            (WITHDRAWN, surface),
        }
    else:
        assert found.cached


def test_a_plugin_that_grants_everybody_is_seen(app, garden, monkeypatch) -> None:
    monkeypatch.setattr("plugins.member_tiers.hooks.access.decide", lambda content, member: Access(True))
    found = walk(app, few(garden, "Page for a tier", "Page that no rule opens"))
    assert {one.person.name for one in found.leaks} >= {GUEST, "expired", "elsewhere", WITHDRAWN}


def test_the_self_test_works_in_a_copy_and_leaves_the_site_as_it_was(app, enable_plugins) -> None:
    enable_plugins("member_tiers", "library")
    make_customer()
    before = _counts()
    outcome = process.run_in_own_process(current_host().configuration)
    assert outcome["ok"], outcome
    assert outcome["unseen"] == []
    assert len(outcome["surfaces"]) >= LEAST_SURFACES
    assert ["Member of a tier", {"ja": "Leak test", "en": ""}] in outcome["people"]
    assert _counts() == before


def _counts():
    tables = Base.metadata.sorted_tables
    there = set(inspect(db.engine).get_table_names())
    query = {t.name: select(func.count()).select_from(t) for t in tables if t.name in there}
    counts = {name: db.session.scalar(one) for name, one in query.items()}
    db.session.rollback()
    return counts


def test_nothing_of_people_is_copied(app, enable_plugins) -> None:
    enable_plugins("member_tiers", "contact_forms")
    names = {table.name for table in site_tables()}
    assert {"core_page", "core_site_state", "member_tiers_tier", "contact_forms_form"} <= names
    people = ("customer", "account", "activity", "mail", "session", "token", "submission", "point_lot")
    people += ("point_entry", "_membership")
    told = {name for name in names for part in people if part in name}
    assert told == set()


def test_the_report_names_people_and_places_but_no_text(app, garden, monkeypatch) -> None:
    monkeypatch.setattr("core.content.views_site.open_content", lambda ref, account: Opened(granted=True))
    some = few(garden, "Page for a tier")
    outcome = as_stored(some, walk(app, some), 1.0)
    assert not outcome["ok"]
    assert ["Guest", ""] in [line["who"] for line in outcome["leaks"]]
    assert {line["what"][0] for line in outcome["leaks"]} == {"Page for a tier"}
    named = {(line["what"][1]["ja"], line["what"][1]["en"]) for line in outcome["leaks"]}
    assert named <= set(db.session.execute(select(Tier.title_ja, Tier.title_en)).tuples())
    assert ("一般", "Free") in named
    assert not any(canary.word in str(outcome) for canary in some.canaries)
    assert not any(one.feed and one.feed in str(outcome) for one in some.people)
