"""Fields of the customer that come from memberships and points."""

from collections.abc import Sequence

from core.api import Choice, CustomerField, FieldType, _l

from .expressions import of_best_membership, reached_tier_keys
from .memberships.fields import ladder_fields
from .models import Membership, Tier
from .points.fields import points_fields
from .queries import list_tiers

GROUP = "membership"


def tier_choices() -> Sequence[Choice]:
    """Return the tiers, highest first, as the values of a condition."""
    return [Choice(tier.key, tier.title) for tier in list_tiers()]


def customer_fields() -> Sequence[CustomerField]:
    """Return the fields; each has one value that expires by itself, whether or not a job ran."""
    return [
        CustomerField(
            name="tier",
            title=_l("Tier"),
            type=FieldType.CHOICE,
            expression=lambda: of_best_membership(Tier.key),
            choices=tier_choices,
            sort_key=lambda: of_best_membership(Tier.rank),
            group=GROUP,
            cacheable=True,
        ),
        CustomerField(
            name="tier_or_higher",
            title=_l("Tier (this or higher)"),
            type=FieldType.MULTI,
            expression=reached_tier_keys,
            choices=tier_choices,
            sortable=False,
            exportable=False,
            group=GROUP,
            cacheable=True,
        ),
        CustomerField(
            name="tier_since",
            title=_l("Tier since"),
            type=FieldType.DATE,
            expression=lambda: of_best_membership(Membership.starts_on),
            group=GROUP,
            cacheable=True,
        ),
        CustomerField(
            name="tier_until",
            title=_l("Tier until"),
            type=FieldType.DATE,
            expression=lambda: of_best_membership(Membership.ends_on),
            group=GROUP,
            cacheable=True,
        ),
        *ladder_fields(GROUP),
        *points_fields(),
    ]
