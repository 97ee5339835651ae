"""What the page of one move shows."""

from typing import Any

from core.api import current_account, job_progress, staff_names

from .engine import left_in_wordpress
from .jobs import total_of
from .kinds import BECOMES, TITLES, Kind
from .models import BUSY, Run, State
from .policy import POLICIES, ROLE_CHOICES, read_settings
from .queries import PAGE, lines_of, made_by
from .services import DATABASE, is_idle, totals
from .words import OUTCOMES, STATES

_OPEN = (State.READY, State.CHECKED)


def run_context(run: Run, after: int = 0, below: int = 0) -> dict[str, Any]:
    """Return what the templates of one move need."""
    settings = read_settings(run.settings)
    busy = run.state in BUSY
    idle = busy and is_idle(run)
    title, tone = STATES[run.state]
    counts = run.counts if run.state not in (*_OPEN, State.CHECKING) else (run.report or {}).get("counts", {})
    found = run.found.get("counts", {})
    lines, made = list(lines_of(run.id, below, PAGE + 1)), list(made_by(run.id, after, PAGE + 1))
    progress = job_progress(run.job_id) if busy and run.job_id else (0, None)
    return {
        "run": run,
        "state": title,
        "tone": tone,
        "step": 1 if run.state in (State.LOOKING, State.FAILED) else 2 if run.state == State.READY else 3,
        "is_busy": busy and not idle,
        "is_stopped": idle or run.state == State.STOPPED,
        "is_database": run.source == DATABASE,
        "done": max(progress[0], sum(totals(run).values()) if run.state == State.RUNNING else 0),
        "total": progress[1] or total_of(run),
        "table": _table(counts),
        "outcomes": OUTCOMES,
        "titles": TITLES,
        "becomes": BECOMES,
        "found": [(kind, TITLES[kind], BECOMES[kind], found[kind]) for kind in Kind if found.get(kind)],
        "left": [(TITLES[Kind(kind)], name) for kind, name in left_in_wordpress(found, settings).items()],
        "left_kinds": left_in_wordpress(found, settings),
        "sites": run.found.get("sites", []),
        "roles": [
            (role, n, settings.of_role(role)) for role, n in sorted(run.found.get("roles", {}).items())
        ],
        "settings": settings,
        "policies": POLICIES,
        "role_choices": ROLE_CHOICES,
        "samples": (run.report or {}).get("samples", {}),
        "problems": (run.report or {}).get("problems", []),
        "lines": lines[:PAGE],
        "next_line": lines[PAGE - 1].id if len(lines) > PAGE else None,
        "made": made[:PAGE],
        "next_made": made[PAGE - 1].id if len(made) > PAGE else None,
        "who": staff_names({run.account_id}).get(run.account_id) if run.account_id else None,
        "is_owner": _is_owner(),
    }


def _table(counts: dict[str, dict[str, int]]) -> list[tuple[Any, list[tuple[Any, str, int]]]]:
    """Return a line for each kind: how many became what."""
    return [
        (
            TITLES[kind],
            [
                (title, tone, counts[kind][name])
                for name, (title, tone) in OUTCOMES.items()
                if counts[kind].get(name)
            ],
        )
        for kind in Kind
        if kind in counts
    ]


def _is_owner() -> bool:
    account = current_account()
    return account is not None and account.is_owner
