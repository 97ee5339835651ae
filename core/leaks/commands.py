"""`kaiin gate selftest`."""

import json
from collections.abc import Sequence
from typing import Any

import click

from core.commands import with_app


@click.group()
def gate() -> None:
    """The gate: who may read what."""


@gate.command()
@click.option("--json", "as_json", is_flag=True, help="Print the whole outcome as JSON.")
@with_app
def selftest(as_json: bool) -> None:
    """Plant secret words in a copy of the site and look for them as everybody; end with 1 if one is met.

    The copy holds no customers, lies in a folder of its own and is deleted; the site goes on unchanged.
    """
    from core.db import transaction
    from core.leaks.models import LeakTestState
    from core.leaks.services import ask_for_test, do_test

    with transaction():
        test_id = ask_for_test(in_background=False)
    test = do_test(test_id)
    if test is None or test.state == LeakTestState.FAILED:
        raise click.ClickException("The test could not be done. The log says why.")
    click.echo(json.dumps(test.outcome, ensure_ascii=False, indent=2) if as_json else _in_words(test.outcome))
    if not test.outcome["ok"]:
        raise SystemExit(1)


def _in_words(outcome: dict[str, object]) -> str:
    lines = [
        f"{outcome['answers']} answers to {len(outcome['people'])} kinds of people,"  # type: ignore[arg-type]
        f" {outcome['canaries']} secret words, {outcome['seconds']} seconds."
    ]
    for kind, title in (
        ("leaks", "LEAK"),
        ("cached", "MAY BE CACHED"),
        ("broken", "ERROR"),
        ("unseen", "not seen by its reader"),
    ):
        found: list[dict[str, object]] = outcome[kind]  # type: ignore[assignment]
        lines += [f"{title}: {_line(one)}" for one in found]
    lines.append("No leak." if outcome["ok"] else "Leaks were found.")
    return "\n".join(lines)


def _line(found: dict[str, object]) -> str:
    who, what = (_who_or_what(found[name]) for name in ("who", "what"))  # type: ignore[arg-type]
    return f"{who} · {found['surface']} {found['path']} · {what}"


def _who_or_what(stored: Sequence[Any]) -> str:
    title, detail = stored
    # The command speaks English.
    named = detail if isinstance(detail, str) else detail["en"] or detail["ja"]
    return " ".join(filter(None, (title, named)))
