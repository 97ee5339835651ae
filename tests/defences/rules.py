"""Rules of access: names that nothing has, rules beside each other, and reading that is counted."""

from typing import Any

from sqlalchemy import delete

from core.content.services import save_page
from core.db import db, transaction
from core.settings.services import bump_version
from core.testing.fixtures import Client
from plugins.member_tiers.rules import metering, policies
from plugins.member_tiers.rules.models import AccessRule, DefaultRule, ReadAllowance
from plugins.member_tiers.rules.policies import Policy
from plugins.member_tiers.rules.services import save_rule
from tests.defences.switchboard import Defence, Site, answering, replaced, wrapped
from tests.plugins.member_tiers.tiers_kit import make_member

NOBODY = {"any": []}


def _rule(site: Site, key: str = "regulars", **values: Any) -> int:
    site.enable("member_tiers")
    with transaction():
        return save_rule({"key": key, "title": key, "condition": NOBODY, **values}).id


def _page(slug: str, **values: Any) -> None:
    page = {"slug": slug, "title": slug, "body": "text", "status": "published", "visibility": "restricted"}
    with transaction():
        save_page({**page, **values})


def _reads(browser: Client, slug: str) -> bool:
    return bool(browser.get(f"/{slug}").status_code == 200)


def reads_without_rule(site: Site) -> bool:
    """Read a page whose named rule was deleted."""
    _rule(site)
    _page("inside", rule_name="regulars")
    with transaction():
        db.session.execute(delete(AccessRule))
        bump_version()
    return _reads(site.browser(make_member()), "inside")


def reads_by_section(site: Site) -> bool:
    """Read a page with a rule of its own by the wider rule of the section in which it stands."""
    rule_id = _rule(site, condition=None)
    with transaction():
        db.session.add(DefaultRule(prefix="news-", rule_id=rule_id))
        bump_version()
    _page("news-inside", rule=NOBODY)
    return _reads(site.browser(make_member()), "news-inside")


def reads_too_soon(site: Site) -> bool:
    """Read a page whose opening was written in a way that nobody can read."""
    _rule(site, condition=None)
    options = {"member_tiers": {"opens_at": "next summer"}}
    _page("inside", rule_name="regulars", options=options)
    return _reads(site.browser(make_member()), "inside")


def _metered(site: Site, *slugs: str) -> None:
    _rule(site, is_metered=True)
    with transaction():
        db.session.add_all(ReadAllowance(who=who, per_month=1) for who in ("guest", "member"))
        bump_version()
    for slug in slugs:
        _page(slug, rule_name="regulars")


def reads_one_more(site: Site) -> bool:
    """Read one metered page more than a member may in a month."""
    _metered(site, "one", "other")
    browser = site.browser(make_member())
    return _reads(browser, "one") and _reads(browser, "other")


def reads_before_log_in(site: Site) -> bool:
    """Read all that a guest may, log in, and read as much again as a member."""
    _metered(site, "one", "other")
    browser, account = site.browser(), make_member()
    assert _reads(browser, "one")
    assert site.log_in(browser, account).status_code == 302
    return _reads(browser, "other")


def _section_first(real: Any, content: Any) -> Policy | None:
    book = policies.rule_book()
    found = next((key for prefix, key in book.defaults if content.slug.startswith(prefix)), None)
    return book.rules[found] if found is not None else real(content)


DEFENCES = (
    Defence(
        "rule-unknown",
        "A rule that does not exist lets nobody in.",
        replaced(policies, "NOBODY", {"all": []}),
        reads_without_rule,
    ),
    Defence(
        "rule-most-specific",
        "Of several rules the most specific one holds alone.",
        wrapped(policies, "_rule_of", _section_first),
        reads_by_section,
    ),
    Defence(
        "rule-unreadable",
        "What cannot be read keeps a page shut.",
        replaced(policies, "_SHUT", {"opens_at": None, "closes_at": None}),
        reads_too_soon,
    ),
    Defence(
        "metering-count",
        "Members read so many metered pages a month.",
        answering(metering, "allowance_of", 1000),
        reads_one_more,
    ),
    Defence(
        "metering-log-in",
        "What a guest has read counts on after the log-in.",
        answering(metering, "guest_reads", []),
        reads_before_log_in,
    ),
)
