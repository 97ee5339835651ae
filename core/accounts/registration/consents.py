"""Consents: versions of each text, and what every customer said to which, when and where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from flask import has_request_context, request
from sqlalchemy import func, select, update

from core.accounts.member_models import ConsentAnswer, ConsentVersion
from core.accounts.models import Account, LoginSession, RoleKind
from core.accounts.registration.consent_texts import (
    OPTIONAL,
    REQUIRED,
    Asks,
    ConsentKind,
    ConsentText,
    consent_text_from,
    texts_in_use,
)
from core.activity.services import record_activity
from core.db import db
from core.i18n import _l, site_today
from core.plugin_host.models import SiteState
from core.security.device_words import device_of
from core.security.network import client_place
from core.settings.services import save_site_settings

AT_REGISTRATION, AT_LOG_IN, ON_MY_PAGE, TOLD_STAFF = "registration", "log_in", "my_page", "told_staff"


class Answer(NamedTuple):
    """What somebody says to one version of a text."""

    kind: str
    version: int
    agreed: bool


@dataclass(frozen=True, slots=True)
class ConsentDraft:
    """What the owner enters about one text."""

    kind: ConsentKind
    text: str
    is_required: bool = True
    asks: Asks = Asks.NOBODY


def save_consent_texts(drafts: Sequence[ConsentDraft], *, by: int | None = None) -> None:
    """Keep a new version of each text that differs, and how it is asked. Needs a transaction."""
    # Locked and read anew: two who save at once must not make the same version.
    query = select(SiteState).with_for_update().execution_options(populate_existing=True)
    state = db.session.execute(query).scalar_one()
    stored = dict(state.settings.get("consents") or {})
    for draft in drafts:
        old = consent_text_from(draft.kind, stored.get(draft.kind))
        if draft.text or old.version:
            stored[draft.kind.value] = _stored(draft, old)
    if stored != (state.settings.get("consents") or {}):
        save_site_settings({"consents": stored}, by=by)


def _stored(draft: ConsentDraft, old: ConsentText) -> dict[str, Any]:
    version, since = old.version, old.since or site_today()
    if draft.text != old.text and draft.text:
        version, since = _next_version(draft.kind), site_today()
        db.session.add(ConsentVersion(kind=draft.kind.value, version=version, text=draft.text))
        db.session.flush()
    return {
        "text": draft.text,
        "version": version,
        "since": since.isoformat(),
        "how": REQUIRED if draft.is_required else OPTIONAL,
        "asks": draft.asks.value,
    }


def _next_version(kind: ConsentKind) -> int:
    newest = select(func.max(ConsentVersion.version)).where(ConsentVersion.kind == kind.value)
    return (db.session.execute(newest).scalar() or 0) + 1


def record_answers(
    customer_id: int, answers: Sequence[Answer], way: str, *, by: int | None = None, note: str = ""
) -> None:
    """Keep what a customer says now, with the evidence; what they said before stays.

    `by` and `note` say who of the staff was told, and what. The newsletter's answer is also whether
    news may be sent. Needs a transaction.
    """
    latest = latest_answers(customer_id)
    for answer in answers:
        known = latest.get(answer.kind)
        if known is not None and (known.version, known.agreed) == (answer.version, answer.agreed):
            continue
        db.session.add(_row(customer_id, answer, way))
        if answer.kind == ConsentKind.NEWS:
            _let_news_follow(customer_id, answer.agreed, by)
        if known is not None and known.agreed != answer.agreed:
            _note_change(customer_id, answer, by, note)
    db.session.flush()
    _let_in(customer_id)


def _row(customer_id: int, answer: Answer, way: str) -> ConsentAnswer:
    # The browser of the staff says nothing about the customer.
    here = has_request_context() and way != TOLD_STAFF
    return ConsentAnswer(
        customer_id=customer_id,
        kind=str(answer.kind),
        version=answer.version,
        agreed=answer.agreed,
        way=way,
        device=device_of(request.user_agent.string) if here else "",
        network=client_place() if here else "",
    )


def _let_news_follow(customer_id: int, agreed: bool, by: int | None) -> None:
    from core.customers.services import update_customer

    update_customer(customer_id, {"may_contact": agreed}, by=by)


def _note_change(customer_id: int, answer: Answer, by: int | None, note: str) -> None:
    titles = {
        (ConsentKind.TERMS, True): _l("Agreed to the terms of use"),
        (ConsentKind.PRIVACY, True): _l("Agreed to the privacy policy"),
        (ConsentKind.NEWS, True): _l("Subscribed to the newsletter"),
        (ConsentKind.TERMS, False): _l("No longer agrees to the terms of use"),
        (ConsentKind.PRIVACY, False): _l("No longer agrees to the privacy policy"),
        (ConsentKind.NEWS, False): _l("Unsubscribed from the newsletter"),
    }
    title = titles[ConsentKind(answer.kind), answer.agreed]
    record_activity(customer_id, "consent", title, body=note, by=by)


def _let_in(customer_id: int) -> None:
    if owed_texts(customer_id):
        return
    accounts = select(Account.id).where(Account.customer_id == customer_id)
    statement = update(LoginSession).where(LoginSession.account_id.in_(accounts), LoginSession.owes_consent)
    db.session.execute(statement.values(owes_consent=False).execution_options(synchronize_session=False))


def latest_answers(customer_id: int) -> Mapping[str, ConsentAnswer]:
    """Return a customer's answer that holds, by kind."""
    query = select(ConsentAnswer).where(ConsentAnswer.customer_id == customer_id).order_by(ConsentAnswer.id)
    return {row.kind: row for row in db.session.execute(query).scalars()}


def owed_texts(customer_id: int) -> tuple[ConsentText, ...]:
    """Return the texts that a member has to answer before member pages open.

    What is optional may be answered with no, and is then not asked again for the same version.
    """
    asked = [text for text in texts_in_use() if text.least_version is not None]
    if not asked:
        return ()
    answers = latest_answers(customer_id)
    return tuple(text for text in asked if _is_owed(text, answers.get(text.kind)))


def _is_owed(text: ConsentText, answer: ConsentAnswer | None) -> bool:
    if answer is None or answer.version < (text.least_version or 0):
        return True
    return text.is_required and not answer.agreed


def owes_consent(account: Account) -> bool:
    """Tell whether a member has to answer before member pages open; staff never have."""
    if account.customer_id is None or account.role.kind != RoleKind.MEMBER:
        return False
    return bool(owed_texts(account.customer_id))
