"""Says what a row would do, and does nothing: the same for the dry run and for the run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.conditions.fields import FieldType
from core.customers.attributes import Attribute, defaults, require
from core.customers.models import Stage
from core.customers.services import assigned_to_whoever_adds, cannot_use_email
from core.customers.values import normalise_email
from core.i18n import _, _l
from core.imports.models import Outcome
from core.imports.plain import differs, is_empty, plain
from core.imports.rows import Problem, Row
from core.imports.settings import Again, Match, Mode, Policy, Settings

IDENTIFYING = ("family_name", "given_name", "family_kana", "given_kana", "email", "phone", "company_name")
_KEEP = object()
# Whoever has an address and is out of the reach of whoever imports.
HIDDEN = -1


@dataclass(slots=True)
class Subject:
    """A customer that a row may be about; `row` is an earlier row of the file about them."""

    id: int
    values: dict[str, Any]
    row: int | None = None


@dataclass(slots=True)
class Found:
    """What is known about the rows of a wave: candidates by row, owners by address, customers by id."""

    candidates: Mapping[int, list[int]]
    owners: Mapping[str, int]
    subjects: Mapping[int, Subject]


@dataclass(slots=True)
class Plan:
    """What a row does: `values` are to be written, `changes` are `(old, new)` in plain form.

    Of a new customer there is nothing old, so `changes` is empty; `said` has the new side of both.
    """

    row: Row
    outcome: Outcome
    subject: Subject | None = None
    values: dict[str, Any] = field(default_factory=dict)
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    # What an example shows beside; it is not written.
    beside: dict[str, Any] = field(default_factory=dict)

    def said(self) -> dict[str, tuple[Any, Any]]:
        """Return what would be different, of a new customer everything."""
        if self.outcome is Outcome.CREATED:
            return {name: (None, plain(value)) for name, value in self.values.items()}
        return self.changes


class Planner:
    """Plans rows by the settings."""

    several = _l("Several customers fit this row. Merge them first, or choose another match.")
    no_number = _l("There is no customer with this number.")
    nobody = _l("No customer fits this row.")
    again = _l("Row %(row)s of this file is about the same customer.")
    there = _l("This customer exists already.")

    def __init__(self, settings: Settings, attributes: Mapping[str, Attribute]) -> None:
        self._settings = settings
        self._attributes = attributes
        self._defaults = self._always()
        self._required = {
            name: attribute
            for name, attribute in attributes.items()
            if attribute.required and name in settings.targets
        }

    def _always(self) -> dict[str, Any]:
        """Return what a new customer gets where the file says nothing."""
        return {**defaults(self._attributes), "stage": Stage.LEAD.value, **assigned_to_whoever_adds()}

    def plan(self, row: Row, found: Found) -> Plan:
        """Return what the row does to the customers that were found."""
        ids = found.candidates.get(row.number, [])
        subject = found.subjects.get(ids[0]) if len(ids) == 1 else None
        problem = self._refusal(row, ids, subject)
        if row.problems or problem:
            problems = [*row.problems, *([("", problem)] if problem else [])]
            return Plan(row, Outcome.REFUSED, subject, problems=problems)
        plan = self._create(row) if subject is None else self._change(row, subject)
        owner = found.owners.get(row.email_key or "")
        if "email" in plan.values and owner and (subject is None or owner != subject.id):
            known = _("Another customer already has this e-mail address.")
            plan.problems.append(("", cannot_use_email() if owner == HIDDEN else known))
        if plan.problems:
            return Plan(row, Outcome.REFUSED, subject, problems=plan.problems)
        return plan

    def _refusal(self, row: Row, ids: list[int], subject: Subject | None) -> str:
        settings = self._settings
        if len(ids) > 1:
            return str(self.several)
        if subject is None:
            if settings.match is Match.NUMBER and row.match_key:
                return str(self.no_number)
            return str(self.nobody) if settings.mode is Mode.UPDATE else ""
        if subject.row is not None and settings.again is Again.REFUSE:
            return str(self.again) % {"row": subject.row}
        if settings.mode is Mode.CREATE and subject.row is None:
            return str(self.there)
        return ""

    def _create(self, row: Row) -> Plan:
        given = {name: value for name, value in row.values.items() if not is_empty(name, value)}
        values: dict[str, Any] = {**self._defaults, **given}
        if "source" not in row.values:
            values["source"] = "import"
        self._add_label(values, values.get("labels"))
        # A field that no column brings cannot be asked of every row.
        asked = {**dict.fromkeys(self._required), **values}
        problems = missing(self._required, asked) if self._required else []
        if not any(values.get(name) for name in IDENTIFYING):
            problems.append(("", _("There is neither a name nor an e-mail address nor a telephone number.")))
        return Plan(row, Outcome.CREATED, None, values, problems=problems)

    def _change(self, row: Row, subject: Subject) -> Plan:
        values: dict[str, Any] = {}
        for name, new in row.values.items():
            # Whoever was found by an address has it already, perhaps beside the first one.
            if name == "email" and self._settings.match is Match.EMAIL:
                continue
            result = self._resulting(self._attributes[name], subject.values.get(name), new)
            if result is not _KEEP and differs(name, subject.values.get(name), plain(result)):
                values[name] = result
        self._add_label(values, values.get("labels", subject.values.get("labels")))
        changes = {name: (subject.values.get(name), plain(value)) for name, value in values.items()}
        plan = Plan(row, Outcome.CHANGED if changes else Outcome.EQUAL, subject, values, changes)
        plan.problems += missing(self._attributes, values)
        plan.problems += self._left(values, subject)
        return plan

    def _left(self, values: Mapping[str, Any], subject: Subject) -> list[Problem]:
        if any(values.get(name, subject.values.get(name)) for name in IDENTIFYING):
            return []
        return [("", _("The customer would be left without a name and an address."))]

    def _resulting(self, attribute: Attribute, old: Any, new: Any) -> Any:
        policy = self._settings.policy(attribute.name)
        if new is None or new == []:
            clears = self._settings.clears and policy is Policy.OVERWRITE
            return ([] if attribute.type is FieldType.MULTI else None) if clears else _KEEP
        if attribute.type is FieldType.EMAIL and old and normalise_email(old) == normalise_email(new):
            return _KEEP
        if policy is Policy.KEEP or (policy is Policy.FILL and not is_empty(attribute.name, old)):
            return _KEEP
        return _appended(attribute, old, new) if policy is Policy.APPEND and old else new

    def _add_label(self, values: dict[str, Any], have: list[str] | None) -> None:
        label = self._settings.label
        if label and label not in (have or ()):
            values["labels"] = [*(have or ()), label]


def missing(attributes: Mapping[str, Attribute], values: Mapping[str, Any]) -> list[Problem]:
    """Return the required fields that would be empty."""
    return [(str(attributes[name].title), text) for name, text in require(attributes, values).items()]


def _appended(attribute: Attribute, old: Any, new: Any) -> Any:
    if isinstance(old, list):
        return [*old, *(item for item in new if item not in old)]
    if new in old.split("\n") or new == old:
        return _KEEP
    joined = f"{old}\n{new}"
    return joined if len(joined) <= attribute.limit else _KEEP
