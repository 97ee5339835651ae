"""axe-core finds nothing serious on any screen of member_tiers and of the library, in both languages.

Nor is a screen wider than its window, and no part of a card touches the one below it.

The screens are those that the site knows: a new one that nobody names an example for fails the test.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, url_for
from sqlalchemy import select, update

from core.db import db, transaction
from core.plugin_host import lifecycle
from core.plugin_host.snapshot import use_current_snapshot
from core.settings.services import save_plugin_settings
from core.testing.browser import axe_violations, log_in, touching_parts
from core.testing.fixtures import closing_connections, make_app, opened
from plugins.member_tiers.models import PointEntry, RankOutcome, Tier
from plugins.member_tiers.paying import services as paying
from plugins.member_tiers.paying.models import Invoice
from plugins.member_tiers.points import reconcile
from plugins.member_tiers.points import rules as point_rules
from plugins.member_tiers.points.models import PointAccount
from plugins.member_tiers.ranks.models import RunKind
from plugins.member_tiers.rules.services import save_rule
from plugins.member_tiers.seats import services as seats
from plugins.member_tiers.seats.queries import hash_of
from tests.live_site import live_site
from tests.plugins.library.library_kit import make_file
from tests.plugins.member_tiers.paying_kit import open_tier, pay
from tests.plugins.member_tiers.ranks_kit import make_plan, points_of_at_least, run
from tests.shop_kit import OWNER, Shop
from tests.thorough import share

pytestmark = pytest.mark.browser

LANGUAGES = ("ja", "en")
# These hand out files, or lead on at once.
NO_SCREENS = ("original", "download", "file_bytes", "pdf", "csv")
OF_CORE = (
    *("/admin/plugins/library/settings", "/admin/plugins/member_tiers/settings", "/admin/forms/1/readers"),
    *("/admin/menus", "/admin/leak-test/", "/admin/pages/{page}", "/admin/customers/{customer}"),
)
MANY_POINTS = {"field": "points", "op": "gte", "value": 10_000}
MEMBER = "tokyo"
SECRET = "s" * 43


@pytest.fixture(scope="module")
def screens(
    chromium: Any, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Shop, list[str], list[str]]]:
    """A served shop with something of everything: its address, the admin's screens and a member's."""
    with live_site(tmp_path_factory.mktemp("members"), template_database, workers=1) as site:
        app = make_app(site.folder, site.database_url)
        with closing_connections(app), opened(app):
            paths = list(paths_of(app, fill(site.shop)))
            db.session.remove()
        admin = [path for path in paths if path.startswith("/admin/")]
        yield site.url, site.shop, admin, [path for path in paths if path not in admin]


def fill(shop: Shop) -> dict[str, Any]:
    """Make something of everything; return an example for each argument of an address."""
    lifecycle.enable("library")
    gold, free = (db.session.get_one(Tier, shop.tiers[key]) for key in ("gold", "free"))
    member, asking = shop.customers[MEMBER], shop.customers["expired"]
    open_tier(gold, seats=2, needs_approval=False)
    open_tier(free)
    with transaction():
        save_plugin_settings("member_tiers", {"transfers": True})
        bought = paying.apply(member, gold.id, method="bank").id
        waiting = paying.apply(asking, free.id, method="bank").id
    pay(db.session.scalars(select(Invoice).where(Invoice.membership_id == bought)).one(), 17_000)
    with transaction():
        seat = seats.invite(bought, "guest@example.jp", owner_id=member)
        # The table holds what the mailed secret becomes; here the secret must be known.
        seat.secret_hash = hash_of(SECRET)
        rule = save_rule({"key": "regulars", "title": "常連", "condition": MANY_POINTS, "is_metered": True})
        earning = point_rules.save_rule(
            {"event": "register", "title_ja": "入会", "title_en": "Joining", "amount": 10, "holds": True}
        )
    plan = make_plan({"gold": gold, "free": free}, {"free": None, "gold": points_of_at_least(100)})
    rehearsal = run(plan, RunKind.REHEARSAL)
    spoilt = shop.customers["free"]
    with transaction():
        db.session.execute(update(PointAccount).where(PointAccount.customer_id == spoilt).values(balance=1))
        reconcile.freeze(spoilt)
    file = make_file("letter", visibility="restricted", rule_name="regulars")
    use_current_snapshot()
    return {
        "file_id": file.id,
        "slug": "letter",
        "kind": "page",
        "content_id": shop.pages["unlock-50"],
        "membership_id": bought,
        "application": waiting,
        "invoice_id": db.session.scalars(select(Invoice.id)).first(),
        "ladder_id": gold.ladder_id,
        "tier_id": gold.id,
        "key": "free",
        "entry_id": db.session.scalars(select(PointEntry.id)).first(),
        "customer_id": spoilt,
        "rule_id": rule.id,
        "edit_point_rule": earning.id,
        "outcome_id": db.session.scalars(select(RankOutcome.id)).first(),
        "run_id": rehearsal.id,
        "secret": SECRET,
        "page": shop.pages["gold"],
        "customer": member,
    }


def paths_of(app: Flask, examples: dict[str, Any]) -> Iterator[str]:
    """Yield an address of every screen of both plugins, and of core's that speak of them."""
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            plugin, _dot, name = rule.endpoint.partition(".")
            is_theirs = plugin.removesuffix("_admin") in ("member_tiers", "library")
            if (
                not is_theirs
                or "GET" not in rule.methods
                or any(part in rule.endpoint for part in NO_SCREENS)
            ):
                continue
            # An example of the screen's own, where its number is not that of all others.
            values = {one: examples[name if name in examples else one] for one in rule.arguments}
            yield url_for(rule.endpoint, **values)
    yield from (path.format(**examples) for path in OF_CORE)


def barriers(page: Any, paths: tuple[str, ...], language: str) -> list[str]:
    found = []
    for path in paths:
        answer = page.goto(f"{path}{'&' if '?' in path else '?'}lang={language}")
        assert answer.status in (200, 403), (path, answer.status)
        found += axe_violations(page) + touching_parts(page)
        is_wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        found += [f"{path} is wider than its window"] if is_wide else []
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_serious_barrier_in_the_admin(screens, open_window, language) -> None:
    url, _shop, admin, _own = screens
    assert len(admin) > 40
    owner = open_window(url, bypass_csp=True)
    log_in(owner, OWNER)
    assert barriers(owner, share(admin, one_in=3, begin=LANGUAGES.index(language)), language) == []


@pytest.mark.parametrize("theme", ["default", "shotengai"])
def test_no_serious_barrier_on_members_own_pages(screens, open_window, theme) -> None:
    url, shop, _admin, own = screens
    assert len(own) >= 10
    telephone = {"width": 390, "height": 844}
    owner = open_window(url, bypass_csp=True)
    log_in(owner, OWNER)
    owner.goto("/admin/themes")
    owner.request.post(f"{url}/admin/themes/{theme}/activate", headers=_token(owner))
    for language in LANGUAGES:
        member = open_window(url, bypass_csp=True, viewport=telephone)
        log_in(member, shop.emails[MEMBER])
        assert barriers(member, share(own, one_in=2, begin=LANGUAGES.index(language)), language) == []


def _token(page: Any) -> dict[str, str]:
    token = page.get_attribute('meta[name="csrf-token"]', "content")
    return {"X-CSRF-Token": token, "Origin": page.url.split("/admin")[0]}
