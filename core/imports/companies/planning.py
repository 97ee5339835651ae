"""Says what a row would do to companies."""

from collections.abc import Mapping
from typing import Any

from core.customers.attributes import Attribute
from core.i18n import _l
from core.imports.companies.columns import PARENT
from core.imports.models import Outcome
from core.imports.plain import is_empty
from core.imports.planning import Plan, Planner, Subject, missing
from core.imports.rows import Problem, Row
from core.imports.settings import Policy, Settings


class CompanyPlanner(Planner):
    """Plans rows of companies; their parents are found when all rows are there."""

    several = _l("Several companies fit this row. Merge them first, or choose another match.")
    no_number = _l("There is no company with this number.")
    nobody = _l("No company fits this row.")
    again = _l("Row %(row)s of this file is about the same company.")
    there = _l("This company exists already.")

    def __init__(self, settings: Settings, attributes: Mapping[str, Attribute]) -> None:
        super().__init__(settings, attributes)
        # A company without a name is none, whatever the columns are.
        self._required = {name: attribute for name, attribute in attributes.items() if attribute.required}

    def _always(self) -> dict[str, Any]:
        return {}

    def _create(self, row: Row) -> Plan:
        values = {name: value for name, value in row.values.items() if not is_empty(name, value)}
        return Plan(
            row, Outcome.CREATED, None, values, problems=missing(self._required, {"name": None, **values})
        )

    def _left(self, values: Mapping[str, Any], subject: Subject) -> list[Problem]:
        return []

    def parent_wanted(self, plan: Plan) -> str | None:
        """Return what the row says of the parent: nothing to do (None), none at all (empty), or which."""
        text, policy = plan.row.parent, self._settings.policy(PARENT)
        if not text:
            clears = self._settings.clears and policy is Policy.OVERWRITE and plan.subject is not None
            return "" if text is not None and clears else None
        return None if policy is Policy.KEEP and plan.subject is not None else text
