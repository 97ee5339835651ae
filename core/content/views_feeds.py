"""Feeds, the site map and what robots may ask for."""

from xml.etree import ElementTree as Tree

from flask import Response, url_for
from werkzeug.wrappers import Response as AnyResponse

from core.content.caching import PRIVATE, cacheable_answer
from core.content.feeds.entries import entries_for
from core.content.feeds.services import reader_of
from core.content.feeds.writing import ATOM, RSS, write_atom, write_rss
from core.content.page_meta import absolute
from core.content.queries import page_path
from core.content.site_blueprint import blueprint
from core.content.site_pages import public_pages
from core.errors import NotFound
from core.i18n import _, to_site_time
from core.plugin_host.snapshot import current_snapshot
from core.security.access import public


@blueprint.get("/feed.xml")
@public
def feed() -> AnyResponse:
    """Answer with everybody's feed as Atom, whoever asks."""
    return cacheable_answer(write_atom(entries_for(None), url_for("site.feed")), mimetype=ATOM)


@blueprint.get("/feed.rss")
@public
def rss_feed() -> AnyResponse:
    """Answer with everybody's feed as RSS."""
    return cacheable_answer(write_rss(entries_for(None)), mimetype=RSS)


@blueprint.get("/feed/<token>.xml")
@public
def own_feed(token: str) -> Response:
    """Answer with the feed of the member whose secret it is, as they may read now.

    Who happens to be logged in plays no part: only the secret says whose feed it is.
    """
    reader = reader_of(token)
    if reader is None:
        raise NotFound(_("This feed has ended. Its owner finds a new address on their page."))
    answer = Response(write_atom(entries_for(reader), ""), mimetype=ATOM)
    answer.headers["Cache-Control"] = PRIVATE
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@blueprint.get("/sitemap.xml")
@public
def sitemap() -> AnyResponse:
    """Name the pages that everybody may read, for search engines."""
    root = Tree.Element("urlset", {"xmlns": "http://www.sitemaps.org/schemas/sitemap/0.9"})
    home = current_snapshot().site.home_slug
    _location(root, absolute("/"))
    for slug, updated_at in public_pages():
        if slug != home:
            _location(root, absolute(page_path(slug)), to_site_time(updated_at).date().isoformat())
    text = Tree.tostring(root, encoding="utf-8", xml_declaration=True)
    return cacheable_answer(text, mimetype="application/xml")


def _location(root: Tree.Element, address: str, day: str = "") -> None:
    node = Tree.SubElement(root, "url")
    Tree.SubElement(node, "loc").text = address
    if day:
        Tree.SubElement(node, "lastmod").text = day


@blueprint.get("/robots.txt")
@public
def robots() -> AnyResponse:
    """Tell search engines where the site map is, and what leads nowhere for them."""
    lines = ["User-agent: *", "Disallow: /admin/", "Disallow: /account", "Disallow: /search"]
    lines += ["", f"Sitemap: {absolute(url_for('site.sitemap'))}", ""]
    return cacheable_answer("\n".join(lines), mimetype="text/plain")
