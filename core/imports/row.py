"""One row of a file, read, and why it cannot be used."""

from dataclasses import dataclass, field
from typing import Any

# A column's title and a reason.
Problem = tuple[str, str]


@dataclass(slots=True)
class Row:
    """One row of the file, read. `values` holds None or [] for empty cells."""

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    customer_number: int | None = None
    match_key: str | None = None
    email_key: str | None = None
    # What a row of companies says of the parent; empty for an empty cell.
    parent: str | None = None
    # What a row of a plugin's kind may be about is among the things of this group.
    group: str | None = None

    @property
    def keys(self) -> list[str]:
        """Return by what this row may meet another one of the file."""
        keys = [f"m:{self.match_key}"] if self.match_key else []
        if self.group:
            keys.append(f"g:{self.group}")
        return [*keys, f"e:{self.email_key}"] if self.email_key else keys
