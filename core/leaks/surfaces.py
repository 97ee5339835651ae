"""Every way in which the site speaks of pages: what the leak test asks for, as each person."""

from collections.abc import Iterator

from flask import Flask, url_for
from werkzeug.routing import BuildError, Rule

from core.i18n import _l
from core.leaks.garden import Ask, Canary, Person
from core.security.access import RuleKind, access_rule_of

NOTHING = "nosuchword0f5d"
_RULES = (RuleKind.PUBLIC, RuleKind.MEMBER)


def asks_about(canary: Canary) -> Iterator[Ask]:
    """Yield every way to ask for a page, or for something else as it was told while planting."""
    if canary.asks:
        yield from canary.asks
        return
    path = canary.path
    yield Ask(_l("Page"), path)
    yield Ask(_l("Page, head only"), path, "HEAD")
    yield Ask(_l("Preview"), f"{path}?preview=1")
    yield Ask(_l("Page with parameters"), f"{path}?truncate=99999&full=1&format=raw&include=body")
    yield Ask(_l("Page in another language and theme"), f"{path}?lang=en&preview_theme=default")
    yield Ask(_l("Page as JSON"), f"{path}.json")
    yield Ask(_l("Page as JSON by what is accepted"), path, headers={"Accept": "application/json"})
    yield Ask(_l("Answer to a cache"), path, headers={"If-None-Match": "*"})
    yield Ask(_l("Part of an answer"), path, headers={"Range": "bytes=0-9999"})
    yield Ask(_l("Answer to HTMX"), path, headers={"HX-Request": "true"})
    for form in (".md", ".txt", "/feed", "/amp", "/print"):
        yield Ask(_l("Other forms of a page"), path + form)
    yield Ask(_l("Log-in that leads back"), f"/login?next={path}")


def asks_of_site(app: Flask) -> Iterator[Ask]:
    """Yield what tells of pages without being asked for one, and every view without arguments."""
    yield Ask(_l("Home page"), "/")
    yield Ask(_l("Preview of the home page"), "/?preview=1")
    yield Ask(_l("Feed"), "/feed.xml")
    yield Ask(_l("Feed as RSS"), "/feed.rss")
    yield Ask(_l("Site map"), "/sitemap.xml")
    yield Ask(_l("Error page and menus"), "/no-such-page-0f5d")
    with app.test_request_context():
        paths = sorted({path for rule in app.url_map.iter_rules() if (path := _plain_path(app, rule))})
    for path in paths:
        yield Ask(_l("Every other public address"), path)


def _plain_path(app: Flask, rule: Rule) -> str:
    view = app.view_functions.get(rule.endpoint)
    access = access_rule_of(view) if view is not None else None
    if access is None or access.kind not in _RULES or rule.arguments or "GET" not in (rule.methods or ()):
        return ""
    try:
        return url_for(rule.endpoint)
    except BuildError:
        return ""


def own_ask(canary: Canary, person: Person) -> Ask | None:
    """Return the request by which somebody reads what holds a canary, None where there is none for them."""
    return next((ask for ask in asks_about(canary) if ask.only is None or person.name in ask.only), None)


def feed_of(person: Person) -> Ask:
    """Return the request for somebody's own feed."""
    return Ask(_l("Member's own feed"), f"/feed/{person.feed}.xml")


def search_for(words: str) -> Ask:
    """Return a search."""
    return Ask(_l("Search"), f"/search?q={words}")
