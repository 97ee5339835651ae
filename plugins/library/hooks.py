"""What library adds to Kaiin. One to five lines each."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint

from core.api import (
    AuditAction,
    ContentKind,
    ErasingLine,
    Export,
    Garden,
    Job,
    MenuItem,
    Permission,
    SettingsPage,
    TemplateTag,
    _l,
    file_store,
    hookimpl,
    ngettext,
    utcnow,
)

from . import people
from .audit_actions import AUDIT_ACTIONS
from .downloads.fields import DOWNLOADS_EXPORT
from .files import queries, services
from .jobs import JOBS
from .models import FILE
from .permissions import DOWNLOADS, EDIT, PERMISSIONS
from .selftest import planting
from .settings import DEFAULTS, GROUPS, PLUGIN, SettingsForm
from .tags import template_tags
from .views_admin import admin
from .views_site import site


@hookimpl
def register_blueprints() -> Sequence[Blueprint]:
    """Return the files' pages and the admin screens."""
    return [site, admin]


@hookimpl
def register_permissions() -> Sequence[Permission]:
    """Return the rights that the screens ask for."""
    return PERMISSIONS


@hookimpl
def register_settings() -> SettingsPage:
    """Return how large files may be, who sends them, and how long the log stays."""
    return SettingsPage(SettingsForm, DEFAULTS, GROUPS)


@hookimpl
def register_menu_items() -> Sequence[MenuItem]:
    """Return the library and the log of downloads."""
    return [
        MenuItem(
            "content",
            _l("File library"),
            "library_admin.files",
            EDIT,
            icon="files",
            order=30,
            add_title=_l("Upload files"),
            add_endpoint="library_admin.upload",
        ),
        MenuItem("content", _l("Downloads"), "library_admin.downloads", DOWNLOADS, icon="download", order=40),
    ]


@hookimpl
def register_template_tags() -> Sequence[TemplateTag]:
    """Return the tags that show files."""
    return template_tags()


@hookimpl
def register_content_kinds() -> Sequence[ContentKind]:
    """Return files as content that rules open."""
    return [
        ContentKind(
            FILE,
            _l("Files"),
            queries.find_ref,
            queries.file_path,
            queries.list_restricted,
            services.change_access,
        )
    ]


@hookimpl
def register_exports() -> Sequence[Export]:
    """Return the log of downloads."""
    return [DOWNLOADS_EXPORT]


@hookimpl
def register_jobs() -> Sequence[Job]:
    """Return the daily tidying."""
    return JOBS


@hookimpl
def register_audit_actions() -> Sequence[AuditAction]:
    """Return words for what staff do with files."""
    return AUDIT_ACTIONS


@hookimpl
def customer_merging(kept_id: int, merged_id: int) -> Any:
    """Give the downloads to the customer who stays."""
    return people.merge(kept_id, merged_id)


@hookimpl
def customer_unmerging(kept_id: int, merged_id: int, note: Any) -> Sequence[Any]:
    """Give the downloads back to the customer who was merged."""
    return people.unmerge(kept_id, merged_id, note)


@hookimpl
def customer_erasing(customer_id: int) -> None:
    """Forget who downloaded."""
    people.erase(customer_id)


@hookimpl
def customer_data(customer_id: int) -> Mapping[str, Any]:
    """Return what the customer downloaded."""
    return people.report(customer_id)


@hookimpl
def erasing_summary(customer_id: int) -> Sequence[ErasingLine]:
    """Count the lines of the log that stay without a name."""
    return people.summary(customer_id)


@hookimpl
def disable_consequences() -> Sequence[str]:
    """Say how many files nobody can download while the plugin is off."""
    count = queries.count_published()
    if not count:
        return []
    return [
        ngettext(
            "%(num)s file cannot be downloaded by anybody. Files, rules and the log are kept.",
            "%(num)s files cannot be downloaded by anybody. Files, rules and the log are kept.",
            count,
        )
    ]


@hookimpl
def plugin_uninstalling() -> None:
    """Delete the bytes; their rows go with the tables."""
    store = file_store(PLUGIN)
    for name in list(store.names(before=utcnow())):
        store.delete(name)


@hookimpl
def fill_demo(people: Sequence[int], named: Mapping[str, int], seed: int) -> None:
    """Make the demo's files and some downloads of them."""
    from .demo import fill

    fill(people, named, seed)


@hookimpl
def plant_canaries(garden: Garden) -> None:
    """Let the leak test look for files that are closed to whoever asks."""
    garden.at_last.append(lambda: planting.plant(garden))
