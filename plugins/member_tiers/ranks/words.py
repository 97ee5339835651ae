"""What plans, runs and outcomes are called."""

from typing import Any

from core.api import _, _l, format_date, ngettext

from ..months import month_name
from .models import Falls, RankPlan, Rises, RunKind, RunState, Schedule, Verdict, Who, Window

WHO = {Who.MEMBERS: _l("Members who can log in"), Who.CUSTOMERS: _l("All customers")}
SPANS = {
    Window.ROLLING: _l("The last months"),
    Window.YEAR: _l("A year with a fixed first month"),
    Window.ALL: _l("Everything since the beginning"),
}
SCHEDULES = {
    Schedule.DAILY: _l("Every day"),
    Schedule.MONTH_END: _l("At the end of every month"),
    Schedule.QUARTERLY: _l("Every three months"),
    Schedule.HALF_YEARLY: _l("Every half year"),
    Schedule.YEARLY: _l("Once a year"),
}
RISES = {Rises.AT_ONCE: _l("At once"), Rises.DATES: _l("On the days of evaluation")}
FALLS = {Falls.DATES: _l("On the days of evaluation"), Falls.NEVER: _l("Never")}
KINDS = {
    RunKind.REHEARSAL: _l("Rehearsal"),
    RunKind.EVALUATION: _l("Evaluation"),
    RunKind.RISES: _l("Daily look for who rises"),
    RunKind.NOTICE: _l("Notice before a fall"),
}
STATES = {
    RunState.COUNTING: (_l("Looking at members"), "info"),
    RunState.APPLYING: (_l("Changing ranks"), "info"),
    RunState.DONE: (_l("Finished"), "success"),
    RunState.STOPPED: (_l("Stopped"), "neutral"),
}
VERDICTS = {
    Verdict.RISE: (_l("Rise"), "success"),
    Verdict.FALL: (_l("Fall"), "warning"),
    Verdict.KEPT: (_l("Held back"), "info"),
    Verdict.STAY: (_l("Stay"), "neutral"),
}
REASONS = {
    "meets": _l("Meets what the higher rank needs"),
    "below": _l("No longer meets what the rank needs"),
    "locked": _l("The staff have locked the rank"),
    "paused": _l("The membership is paused"),
    "waiting": _l("Another membership of that tier waits or begins later"),
    "never": _l("Ranks do not fall"),
    "new": _l("Reached the rank after the closing day"),
    "hold": _l("Has not held the rank for its least time"),
    "same": _l("Meets the present rank"),
    "other": _l("Holds this rank or a higher one from elsewhere"),
    "none": _l("Meets no rank"),
    "changed": _l("Was changed meanwhile"),
}


def schedule_words(plan: RankPlan) -> str:
    """Return on which days ranks are evaluated, in words."""
    title = str(SCHEDULES[Schedule(plan.schedule)])
    if plan.schedule in (Schedule.DAILY, Schedule.MONTH_END):
        return title
    month = month_name(plan.closing_month)
    if plan.closing_day == 31:
        return _("%(schedule)s, at the end of %(month)s", schedule=title, month=month)
    return _(
        "%(schedule)s, from day %(day)s of %(month)s",
        schedule=title,
        day=plan.closing_day,
        month=month,
    )


def span_words(plan: RankPlan) -> str:
    """Return over which days facts count, in words."""
    if plan.span == Window.ROLLING:
        return ngettext("The last %(num)s month", "The last %(num)s months", plan.span_months)
    if plan.span == Window.YEAR:
        return _("A year that begins in %(month)s", month=month_name(plan.year_begins))
    return str(SPANS[Window.ALL])


def run_title(run: Any) -> str:
    """Return what a run is called: its kind and closing day."""
    return _("%(kind)s as of %(day)s", kind=str(KINDS[RunKind(run.kind)]), day=format_date(run.closing_on))
