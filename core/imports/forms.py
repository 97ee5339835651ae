"""Reads what the steps of the wizard sent."""

from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from core.customers.lists import label_choices
from core.errors import ValidationFailed
from core.i18n import _
from core.imports import words
from core.imports.settings import Again, Into, Mode, Policy, Settings, as_data, read_settings
from core.imports.targets import Target


def read_columns(sent: "MultiDict[str, str]", settings: Settings) -> Settings:
    """Return the settings with the chosen columns."""
    columns = [sent.get(f"column-{place}", "") for place in range(len(settings.headings))]
    return read_settings({**as_data(settings), "columns": columns})


def read_rules(sent: "MultiDict[str, str]", settings: Settings, targets: Mapping[str, Target]) -> Settings:
    """Return the settings with the chosen rules; raise ValidationFailed for what is not on offer."""
    label = sent.get("label", "") if settings.into == Into.CUSTOMERS else ""
    if label and all(choice.value != label for choice in label_choices()):
        raise ValidationFailed({"label": _("Choose one from the list.")})
    try:
        rules: dict[str, Any] = {
            "match": sent.get("match", ""),
            "mode": Mode(sent.get("mode", "")),
            "again": Again(sent.get("again", "")),
            "policies": dict(_policies(sent, settings, targets)),
        }
    except ValueError:
        raise ValidationFailed({"rules": _("Choose one from the list.")}) from None
    if rules["match"] not in words.matches_of(settings.into):
        raise ValidationFailed({"rules": _("Choose one from the list.")})
    clears = sent.get("empty") == "clear"
    return read_settings({**as_data(settings), **rules, "clears": clears, "label": label})


def _policies(
    sent: "MultiDict[str, str]", settings: Settings, targets: Mapping[str, Target]
) -> list[tuple[str, str]]:
    found = []
    for name in settings.targets:
        offered = targets[name].policies
        policy = Policy(sent.get(f"policy-{name}", Policy.OVERWRITE))
        if offered and policy is not Policy.OVERWRITE:
            if policy not in offered:
                raise ValueError(policy)
            found.append((name, policy.value))
    return found
