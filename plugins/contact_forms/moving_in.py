"""Takes forms and messages of Contact Form 7 and Flamingo, for the plugin wordpress_import.

What comes is old: it is judged by nobody, counts no receipt, sends no mail and asks for none.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from core.api import (
    ValidationFailed,
    _,
    current_snapshot,
    db,
    find_or_create_by_email,
    index_text,
    normalise_email,
    utcnow,
)

from .builder.building import create_form
from .cf7.importing import read_definition
from .cf7.pasted import read_parts
from .cf7.report import Fate
from .consents.ledger import note_consents
from .definition.definitions import FieldDefinition, FormDefinition, find_definition, get_definition
from .definition.kinds import Kind, SavesAs
from .models import Folder, Form, FormState, Submission
from .models_work import Status
from .pipeline.accepting import record_submission
from .sending.answers import search_text
from .sending.senders import customer_values, sender_values
from .sending.services import SEARCH_KIND

KINDS = ("form", "message")
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,70}")
_SENDER = {"your-name": SavesAs.NAME, "your-email": SavesAs.EMAIL}
_MOST_CHOICES, _MOST_TEXT = 200, 50_000


def take_row(
    kind: str, values: Mapping[str, Any], links: Mapping[str, Any], by: int | None
) -> dict[str, Any] | None:
    """Take a form or a message; None for what is neither."""
    if kind == "form":
        return _take_form(values, links, by)
    return _take_message(values, links, by) if kind == "message" else None


def _take_form(values: Mapping[str, Any], links: Mapping[str, Any], by: int | None) -> dict[str, Any]:
    if values["is_trash"]:
        return {"skipped": _("It lies in the trash there.")}
    language = "ja" if str(values["meta"].get("_locale", "ja")).startswith("ja") else "en"
    imported = read_definition(read_parts(values["meta"], values["title"]), language)
    if not imported.fields:
        return {"refused": _("No question was found in it.")}
    left = list(imported.report.originals(Fate.LEFT))
    note = _("Not taken of it: %(parts)s", parts=", ".join(left)) if left else ""
    if links["dry_run"]:
        return {"outcome": "created", "note": note[:500]}
    title = values["title"] or _("Form without a name")
    slug = _free_slug(values["slug"], f"wordpress-{links['source_id']}")
    form = create_form(title, slug, imported.fields, by=by, state=FormState.CLOSED, **imported.values)
    return {"id": form.id, "url": f"/admin/forms/{form.id}", "outcome": "created", "note": note[:500]}


def _free_slug(wanted: str, otherwise: str) -> str:
    base = wanted if _SLUG.fullmatch(wanted) else otherwise
    slug, number = base, 2
    while db.session.scalar(select(Form.id).where(Form.slug == slug)) is not None:
        slug, number = f"{base}-{number}", number + 1
    return slug


def _take_message(values: Mapping[str, Any], links: Mapping[str, Any], by: int | None) -> dict[str, Any]:
    if not values["fields"] and not values["subject"]:
        return {"skipped": _("The message is empty.")}
    if links["dry_run"]:
        return {"outcome": "created"}
    definition = _definition(values, links, by)
    once = hashlib.sha256(f"wordpress:{links['site']}:{links['source_id']}".encode()).hexdigest()
    found = db.session.scalar(select(Submission).where(Submission.once_key == once))
    if found is not None:
        return {"id": found.id, "url": _url(found), "outcome": "matched", "customer_id": found.customer_id}
    submission = _submission(values, links, definition, once)
    db.session.add(submission)
    db.session.flush()
    index_text(SEARCH_KIND, submission.id, search_text(submission.receipt, submission.answers))
    if submission.folder == Folder.INBOX:
        submission.customer_id = _customer(submission, definition)
        db.session.flush()
        record_submission(submission, definition)
        note_consents(submission, definition)
    return {
        "id": submission.id,
        "url": _url(submission),
        "outcome": "created",
        "customer_id": submission.customer_id,
    }


def _url(submission: Submission) -> str:
    return f"/admin/forms/inbox/{submission.id}"


def _definition(values: Mapping[str, Any], links: Mapping[str, Any], by: int | None) -> FormDefinition:
    """Return the form that a message came by; for a channel without one, a closed one is made."""
    if links.get("form_id") and db.session.get(Form, links["form_id"]) is not None:
        return get_definition(links["form_id"])
    channel = hashlib.sha256(f"{links['site']}:{values['channel']}".encode()).hexdigest()[:10]
    slug = f"wordpress-{channel}"
    made = find_definition(slug)
    if made is not None:
        return made
    fields = [_field(name, answer) for name, answer in values["fields"][:100] if name]
    title = values["channel_title"] or _("Messages from WordPress")
    form = create_form(title, slug, fields, by=by, state=FormState.CLOSED)
    return get_definition(form.id)


def _field(name: str, answer: Any) -> FieldDefinition:
    is_long = isinstance(answer, str) and "\n" in answer
    kind = Kind.EMAIL if name == "your-email" else Kind.TEXTAREA if is_long else Kind.TEXT
    return FieldDefinition(key=name, kind=kind, label=name, saves_as=_SENDER.get(name, SavesAs.NOTHING))


def _submission(
    values: Mapping[str, Any], links: Mapping[str, Any], definition: FormDefinition, once: str
) -> Submission:
    at = dt.datetime.fromisoformat(values["date"]) if values["date"] else utcnow()
    folder = Folder(values["folder"])
    email = values["from_email"] if "@" in values["from_email"] and len(values["from_email"]) <= 254 else ""
    return Submission(
        form_id=definition.id,
        receipt=f"WP-{links['source_id']}",
        once_key=once,
        folder=folder,
        trashed_from=Folder.INBOX if folder is Folder.TRASH else None,
        is_read=True,
        status=Status.DONE,
        sender_name=values["from_name"][:200],
        sender_email=email,
        sender_key=normalise_email(email)[:254] if email else "",
        answers=_answers(values, definition),
        language=current_snapshot().site.language,
        page_path=values["page"][:200],
        user_agent=values["browser"][:300],
        submitted_at=min(at, utcnow()),
        accepted_at=None if folder is Folder.SPAM else utcnow(),
        cleared=folder is Folder.INBOX,
        may_reply=False,
    )


def _answers(values: Mapping[str, Any], definition: FormDefinition) -> list[dict[str, Any]]:
    """Return the answers under the questions of today's form, the rest under their old names."""
    fields = {field.key: field for field in definition.fields}
    answers = [_answer(name, value, fields.get(name), values["consent"]) for name, value in values["fields"]]
    named = {str(answer["key"]) for answer in answers}
    for name, wording in values["consent"].items():
        if name not in named:
            answers.append(_answer(name, "1", fields.get(name), {name: wording}))
    if not answers:
        answers.append(
            {"key": "subject", "label": _("Subject"), "type": str(Kind.TEXT), "value": values["subject"]}
        )
    return answers


