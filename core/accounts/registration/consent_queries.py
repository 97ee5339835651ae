"""Reads of consents: for the member's own page, for reports, and for the settings screen."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, func, select, tuple_
from sqlalchemy.orm import aliased

from core.accounts.member_models import ConsentAnswer, ConsentVersion
from core.accounts.models import Account, AccountState
from core.accounts.registration.consent_texts import TITLES, ConsentKind, ConsentText, all_texts
from core.db import db
from core.theming.view_objects import view_object


@view_object
class AnswerView:
    """One answer of a member, with the text that was answered."""

    version: int
    agreed: bool
    given_at: dt.datetime
    text: str
    way: str


@view_object
class ConsentView:
    """One text on the member's own page; `answers` has the latest first.

    `text` and `version` are what holds now, an empty text means that the owner no longer asks.
    """

    kind: str
    title: str
    text: str
    version: int
    since: dt.date | None
    is_required: bool
    answers: tuple[AnswerView, ...]

    @property
    def agreed(self) -> bool:
        """Whether the member agrees, to whichever version."""
        return bool(self.answers) and self.answers[0].agreed

    @property
    def can_be_taken_back(self) -> bool:
        """Whether the member agrees to what is optional, or to what is no longer asked."""
        return self.agreed and (not self.is_required or not self.text)

    @property
    def is_newer(self) -> bool:
        """Whether the text has changed since the member answered."""
        return bool(self.text) and bool(self.answers) and self.answers[0].version < self.version


def consent_views(customer_id: int) -> tuple[ConsentView, ...]:
    """Return the texts in use, and those that the member once answered."""
    answers = _answers(customer_id)
    views = []
    for text in all_texts():
        mine = tuple(
            AnswerView(
                version=row.version, agreed=row.agreed, given_at=row.given_at, text=row.text, way=row.way
            )
            for row in reversed(answers)
            if row.kind == text.kind
        )
        if text.text or mine:
            view = ConsentView(
                kind=text.kind.value,
                title=text.title,
                text=text.text,
                version=text.version,
                since=text.since,
                is_required=text.is_required,
                answers=mine,
            )
            views.append(view)
    return tuple(views)


def list_consents(customer_id: int) -> list[dict[str, Any]]:
    """Return what a customer said to which text, oldest first, as JSON values."""
    return [
        {
            "kind": row.kind,
            "title": str(TITLES.get(row.kind, row.kind)),
            "version": row.version,
            "agreed": row.agreed,
            "given_at": row.given_at.isoformat(),
            "way": row.way,
            "device": row.device,
            "network": row.network,
            "text": row.text,
        }
        for row in _answers(customer_id)
    ]


def _answers(customer_id: int) -> Sequence[Any]:
    said, text = ConsentAnswer, ConsentVersion
    columns = (
        said.kind,
        said.version,
        said.agreed,
        said.given_at,
        said.way,
        said.device,
        said.network,
        text.text,
    )
    query = (
        select(*columns)
        .join(text, and_(text.kind == said.kind, text.version == said.version))
        .where(said.customer_id == customer_id)
        .order_by(said.id)
    )
    return db.session.execute(query).all()


def count_agreed(texts: Sequence[ConsentText]) -> Mapping[str, int]:
    """Return how many members agree to the version that holds, by kind."""
    later = aliased(ConsentAnswer)
    newer = select(later.id).where(
        later.customer_id == ConsentAnswer.customer_id,
        later.kind == ConsentAnswer.kind,
        later.id > ConsentAnswer.id,
    )
    versions = [(text.kind.value, text.version) for text in texts]
    query = (
        select(ConsentAnswer.kind, func.count(ConsentAnswer.id).label("members"))
        .join(Account, Account.customer_id == ConsentAnswer.customer_id)
        .where(
            tuple_(ConsentAnswer.kind, ConsentAnswer.version).in_(versions),
            ConsentAnswer.agreed,
            Account.state == AccountState.ACTIVE,
            ~newer.exists(),
        )
        .group_by(ConsentAnswer.kind)
    )
    return {row.kind: row.members for row in db.session.execute(query)}


def count_members() -> int:
    """Return how many members can log in."""
    query = select(func.count(Account.id)).where(
        Account.state == AccountState.ACTIVE, Account.customer_id.is_not(None)
    )
    return db.session.execute(query).scalar_one()


def list_versions() -> Mapping[str, Sequence[ConsentVersion]]:
    """Return every version of every text, the newest first."""
    rows = db.session.execute(select(ConsentVersion).order_by(ConsentVersion.version.desc())).scalars().all()
    return {kind.value: [row for row in rows if row.kind == kind] for kind in ConsentKind}
