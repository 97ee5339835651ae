"""Fields of the customer that come from further ladders; those of the main one are in `fields`."""

from collections.abc import Sequence
from functools import partial

from sqlalchemy import inspect, select

from core.api import Choice, CustomerField, FieldType, db

from .expressions import of_best_membership
from .models import MAIN, Ladder, Tier


def ladder_fields(group: str) -> Sequence[CustomerField]:
    """Return `tier_<ladder>` for each further ladder: the tier that counts there today."""
    return [
        CustomerField(
            name=f"tier_{ladder.key}",
            title=ladder.title_ja,
            type=FieldType.CHOICE,
            expression=partial(of_best_membership, Tier.key, ladder.key),
            choices=partial(_choices, ladder.id),
            sort_key=partial(of_best_membership, Tier.rank, ladder.key),
            group=group,
            cacheable=True,
        )
        for ladder in _further_ladders()
    ]


def _further_ladders() -> Sequence[Ladder]:
    # Asked also before the tables are there, to try whether the plugin can be enabled.
    if not inspect(db.session.connection()).has_table(Ladder.__tablename__):
        return []
    query = select(Ladder).where(Ladder.key != MAIN)
    return db.session.scalars(query.order_by(Ladder.position, Ladder.id)).all()


def _choices(ladder_id: int) -> Sequence[Choice]:
    tiers = select(Tier).where(Tier.ladder_id == ladder_id).order_by(Tier.rank.desc(), Tier.id)
    return [Choice(tier.key, tier.title) for tier in db.session.scalars(tiers)]
