"""What a page says of itself to search engines, to messengers and to the reader's next step.

Of a closed page it says what its gate box says: the title and the summary that the owner wrote.
"""

import datetime as dt
import json

from flask import url_for
from markupsafe import Markup

from core.content.access import Visibility
from core.content.listed import Neighbours, neighbours, neighbours_for_all
from core.content.queries import PageHead, page_path
from core.i18n import to_site_time
from core.plugin_host.host import current_host
from core.plugin_host.snapshot import current_snapshot
from core.theming.view_objects import view_object
from core.theming.views import LinkView

_UNSAFE_IN_SCRIPT = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&'\u2028\u2029"}


@view_object
class MetaView:
    """Facts for the head of a page; `structured` is JSON-LD, safe inside a script element."""

    url: str
    kind: str
    title: str
    description: str
    published_at: str
    updated_at: str
    structured: Markup


@view_object
class OnwardView:
    """The pages that come after and before this one."""

    newer: LinkView | None = None
    older: LinkView | None = None


def iso_moment(moment: dt.datetime | None) -> str:
    """Return a moment as programs read it, in the site's zone; empty for None."""
    return to_site_time(moment).isoformat(timespec="seconds") if moment is not None else ""


def absolute(path: str) -> str:
    """Return the whole address of a path; never built from the Host header."""
    return current_host().configuration.base_url + path


def meta_view(page: PageHead, summary: str, *, is_home: bool = False) -> MetaView:
    """Return the head's facts; `summary` is what the viewer of this answer may read of the text."""
    path = url_for("site.home") if is_home else page_path(page.slug)
    kind = "website" if is_home else "article"
    facts = {
        "@context": "https://schema.org",
        "@type": "WebPage" if is_home else "Article",
        "headline": page.title,
        "description": summary,
        "url": absolute(path),
        "datePublished": iso_moment(page.published_at),
        "dateModified": iso_moment(page.updated_at),
        "isAccessibleForFree": page.ref.visibility is Visibility.PUBLIC,
        "publisher": {"@type": "Organization", "name": current_snapshot().site.name},
    }
    return MetaView(
        url=absolute(path),
        kind=kind,
        title=page.title,
        description=summary,
        published_at=iso_moment(page.published_at),
        updated_at=iso_moment(page.updated_at),
        structured=_script_json({name: value for name, value in facts.items() if value != ""}),
    )


def _script_json(facts: dict[str, object]) -> Markup:
    text = json.dumps(facts, ensure_ascii=False).translate(_UNSAFE_IN_SCRIPT)
    # Every sign that could end the script element is an escape of JSON now.
    return Markup(text)  # noqa: S704


def onward_view(page: PageHead) -> OnwardView:
    """Return the way on from a page, for the present viewer."""
    same = neighbours_for_all(page)
    if same is None:
        return _onward(neighbours(page))
    view: OnwardView = current_snapshot().memo(("content_onward", page.id), lambda: _onward(same))
    return view


def _onward(near: Neighbours) -> OnwardView:
    return OnwardView(newer=_link(near.newer), older=_link(near.older))


def _link(page: PageHead | None) -> LinkView | None:
    return LinkView(title=page.title, url=page_path(page.slug)) if page is not None else None
