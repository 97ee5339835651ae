"""What rehearsals and evaluations found, as a file."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import aliased

from core.api import Choice, Field, FieldType, _l, current_language

from ..columns import customer_columns
from ..memberships.models import Ladder, Tier
from .models import RankOutcome, RankPlan, RankRun, Verdict
from .words import REASONS, VERDICTS

EXPORT_NAME = "rank_outcomes"


def rehearsed() -> Select[Any]:
    """Select what every run found that is still kept."""
    return select(RankOutcome.id)


def _tier(column: Any) -> ColumnElement[Any]:
    tier = aliased(Tier)
    return select(_title(tier)).where(tier.id == column).correlate(RankOutcome.__table__).scalar_subquery()


def _title(owner: Any) -> Any:
    """Return the title in the reader's language, in Japanese where there is no other."""
    if current_language() != "en":
        return owner.title_ja
    return func.coalesce(func.nullif(owner.title_en, ""), owner.title_ja)


def _of_run(value: Any) -> ColumnElement[Any]:
    return (
        select(value)
        .select_from(RankRun)
        .join(RankPlan, RankPlan.id == RankRun.plan_id)
        .join(Ladder, Ladder.id == RankPlan.ladder_id)
        .where(RankRun.id == RankOutcome.run_id)
        .correlate(RankOutcome.__table__)
        .scalar_subquery()
    )


def rehearsed_fields() -> Sequence[Field]:
    """Return the columns of outcomes."""
    verdicts = tuple(Choice(verdict, VERDICTS[verdict][0]) for verdict in Verdict)
    reasons = tuple(Choice(reason, title) for reason, title in REASONS.items())
    return [
        *customer_columns(RankOutcome),
        Field("ladder", _l("Ladder"), FieldType.TEXT, lambda: _of_run(_title(Ladder)), sortable=False),
        Field("closing_on", _l("Closing day"), FieldType.DATE, lambda: _of_run(RankRun.closing_on)),
        Field("verdict", _l("Result"), FieldType.CHOICE, lambda: RankOutcome.verdict, choices=verdicts),
        Field("from_tier", _l("Present rank"), FieldType.TEXT, lambda: _tier(RankOutcome.from_tier_id)),
        Field("to_tier", _l("Rank by evaluation"), FieldType.TEXT, lambda: _tier(RankOutcome.to_tier_id)),
        Field("reason", _l("Reason"), FieldType.CHOICE, lambda: RankOutcome.reason, choices=reasons),
    ]
