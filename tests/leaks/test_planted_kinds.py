"""Files, forms, menu lines, parts and metered pages of the leak test: an opened gate of each is seen."""

from dataclasses import replace

import pytest

from core.content.gate import Opened
from core.db import transaction
from core.leaks.crawling import walk
from core.leaks.garden import GUEST, WITHDRAWN, Garden
from core.leaks.planting import plant
from core.leaks.words import message_of
from core.plugin_host import lifecycle
from core.plugin_host.snapshot import use_current_snapshot
from plugins.library.downloads import links
from plugins.library.selftest import planting
from plugins.member_tiers.selftest.reading import METERED
from tests.leaks.test_every_surface import few, garden, told
from tests.plugins.library.library_kit import TITLE, make_file

__all__ = ["garden"]

FILES = {
    *("File for members", "File that no rule opens", "File that is not published", "Hidden file for members"),
    "File by a named rule",
}

READ = {"Page by a named rule", "File by a named rule"}


def granted(ref, account):
    return Opened(granted=True)


def listed(ref, account):
    return True


# What is opened, by what; which canaries, and on which surfaces strangers must be seen to meet them.
OPENINGS = {
    "the gate of files": (
        "plugins.library.views_site.open_content",
        granted,
        "File by a named rule",
        {"Link to a file's bytes", "Part of a file", "File, head only", "Page of a file"},
    ),
    "the gate of files that nobody may have": (
        "plugins.library.views_site.open_content",
        granted,
        "File that no rule opens",
        {"Link to a file's bytes"},
    ),
    "the list of files": (
        "plugins.library.files.queries.visible_in_lists",
        listed,
        "Hidden file for members",
        {"List of files"},
    ),
    "the link to a file": (
        "plugins.library.tags.visible_in_lists",
        listed,
        "Hidden file for members",
        {"Link to a file in a page"},
    ),
    "the gate of the menus": (
        "core.content.visible_menus.open_content",
        granted,
        "Menu line by a named rule",
        {"Menu"},
    ),
    "the gate of forms": (
        "plugins.contact_forms.audience.readers.open_content",
        granted,
        "Form by a named rule",
        {"Form", "Page with a form"},
    ),
    "the gate of forms for members": (
        "plugins.contact_forms.audience.readers.open_content",
        granted,
        "Form for members",
        {"Form"},
    ),
    "the gate of pages": (
        "core.content.views_site.open_content",
        granted,
        "Page by a named rule",
        {"Page", "Page as JSON"},
    ),
    "the rule of a section": (
        "core.content.views_site.open_content",
        granted,
        "Page with a rule of its own in a section",
        {"Page"},
    ),
}


@pytest.mark.parametrize("opened", OPENINGS)
def test_strangers_are_seen_where_a_gate_is_opened(app, garden, monkeypatch, opened) -> None:
    place, instead, title, surfaces = OPENINGS[opened]
    some = few(garden, title)
    monkeypatch.setattr(place, instead)
    met = {(one.person.name, message_of(one.ask.surface)) for one in walk(app, some).leaks}
    assert met >= {(GUEST, surface) for surface in surfaces}
    assert met >= {(WITHDRAWN, min(surfaces))}


def test_parts_by_a_rule_are_seen_by_members_whom_it_does_not_let_in(app, garden, monkeypatch) -> None:
    monkeypatch.setattr("plugins.member_tiers.rules.tags.fits", lambda member, test: True)
    met = {
        (one.person.name, one.canary.detail) for one in walk(app, few(garden, "Part by a named rule")).leaks
    }
    assert met >= {
        ("expired", "leak-test-here"),
        ("tier-free", "leak-test-top"),
        ("tier-gold", "leak-test-later"),
    }


def test_a_link_that_serves_another_than_it_was_made_for_is_seen(app, garden, monkeypatch) -> None:
    monkeypatch.setattr("plugins.library.views_site.read_link", lambda file, account, token: token)
    found = walk(app, few(garden, "File for members")).leaks
    # They may have the file, but by a link of their own.
    assert {one.person.name for one in found} >= {"tier-gold", "member"}
    assert {message_of(one.ask.surface) for one in found} >= {"Link to a file's bytes", "Part of a file"}


def test_a_link_that_does_not_end_is_seen(app, garden, monkeypatch) -> None:
    real = links.unsign
    monkeypatch.setattr(links, "unsign", lambda purpose, token, max_age: real(purpose, token))
    found = walk(app, few(garden, "File for members")).leaks
    assert {message_of(one.ask.surface) for one in found} == {"Link to a file that is over"}


def test_reading_beyond_the_allowance_is_seen(app, garden, monkeypatch) -> None:
    metered = [c for c in garden.canaries if c.detail == METERED and message_of(c.title) in READ]
    assert len(metered) == len(READ)
    some = replace(garden, canaries=metered)
    monkeypatch.setattr("plugins.member_tiers.rules.metering.allowance_of", lambda member: 10**6)
    met = {(one.person.name, message_of(one.canary.title)) for one in walk(app, some).leaks}
    assert met == {(name, title) for name in ("read-up-guest", "read-up-member") for title in READ}


@pytest.mark.parametrize("plugins", [(), ("library",), ("library", "contact_forms")])
def test_it_is_of_use_with_whatever_plugins_are_there(app, enable_plugins, plugins) -> None:
    enable_plugins(*plugins)
    made = Garden()
    plant(made)
    titles = {message_of(canary.title) for canary in made.canaries}
    assert ("File for members" in titles, "Form for members" in titles) == (
        "library" in plugins,
        "contact_forms" in plugins,
    )
    found = walk(app, made)
    assert [told(kind) for kind in (found.leaks, found.cached, found.broken, found.unseen)] == [set()] * 4


def test_the_owners_own_files_are_marked_and_stay_with_their_readers(app, garden, monkeypatch) -> None:
    """In the copy their bytes are not there; what stands in for them is as closed as they are."""
    monkeypatch.setattr(planting, "MAX_OWN", 2)
    make_file("own")
    own = Garden(people=garden.people)
    with transaction():
        planting.plant(own)
    use_current_snapshot()
    marked = few(own, "Your file")
    assert TITLE in {canary.detail for canary in marked.canaries}
    found = walk(app, marked)
    assert (told(found.leaks), told(found.unseen)) == (set(), set())
    monkeypatch.setattr("plugins.library.views_site.open_content", granted)
    assert {one.person.name for one in walk(app, marked).leaks} >= {GUEST, WITHDRAWN}


def test_with_the_library_switched_off_no_byte_is_handed_out(app, garden) -> None:
    lifecycle.disable("library")
    use_current_snapshot()
    of_files = [replace(c, open_to=frozenset()) for c in garden.canaries if message_of(c.title) in FILES]
    found = walk(app, replace(garden, canaries=of_files))
    assert found.answers > len(of_files) * len(garden.people)
    assert (told(found.leaks), told(found.broken)) == (set(), set())
