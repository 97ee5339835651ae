"""Tags that stand for those of plugins, and pages to show."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from markupsafe import Markup

from core.content.models import Page
from core.content.services import save_page
from core.db import transaction
from core.theming import core_tags
from core.theming.tags import Argument, TagContext, TemplateTag

SavePage = Callable[..., Page]


def _shown(context: TagContext, body: Callable[[], Markup]) -> Markup:
    return Markup('<div class="shown">{}</div>').format(body())


def _hidden(context: TagContext, body: Callable[[], Markup]) -> Markup:
    return Markup("")


def _says(context: TagContext, text: str) -> Markup:
    return Markup("<i>{}</i>").format(text)


TAGS = (
    TemplateTag("shown", _shown, "", "[shown]…[/shown]", encloses=True, varies=False),
    TemplateTag("hidden", _hidden, "", "[hidden]…[/hidden]", encloses=True),
    TemplateTag("says", _says, "", '[says text="x"]', (Argument("text", default="hello"),), varies=False),
    TemplateTag("varies", lambda context: Markup("<u>me</u>"), "", "[varies]"),
)


@pytest.fixture
def tags(monkeypatch: pytest.MonkeyPatch, app: object) -> Iterator[None]:
    """Makes core bring TAGS, so that they are in every snapshot of the test."""
    from core.plugin_host.host import current_host
    from core.plugin_host.snapshot import use_current_snapshot

    own = core_tags.core_tags()
    monkeypatch.setattr(core_tags, "core_tags", lambda: (*own, *TAGS))
    monkeypatch.setattr("core.hooks.core_tags", lambda: (*own, *TAGS), raising=False)
    current_host().snapshot = None
    use_current_snapshot()
    yield
    current_host().snapshot = None


@pytest.fixture
def make_page(app: object) -> SavePage:
    """Create a published page."""

    def make(slug: str = "page", **values: Any) -> Page:
        defaults = {"title": "Title of " + slug, "body": "Body", "status": "published"}
        with transaction():
            return save_page({**defaults, "slug": slug, **values})

    return make
