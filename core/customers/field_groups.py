"""The groups of fields: core's, and those in which an owner puts own fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update

from core.activity.services import record_audit
from core.customers.attributes import GROUP_TITLES
from core.customers.custom_attributes import OWN_GROUP
from core.customers.field_models import FieldGroup
from core.customers.models import CustomField
from core.db import db
from core.errors import Conflict, NotFound, ValidationFailed
from core.i18n import _
from core.plugin_host.snapshot import current_snapshot
from core.security.hygiene import is_clean
from core.settings.services import bump_version

MAX_GROUPS = 30
MAX_TITLE = 60


def group_titles() -> Mapping[str, Any]:
    """Return the title of every group of attributes by name, in the order of pages and forms."""
    titles: dict[str, Any] = {}
    for name, title in GROUP_TITLES.items():
        titles[name] = title
        if name == OWN_GROUP:
            titles.update((group.key, group.title) for group in own_groups())
    return titles


def own_groups() -> Sequence[FieldGroup]:
    """Return the owner's groups in their order, detached from the session."""
    return current_snapshot().memo("core.field_groups", _load_groups)


def _load_groups() -> tuple[FieldGroup, ...]:
    rows = list_groups()
    for row in rows:
        db.session.expunge(row)
    return tuple(rows)


def list_groups() -> list[FieldGroup]:
    """Return the owner's groups in their order."""
    query = select(FieldGroup).order_by(FieldGroup.position, FieldGroup.id)
    return list(db.session.execute(query).scalars())


def get_group(group_id: int) -> FieldGroup:
    """Return a group; raise NotFound."""
    found = db.session.get(FieldGroup, group_id)
    if found is None:
        raise NotFound(_("There is no such group of fields."))
    return found


@dataclass(frozen=True, slots=True)
class GroupDraft:
    """What an owner calls a group; one of the titles is enough."""

    title_ja: str = ""
    title_en: str = ""


def create_group(draft: GroupDraft, *, by: int | None = None) -> FieldGroup:
    """Add a group below the others; raise ValidationFailed or Conflict."""
    if db.session.execute(select(func.count(FieldGroup.id))).scalar_one() >= MAX_GROUPS:
        raise Conflict(_("There can be at most %(limit)s groups.", limit=MAX_GROUPS))
    last = db.session.execute(select(func.max(FieldGroup.position))).scalar()
    group = FieldGroup(position=(last or 0) + 1)
    _name(group, draft)
    db.session.add(group)
    _changed("field_group.created", group, by)
    return group


def rename_group(group_id: int, draft: GroupDraft, *, by: int | None = None) -> FieldGroup:
    """Change the titles of a group; raise NotFound or ValidationFailed."""
    group = get_group(group_id)
    _name(group, draft)
    _changed("field_group.updated", group, by)
    return group


def delete_group(group_id: int, *, by: int | None = None) -> None:
    """Delete a group; its fields go back to the group without a name. Values stay."""
    group = get_group(group_id)
    statement = update(CustomField).where(CustomField.group_key == group.key).values(group_key=None)
    db.session.execute(statement)
    db.session.delete(group)
    _changed("field_group.deleted", group, by)


def move_group(group_id: int, step: int) -> None:
    """Move a group up (-1) or down (1)."""
    groups = list_groups()
    place = groups.index(get_group(group_id))
    groups.insert(max(0, min(len(groups) - 1, place + step)), groups.pop(place))
    for position, group in enumerate(groups, 1):
        group.position = position
    db.session.flush()
    bump_version()


def _name(group: FieldGroup, draft: GroupDraft) -> None:
    titles = (" ".join(draft.title_ja.split()), " ".join(draft.title_en.split()))
    too_long = _("Enter a title of at most %(limit)s characters.", limit=MAX_TITLE)
    errors = {
        name: too_long
        for name, title in zip(("title_ja", "title_en"), titles, strict=True)
        if len(title) > MAX_TITLE or not is_clean(title)
    }
    if not any(titles):
        errors = {"title_ja": too_long}
    if errors:
        raise ValidationFailed(errors)
    group.title_ja, group.title_en = titles


def _changed(action: str, group: FieldGroup, by: int | None) -> None:
    db.session.flush()
    bump_version()
    record_audit(action, target=("field_group", group.id), by=by, data={"title": group.title})
