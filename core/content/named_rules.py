"""Rules that have a name: kept by plugins, used by pages, menu lines, forms and files."""

from collections.abc import Sequence

from core.conditions.fields import Choice
from core.plugin_host.guards import collect


def named_rules() -> Sequence[Choice]:
    """Return the rules that content may name (`ContentRef.rule_name`), by title."""
    answers = collect("access_rules")
    found = [one for _plugin, answer in answers if isinstance(answer, list | tuple) for one in answer]
    return sorted((one for one in found if isinstance(one, Choice)), key=lambda one: str(one.label))
