"""The background work of pages."""

from typing import Any

from core.content.finding.index import index_missing
from core.i18n import _l
from core.jobs.registry import Job


def content_jobs() -> list[Job]:
    """Return it."""
    return [
        Job(
            "core.index_pages", _index_pages, title=_l("Let the site's search find pages"), every_seconds=600
        ),
    ]


def _index_pages(_context: Any) -> None:
    while index_missing():
        pass
