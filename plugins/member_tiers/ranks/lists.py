"""The list of what a run found, declared."""

from dataclasses import replace

from flask import url_for
from sqlalchemy import ColumnElement, exists, select

from core.api import Customer, EmptyState, Listing, ListView, _l, reachable

from .exports import EXPORT_NAME, rehearsed_fields
from .models import RankOutcome, RankRun, RunKind, Verdict
from .words import VERDICTS

# Written here once more, because declarations import this plugin's lists.
MEMBERSHIPS_EDIT = "member_tiers.memberships.edit"


def _view(verdict: Verdict) -> ListView:
    return ListView(verdict.value, VERDICTS[verdict][0], lambda: RankOutcome.verdict == verdict)


OUTCOMES = Listing(
    name="rank_outcomes",
    title=_l("Results"),
    key=RankOutcome.id,
    fields=rehearsed_fields,
    columns=("customer", "from_tier", "to_tier", "reason"),
    permission=MEMBERSHIPS_EDIT,
    row_url=lambda key: url_for("member_tiers_admin.rank_outcome", outcome_id=key),
    primary="customer",
    secondary="email",
    views=tuple(_view(verdict) for verdict in Verdict),
    export=EXPORT_NAME,
    empty=EmptyState(_l("Nobody"), _l("Nobody is among these."), icon="users"),
    tones={"verdict": {verdict.value: tone for verdict, (_title, tone) in VERDICTS.items()}},
    template="member_tiers/admin/ranks/run.html",
)


def outcomes_of(run: RankRun) -> Listing:
    """Return the list of one run; only a rehearsal notes who stays."""
    views = OUTCOMES.views if run.kind == RunKind.REHEARSAL else OUTCOMES.views[:-1]

    def where() -> ColumnElement[bool]:
        reached = select(Customer.id).where(Customer.id == RankOutcome.customer_id, reachable())
        return (RankOutcome.run_id == run.id) & exists(reached.correlate(RankOutcome))

    return replace(OUTCOMES, where=where, views=views)