def _answer(
    name: str, value: Any, field: FieldDefinition | None, consent: Mapping[str, str]
) -> dict[str, Any]:
    label = field.label if field is not None else name
    if name in consent or (field is not None and field.kind is Kind.ACCEPTANCE):
        wording = consent.get(name) or (field.statement if field is not None else "")
        answer = {"key": name, "label": label, "type": str(Kind.ACCEPTANCE), "value": bool(value)}
        return {**answer, "statement": wording} if wording else answer
    if isinstance(value, list):
        kept: Any = [str(one)[:500] for one in value[:_MOST_CHOICES]]
        if field is not None and field.kind is not Kind.CHECKBOXES:
            kept = ", ".join(kept)
    else:
        kept = str(value)[:_MOST_TEXT]
    kind = _kind_of(kept, field)
    saves_as = field.saves_as if field is not None else _SENDER.get(name, SavesAs.NOTHING)
    answer = {"key": name, "label": label, "type": str(kind), "value": kept}
    return {**answer, "saves_as": str(saves_as)} if saves_as else answer


def _kind_of(value: Any, field: FieldDefinition | None) -> Kind:
    if isinstance(value, list):
        return Kind.CHECKBOXES
    # Of a file, Flamingo keeps nothing but a sum of its bytes.
    if field is not None and field.kind not in (Kind.FILE, Kind.CHECKBOXES):
        return field.kind
    return Kind.TEXTAREA if "\n" in value else Kind.TEXT


def _customer(submission: Submission, definition: FormDefinition) -> int | None:
    if not submission.sender_email:
        return None
    told = customer_values(sender_values(submission.answers))
    try:
        source = f"form:{definition.slug}"
        customer, _is_new = find_or_create_by_email(submission.sender_email, told, source=source)
    except ValidationFailed:
        return None
    return customer.id
