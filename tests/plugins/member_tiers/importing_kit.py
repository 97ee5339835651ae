"""Files of memberships on their way in and out."""

import datetime as dt
import io
from typing import Any

from sqlalchemy import select

from core.accounts.models import Account
from core.db import db, transaction
from core.exports.csv_writer import stream_export
from core.exports.queries import export_fields, find_export
from core.imports import jobs, services
from core.imports.queries import first_problems, get_import
from core.imports.settings import read_settings
from core.testing.factories import make_account
from plugins.member_tiers.importing.kind import NAME
from plugins.member_tiers.models import Membership, MembershipEvent

TODAY = dt.date(2026, 11, 22)


class File:
    """One file of memberships."""

    def __init__(self, content: str | bytes, by: int | None = None, **choices: Any) -> None:
        data = content.encode() if isinstance(content, str) else content
        with transaction():
            kept = services.keep_file(io.BytesIO(data))
            self.id = services.create_import(kept, "members.csv", by=by, into=NAME).id
        if choices:
            with transaction():
                row = get_import(self.id, for_change=True)
                services.save_settings(row, read_settings({**row.settings, **choices}))

    @property
    def row(self) -> Any:
        db.session.rollback()
        db.session.expire_all()
        return get_import(self.id)

    def check(self) -> tuple[int, ...]:
        with transaction():
            services.start_check(self.id, in_process=True)
        jobs.check(lambda *_: None, self.id)
        report = self.row.report
        assert report is not None, self.row.problem
        return tuple(report[name] for name in ("created", "changed", "equal", "refused"))

    def run(self, by: int | None = None) -> tuple[int, ...]:
        """Check and run; both must say the same."""
        by = by or self.row.account_id
        checked, why = self.check(), self.problems()
        self.begin_and_run(by)
        row = self.row
        assert (row.created, row.changed, row.equal, row.refused) == checked, (why, self.problems())
        assert self.problems() == why
        return checked

    def begin_and_run(self, by: int | None = None) -> None:
        with transaction():
            services.start_run(self.id, by=by, in_process=True)
        jobs.run(lambda *_: None, self.id)

    def undo(self, by: int | None = None) -> tuple[int, int]:
        with transaction():
            services.start_undo(self.id, by=by)
        jobs.undo(lambda *_: None, self.id, by)
        return (self.row.undone, self.row.kept)

    def problems(self) -> dict[int, str]:
        db.session.rollback()
        return {p.number: " ".join(text for _title, text in p.messages) for p in first_problems(self.id)}


def english() -> int:
    """Return an owner who reads English."""
    account = make_account("Owner")
    with transaction():
        db.session.get_one(Account, account.id).language = "en"
    return int(account.id)


def exported(encoding: str = "utf-8-sig") -> bytes:
    export = find_export("memberships")
    names = [field.name for field in export_fields(export)]
    return b"".join(stream_export(export, names, encoding=encoding))


def memberships() -> list[Membership]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(select(Membership).order_by(Membership.id)))


def said() -> list[tuple[Any, ...]]:
    """Return all that counts of all memberships, by whose they are."""
    return sorted(
        (
            one.customer_id,
            one.tier_id,
            str(one.starts_on),
            str(one.ends_on),
            str(one.status_on(TODAY)),
            str(one.granted_until),
            one.kind,
            one.source,
            one.note,
        )
        for one in memberships()
    )


def verbs(membership: Membership) -> list[tuple[str, str | None, str]]:
    query = select(MembershipEvent).where(MembershipEvent.membership_id == membership.id)
    found = db.session.scalars(query.order_by(MembershipEvent.id))
    return [(event.verb, event.from_status, event.to_status) for event in found]
