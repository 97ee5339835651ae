"""Members are told some days before they fall, once for a closing day."""

from typing import Any

from sqlalchemy import select

from core.api import (
    Customer,
    _,
    compile_condition,
    current_snapshot,
    customer_fields,
    db,
    format_date,
    in_language,
    mail_recipient,
    queue_mail,
)

from .judging import MEMBERS, Board
from .models import RankNotice, RankOutcome, RankRun
from .needs import needs_of

MAIL = "member_tiers.rank_falls"


def tell_of_fall(board: Board, run: RankRun, outcome: RankOutcome) -> bool:
    """Queue the mail to a member who can log in; tell whether one was. Needs an open `transaction()`."""
    customer_id = outcome.customer_id
    told = select(RankNotice.customer_id).where(
        RankNotice.customer_id == customer_id,
        RankNotice.plan_id == run.plan_id,
        RankNotice.closing_on == run.closing_on,
    )
    if db.session.scalar(told) is not None:
        return False
    recipient = mail_recipient(customer_id)
    if recipient is None or not _can_log_in(customer_id):
        return False
    address, language = recipient
    db.session.add(RankNotice(customer_id=customer_id, plan_id=run.plan_id, closing_on=run.closing_on))
    db.session.flush()
    with in_language(language or current_snapshot().site.language):
        values = _words(board, run, outcome)
    queue_mail(MAIL, address, values, language=language, related=("customer", customer_id))
    return True


def _words(board: Board, run: RankRun, outcome: RankOutcome) -> dict[str, Any]:
    customer_id, titles = outcome.customer_id, board.titles
    step = next((one for one in board.steps if one.tier.id == outcome.from_tier_id), None)
    needs = needs_of(board, step.condition, customer_id, run.closing_on) if step is not None else ()
    person = db.session.get(Customer, customer_id)
    return {
        "name": f"{person.family_name or ''} {person.given_name or ''}".strip() if person else "",
        "tier": titles.get(outcome.from_tier_id or 0, ""),
        "next_tier": titles.get(outcome.to_tier_id or 0, _("no rank")),
        "day": format_date(run.day),
        "closing_day": format_date(run.closing_on),
        "needs": [need.text for need in needs if not need.is_met],
        "path": "/account",
    }


def _can_log_in(customer_id: int) -> bool:
    fits = compile_condition(MEMBERS, customer_fields())
    return db.session.scalar(select(Customer.id).where(Customer.id == customer_id, fits)) is not None
