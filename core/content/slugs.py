"""The last part of a page's address: made from the title, or checked as typed."""

import re
import unicodedata

from core.i18n import _
from core.plugin_host.host import current_host

MAX_SLUG = 120
RESERVED = frozenset(
    {
        *("admin", "login", "logout", "register", "account", "forms", "static", "healthz", "readyz"),
        *("api", "language", "themes", "plugins", "search", "feed"),
    }
)
_OTHER = re.compile(r"[^\w-]+")
_DASHES = re.compile(r"-{2,}")


def make_slug(title: str) -> str:
    """Return the slug that a title suggests; letters of every script may stand in it."""
    text = unicodedata.normalize("NFKC", title).lower().replace("_", "-")
    return _DASHES.sub("-", _OTHER.sub("-", text)).strip("-")[:MAX_SLUG].strip("-")


def slug_problem(slug: str) -> str:
    """Return what is wrong with a slug, or an empty text."""
    if not slug:
        return _("Enter an address.")
    if len(slug) > MAX_SLUG:
        return _("This is too long: at most %(limit)s characters.", limit=MAX_SLUG)
    if slug != make_slug(slug):
        return _(
            "Use small letters, digits and hyphens only, e.g. %(example)s.", example=make_slug(slug) or "news"
        )
    if slug in RESERVED or slug in _plugin_prefixes():
        return _("This address belongs to the system. Choose another one.")
    return ""


def _plugin_prefixes() -> set[str]:
    manifests = current_host().plugins.manifests.values()
    return {manifest.url_prefix for manifest in manifests if manifest.url_prefix}
