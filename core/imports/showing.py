"""What the page of one import shows, in words."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from core.accounts.queries import staff_names
from core.conditions.fields import Field, FieldType
from core.conditions.formatting import format_value
from core.i18n import _
from core.imports import words
from core.imports.companies.models import ImportCompanyRow
from core.imports.errors_file import in_words
from core.imports.kinds.models import ImportKindRow
from core.imports.kinds.registry import find_kind, is_own
from core.imports.models import Import, ImportState, Outcome
from core.imports.queries import first_problems, is_stopped, job_of
from core.imports.services import KEEP
from core.imports.settings import Into, read_settings
from core.imports.subjects import into_of, tools_of
from core.security.sessions import SignedInAccount

BUSY = (ImportState.CHECKING, ImportState.RUNNING, ImportState.UNDOING)


def state_context(row: Import, account: SignedInAccount) -> dict[str, Any]:
    """Return what the templates of one import need."""
    busy = row.state in BUSY
    stopped = busy and is_stopped(row)
    job = job_of(row) if busy else None
    title, tone = words.STATES[row.state]
    return {
        "row": row,
        "state": title,
        "tone": tone,
        "is_busy": busy and not stopped,
        "is_stopped": stopped,
        "done": (job.progress_done if job is not None else None) or row.position,
        "total": (job.progress_total if job is not None else None) or row.total,
        "counts": _counts(row),
        "examples": _examples(row, account),
        "problems": [(p.number, in_words(p.messages)) for p in first_problems(row.id)],
        "kept": _kept(row) if row.kept else [],
        "to_undo": tools_of(row).count_to_undo(row.id)
        if row.state in (ImportState.DONE, ImportState.RUNNING)
        else 0,
        "until": row.created_at + KEEP,
        "who": staff_names({row.account_id}).get(row.account_id) if row.account_id else None,
        "subject_title": _subject_title(into_of(row)),
        "headings": read_settings(row.settings).headings,
    }


def _subject_title(into: str) -> Any:
    if not is_own(into):
        return find_kind(into).title
    return _("Company") if into == Into.COMPANIES else _("Customer")


def _counts(row: Import) -> list[tuple[str, str, int]]:
    source: Mapping[str, Any] = row.report or {
        "created": row.created,
        "changed": row.changed,
        "equal": row.equal,
        "refused": row.refused,
    }
    return [(str(title), tone, source.get(name, 0)) for name, (title, tone) in words.OUTCOMES.items()]


def _examples(row: Import, account: SignedInAccount) -> list[dict[str, Any]]:
    tools = tools_of(row)
    fields, attributes = tools.fields(account), tools.attributes(account)
    found = []
    for example in (row.report or {}).get("examples", []):
        subject = tools.show(example["customer"]) if example["customer"] else None
        changes = [
            (str(attributes[name].title), _say(fields[name], old), _say(fields[name], new))
            for name, (old, new) in example["changes"].items()
            if name in fields and name in attributes
        ]
        title, tone = words.OUTCOMES[example["outcome"]]
        found.append({**example, "title": title, "tone": tone, "subject": subject, "changes": changes})
    return sorted(found, key=lambda example: example["outcome"] != Outcome.CHANGED)


def _say(field: Field, value: Any) -> str:
    if value is None or value == []:
        return ""
    try:
        if field.type is FieldType.DATE:
            value = dt.date.fromisoformat(value)
        elif field.type is FieldType.DATETIME:
            value = dt.datetime.fromisoformat(value)
    except ValueError:
        return str(value)
    return format_value(field, value)


def _kept(row: Import) -> list[tuple[int, tuple[str, str] | None, str]]:
    tools = tools_of(row)
    titles = {name: attribute.title for name, attribute in tools.titles().items()}
    return [
        (line.number, tools.show(_subject_of(line)), words.say_kept(line.kept or {}, titles))
        for line in tools.list_kept(row.id)
    ]


def _subject_of(line: Any) -> int:
    if isinstance(line, ImportKindRow):
        return line.subject_id
    return line.company_id if isinstance(line, ImportCompanyRow) else line.customer_id
