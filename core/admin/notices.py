"""What staff should know wherever they are: failed mail, late jobs, plugin errors."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for
from sqlalchemy import ColumnElement, ScalarSelect, func, literal, or_, select

from core.activity.models import Mention
from core.admin import permissions
from core.admin.registrations import StaffNotice
from core.customers import permissions as customer_permissions
from core.db import db, utcnow
from core.exports.models import ExportFile, FileState
from core.formats import format_datetime
from core.i18n import _, ngettext
from core.jobs.models import JobRow, JobState
from core.mail.models import MailState, OutboxMail
from core.mail.reasons import reason_in_words
from core.mail.trouble import find_trouble, is_failing, is_left_alone
from core.plugin_host.guards import collect
from core.plugin_host.models import PluginState
from core.plugin_host.snapshot import current_snapshot
from core.security.sessions import SignedInAccount

CAP = 100
LATE_AFTER = dt.timedelta(minutes=10)
RECENT = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Notice:
    """One line behind the bell, with the screen that helps; a banner stands on every screen."""

    tone: str
    icon: str
    text: str
    url: str
    is_banner: bool = False


def list_notices(account: SignedInAccount) -> tuple[Notice, ...]:
    """Return the notices that the account may act on; one query, capped counts."""
    counts = {
        name: _capped(*where)
        for name, (permission, *where) in _sources(account).items()
        if account.can(permission)
    }
    told = {
        f"plugin_{number}": one
        for number, one in enumerate(
            one for _plugin, ones in collect("staff_notices", account=account) for one in ones
        )
    }
    counts |= {name: one.count.scalar_subquery() for name, one in told.items()}
    if not counts:
        return ()
    row = db.session.execute(select(*(count.label(name) for name, count in counts.items()))).one()
    found = row._asdict()
    added = tuple(_from_plugin(one, found.pop(name)) for name, one in told.items())
    banner = _mail_banner() if found.pop("mail_trouble", 0) else None
    others = tuple(_notice(name, found[name]) for name in found if found[name])
    others += tuple(notice for notice in added if notice is not None)
    return others if banner is None else (banner, *others)


def _from_plugin(told: StaffNotice, count: int) -> Notice | None:
    if not count:
        return None
    return Notice(told.tone, told.icon, told.text(count), url_for(told.endpoint), told.is_banner)


def _mail_banner() -> Notice | None:
    trouble = find_trouble()
    if trouble is None:
        return None
    since = format_datetime(trouble.since)
    if trouble.nobody_tries:
        text = ngettext(
            "%(num)d mail waits since %(since)s, and nothing tries to send it. Is the worker running?",
            "%(num)d mails wait since %(since)s, and nothing tries to send them. Is the worker running?",
            trouble.count,
            since=since,
        )
    else:
        text = _("Mail has not got through since %(since)s.", since=since)
        text = f"{text} {reason_in_words(trouble.error)}"
    return Notice("danger", "mail", text, _url("mail_admin.trouble"), is_banner=True)


def _sources(account: SignedInAccount) -> Mapping[str, tuple[Any, ...]]:
    now = utcnow()
    active = ("core", *current_snapshot().active)
    undelivered = (OutboxMail.state.in_((MailState.DEAD, MailState.UNKNOWN)), OutboxMail.handled_at.is_(None))
    waiting = JobRow.state.in_((JobState.QUEUED, JobState.FAILED))
    return {
        "mail": (permissions.MAIL, *undelivered),
        "mail_trouble": (permissions.MAIL, or_(is_failing(now), is_left_alone(now))),
        "dead_jobs": (permissions.JOBS, JobRow.state == JobState.DEAD, JobRow.finished_at > now - RECENT),
        # Jobs of a plugin that is off wait until it is back.
        "late_jobs": (permissions.JOBS, waiting, JobRow.run_at < now - LATE_AFTER, JobRow.owner.in_(active)),
        "exports": (
            permissions.ACCESS,
            ExportFile.account_id == account.id,
            ExportFile.state == FileState.READY,
            ExportFile.fetched_at.is_(None),
        ),
        "mentions": (customer_permissions.SEE, Mention.account_id == account.id, Mention.seen_at.is_(None)),
        "plugins": (permissions.PLUGINS, PluginState.is_enabled, PluginState.last_error_at > now - RECENT),
    }


def _capped(*where: ColumnElement[bool]) -> ScalarSelect[int]:
    rows = select(literal(1).label("one")).where(*where).limit(CAP).subquery()
    return select(func.count()).select_from(rows).scalar_subquery()


def _notice(name: str, count: int) -> Notice:
    if name == "mentions":
        text = ngettext("You were named in %(num)d entry", "You were named in %(num)d entries", count)
        return Notice("info", "at", text, _url("customers_admin.mentions"))
    if name == "exports":
        text = ngettext("%(num)d file is ready to download", "%(num)d files are ready to download", count)
        return Notice("info", "file-export", text, _url("exports_admin.mine"))
    if name == "mail":
        text = ngettext("%(num)d mail could not be delivered", "%(num)d mails could not be delivered", count)
        return Notice("danger", "mail", text, _url("mail_admin.outbox", "stuck"))
    if name == "dead_jobs":
        text = ngettext("%(num)d job was given up", "%(num)d jobs were given up", count)
        return Notice("danger", "clock", text, _url("jobs_admin.jobs", "dead"))
    if name == "late_jobs":
        text = ngettext(
            "%(num)d job is late. Is the worker running?",
            "%(num)d jobs are late. Is the worker running?",
            count,
        )
        return Notice("warning", "hourglass", text, _url("jobs_admin.jobs", "open"))
    text = ngettext("%(num)d plugin had errors", "%(num)d plugins had errors", count)
    return Notice("danger", "plug", text, url_for("admin.plugins"))


def _url(endpoint: str, view: str | None = None) -> str:
    known = endpoint in current_app.view_functions
    return url_for(endpoint, view=view) if known else url_for("admin.dashboard")
