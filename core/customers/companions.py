"""What stands beside lines of a timeline: files that were given, where mails stand."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from flask import url_for

from core.activity.models import Activity
from core.activity.presentation import ActivityView, LineMail
from core.customer_files.queries import files_of_lines
from core.mail.models import MailState
from core.mail.queries import states_of
from core.mail.words import STATE_TONES, state_title
from core.security.sessions import current_account

_SEE_MAIL = "mail.see"
_WITH_FILES = frozenset({"file", "mail"})


def with_companions(rows: Sequence[Activity], views: Mapping[int, ActivityView]) -> dict[int, ActivityView]:
    """Return the views with their files and mails; asks the database only when a line has some."""
    files = files_of_lines([row.id for row in rows if row.kind in _WITH_FILES])
    mail_ids = {row.id: mail for row in rows if row.kind == "mail" and (mail := (row.data or {}).get("mail"))}
    states = states_of(set(mail_ids.values()))
    return {
        row_id: replace(view, files=tuple(files.get(row_id, ())), mail=_mail(mail_ids.get(row_id), states))
        for row_id, view in views.items()
    }


def _mail(mail_id: int | None, states: Mapping[int, str]) -> LineMail | None:
    state = states.get(mail_id or 0)
    if mail_id is None or state is None:
        return None
    reader = current_account()
    url = url_for("mail_admin.mail", mail_id=mail_id) if reader and reader.can(_SEE_MAIL) else ""
    return LineMail(url, state_title(state), STATE_TONES[MailState(state)])
