"""`ImportKind`: one more kind of rows that files may bring. A plugin says what its rows are.

Core keeps the wizard, the check with its differences, refused rows, saved columns and rules, the
job that goes on where it was killed, and the undoing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from core.conditions.fields import Choice, FieldType
from core.errors import KaiinError
from core.imports.row import Problem, Row

# A row of the file, read: `number`, `values` by column, `problems`, and the `group` that it is in.
ImportLine = Row


@dataclass(frozen=True, slots=True)
class ImportColumn:
    """What a column of the file can be.

    A new row needs the `required` ones. What `finds` serves only to find what the row is about and
    is never written. What `drifts` changes with the days, so that another value does not mean that
    somebody changed it. Whoever may not see `customer_field` of customers plainly gets no such column.
    """

    name: str
    title: Any
    type: FieldType = FieldType.TEXT
    limit: int = 200
    choices: Callable[[], Sequence[Choice]] | Sequence[Choice] = ()
    required: bool = False
    finds: bool = False
    drifts: bool = False
    aliases: tuple[str, ...] = ()
    customer_field: str = ""


@dataclass(frozen=True, slots=True)
class ImportMatch:
    """A way to find what is there already; of each tuple in `needs` the file must bring one column."""

    name: str
    title: Any
    help: Any
    needs: tuple[tuple[str, ...], ...]


@dataclass(slots=True)
class ImportRecord:
    """One thing that is there, or would be (its number is negative then).

    `values` are as JSON keeps them, dates in ISO form. `customer_id` is whose it is, None for nobody's.
    """

    id: int
    group: str
    values: dict[str, Any]
    customer_id: int | None = None


@dataclass(frozen=True, slots=True)
class ImportJob:
    """For what rows are written: the number of the import and the account that began it."""

    import_id: int
    by: int | None


class ImportRows(Protocol):
    """What works on the rows of one file. Made anew for each check, run and undoing.

    `place`, `read` and `find` get many rows at once and ask the database once for all. So do the verbs:
    each gets many things, of one group at most one, and answers for each in its order. A KaiinError as
    an answer refuses that one with its words, and nothing may have been written for it. What a verb
    raises undoes all that this call wrote, and the verb is called again with fewer, at last with one.
    """

    def place(self, lines: Sequence[ImportLine]) -> None:
        """Set `group` of each line, or add a problem. Rows of one group can be about one thing."""

    def read(self, groups: Sequence[str]) -> Iterable[ImportRecord]:
        """Return all that is there in these groups."""

    def find(self, numbers: Sequence[int]) -> Iterable[ImportRecord]:
        """Return what is there by number."""

    def fitting(self, line: ImportLine, records: Sequence[ImportRecord]) -> Sequence[ImportRecord]:
        """Return which of the group's records a line may be about: several refuse it, none is new."""

    def judge(
        self, values: dict[str, Any], record: ImportRecord | None, others: Sequence[ImportRecord]
    ) -> Sequence[Problem]:
        """Complete what would be written, and say why it must not be: pairs of a title and a reason.

        `values` are those of a new thing (`record` is None), or only those that would change;
        `others` is the rest of the group. Asks no database.
        """

    def create(
        self, lines: Sequence[tuple[ImportLine, Mapping[str, Any]]], job: ImportJob
    ) -> Sequence[ImportRecord | KaiinError]:
        """Write new things: lines with their values."""

    def change(
        self, changes: Sequence[tuple[ImportRecord, Mapping[str, Any]]], job: ImportJob
    ) -> Sequence[KaiinError | None]:
        """Write what changes about things."""

    def take_back(self, records: Sequence[ImportRecord], job: ImportJob) -> Sequence[KaiinError | None]:
        """Undo `create` of things whose values are as they were written."""

    def put_back(
        self, changes: Sequence[tuple[ImportRecord, Mapping[str, Any]]], job: ImportJob
    ) -> Sequence[KaiinError | None]:
        """Undo `change`: give the old values, which are as JSON keeps them."""

    def show(self, number: int) -> tuple[str, str] | None:
        """Return the name and the address of a page of a thing; None when it is gone."""


@dataclass(frozen=True, slots=True)
class ImportKind:
    """One more kind of rows; `name` begins with the plugin's and a dot.

    Nobody without `permission` meets it, apart from the right to import at all. `columns` is asked
    in the reader's language; the first of `matches` that a file's columns allow is proposed. `rows` gets
    the name of the chosen one.
    """

    name: str
    title: Any
    help: Any
    permission: str
    columns: Callable[[], Sequence[ImportColumn]]
    matches: Sequence[ImportMatch]
    rows: Callable[[str], ImportRows]
