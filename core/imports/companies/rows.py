"""Turns the cells of a row into the values of a company."""

from typing import Any

from core.customers.names import company_key
from core.imports.companies.columns import PARENT
from core.imports.rows import Row, RowReader
from core.imports.settings import Match


class CompanyReader(RowReader):
    """Reads rows of companies."""

    def _find_keys(self, row: Row) -> None:
        values: dict[str, Any] = row.values
        if PARENT in values:
            row.parent = values.pop(PARENT) or ""
        match self._settings.match:
            case Match.NUMBER:
                row.match_key = str(row.customer_number) if row.customer_number else None
            case Match.CORPORATE_NUMBER:
                row.match_key = values.get("corporate_number")
            case Match.NAME:
                row.match_key = company_key(values["name"]) if values.get("name") else None
