"""What a form looked like after each saving, who saved it, and the way back."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select

from core.api import NotFound, _, db, staff_names

from ..definition.definitions import FieldDefinition, define_field
from ..models import Form, FormField, FormVersion

KEPT = 100
_SETTINGS = (
    *("title", "slug", "intro", "submit_label", "thanks_message", "notice_to", "auto_reply"),
    *("auto_reply_subject", "auto_reply_body", "auto_reply_copy", "mails", "messages", "entry_limit"),
    "confirm",
)
_MAILS = {"notice_to", "mails", *(name for name in _SETTINGS if name.startswith("auto_reply"))}
_MOMENTS = ("opens_at", "closes_at")
_FIELD = ("key", "type", "label", "help", "required", "saves_as", "options")


@dataclass(frozen=True, slots=True)
class VersionView:
    """One saved state of a form, in words."""

    id: int
    saved_at: dt.datetime
    by: str
    changes: tuple[str, ...]
    is_current: bool


def keep_version(form: Form, *, by: int | None) -> None:
    """Note the form as it stands, unless it stands so already; the oldest versions go."""
    content = _content(form)
    last = db.session.scalar(_newest(form.id).limit(1))
    if last is not None and last.content == content:
        return
    db.session.add(FormVersion(form_id=form.id, account_id=by, content=content))
    db.session.flush()
    oldest = db.session.scalar(_newest(form.id).with_only_columns(FormVersion.id).offset(KEPT - 1).limit(1))
    if oldest is not None:
        db.session.execute(delete(FormVersion).where(FormVersion.form_id == form.id, FormVersion.id < oldest))


def has_versions(form_id: int) -> bool:
    """Tell whether anything is noted of a form."""
    return db.session.scalar(_newest(form_id).with_only_columns(FormVersion.id).limit(1)) is not None


def list_versions(form_id: int) -> list[VersionView]:
    """Return the versions of a form, newest first, with what each changed."""
    versions = list(db.session.scalars(_newest(form_id)))
    names = staff_names({version.account_id for version in versions if version.account_id})
    if not versions:
        return []
    older: list[FormVersion | None] = [*versions[1:], None]
    return [
        VersionView(
            version.id,
            version.saved_at,
            names.get(version.account_id or 0, ""),
            tuple(_changes(before.content, version.content)) if before else (_("First version"),),
            number == 0,
        )
        for number, (version, before) in enumerate(zip(versions, older, strict=True))
    ]


def read_version(form_id: int, version_id: int) -> tuple[dict[str, Any], list[FieldDefinition]]:
    """Return a version's settings and fields as `save_form()` takes them; raise NotFound."""
    version = db.session.get(FormVersion, version_id)
    if version is None or version.form_id != form_id:
        raise NotFound(_("This version is no longer kept."))
    settings = dict(version.content["settings"])
    for name in _MOMENTS:
        settings[name] = dt.datetime.fromisoformat(settings[name]) if settings[name] else None
    return settings, [define_field(FormField(**field)) for field in version.content["fields"]]


def _newest(form_id: int) -> Any:
    return select(FormVersion).where(FormVersion.form_id == form_id).order_by(FormVersion.id.desc())


def _content(form: Form) -> dict[str, Any]:
    settings = {name: getattr(form, name) for name in _SETTINGS}
    for name in _MOMENTS:
        moment = getattr(form, name)
        settings[name] = moment.isoformat() if moment else None
    fields = [{name: getattr(field, name) for name in _FIELD} for field in form.fields]
    return {"settings": settings, "fields": fields}


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    yield from _setting_changes(before["settings"], after["settings"])
    old = {field["key"]: field for field in before["fields"]}
    new = {field["key"]: field for field in after["fields"]}
    for key, field in new.items():
        if key not in old:
            yield _("Added: %(label)s", label=field["label"])
        elif field != old[key]:
            yield _("Changed: %(label)s", label=field["label"])
    for key, field in old.items():
        if key not in new:
            yield _("Removed: %(label)s", label=field["label"])
    if [key for key in old if key in new] != [key for key in new if key in old]:
        yield _("Questions moved")


def _setting_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    # What older versions did not keep cannot be said to have changed.
    changed = {name for name in after if name in before and before[name] != after[name]}
    if changed & {"title", "slug", "intro", "submit_label", "thanks_message"}:
        yield _("Texts")
    if changed & _MAILS:
        yield _("Mails")
    if changed & {"opens_at", "closes_at", "entry_limit"}:
        yield _("Schedule and places")
    if "confirm" in changed:
        yield _("Confirmation before sending")
    if "messages" in changed:
        yield _("Messages to visitors")
