"""How a file is read and what its rows may do: the choices of the wizard's steps."""

import enum
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

# Columns that hold a whole name, and what they are made of.
PARTS: Mapping[str, tuple[str, str]] = {
    "full_name": ("family_name", "given_name"),
    "full_kana": ("family_kana", "given_kana"),
}
WHOLE_OF = {part: whole for whole, parts in PARTS.items() for part in parts}


class Into(enum.StrEnum):
    """What the rows of a file are: core's own kinds. Those of plugins are `<plugin>.…`."""

    CUSTOMERS = "customers"
    COMPANIES = "companies"


class Match(enum.StrEnum):
    """By what a row finds its customer or company."""

    EMAIL = "email"
    NUMBER = "number"
    PHONE_NAME = "phone_name"
    CORPORATE_NUMBER = "corporate_number"
    NAME = "name"
    NONE = "none"


# What is on offer for each kind of rows.
MATCHES: Mapping[Into, tuple[Match, ...]] = {
    Into.CUSTOMERS: (Match.EMAIL, Match.NUMBER, Match.PHONE_NAME, Match.NONE),
    Into.COMPANIES: (Match.NAME, Match.CORPORATE_NUMBER, Match.NUMBER, Match.NONE),
}


class Mode(enum.StrEnum):
    """What rows may do."""

    BOTH = "both"
    CREATE = "create"
    UPDATE = "update"


class Policy(enum.StrEnum):
    """What happens to a value that is there when the file brings another."""

    OVERWRITE = "overwrite"
    FILL = "fill"
    KEEP = "keep"
    APPEND = "append"


class Again(enum.StrEnum):
    """What a second row about the same customer does."""

    UPDATE = "update"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Settings:
    """All choices. `columns` names the field of each column, empty for one that is left out."""

    encoding: str = "utf-8"
    delimiter: str = ","
    has_heading: bool = True
    sheet: str = ""
    headings: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    match: str = Match.EMAIL
    mode: Mode = Mode.BOTH
    policies: Mapping[str, Policy] = field(default_factory=dict)
    clears: bool = False
    again: Again = Again.UPDATE
    label: str = ""
    into: str = Into.CUSTOMERS

    def policy(self, name: str) -> Policy:
        """Return what happens to a field that has a value; parts of a whole name share its rule."""
        whole = WHOLE_OF.get(name, "")
        return self.policies.get(whole if whole in self.columns else name, Policy.OVERWRITE)

    @property
    def targets(self) -> frozenset[str]:
        """Return the fields that get something."""
        return frozenset(name for name in self.columns if name)


def read_settings(data: Mapping[str, Any]) -> Settings:
    """Return the settings that `as_data` wrote."""
    values = {**data}
    for name in ("headings", "columns"):
        values[name] = tuple(values.get(name, ()))
    into = values["into"] = into_named(values.get("into", Into.CUSTOMERS))
    match = values.get("match", Match.EMAIL)
    # A plugin's kind of rows has matches of its own.
    values["match"] = Match(match) if isinstance(into, Into) else str(match)
    values["mode"] = Mode(values.get("mode", Mode.BOTH))
    values["again"] = Again(values.get("again", Again.UPDATE))
    values["policies"] = {name: Policy(policy) for name, policy in values.get("policies", {}).items()}
    return Settings(**values)


def into_named(name: str) -> str:
    """Return core's own kind of rows, or the name of a plugin's, which has a dot; raise ValueError."""
    return name if "." in name else Into(name)


def as_data(settings: Settings) -> dict[str, Any]:
    """Return settings as JSON values."""
    data = asdict(settings)
    return {**data, "headings": list(settings.headings), "columns": list(settings.columns)}
