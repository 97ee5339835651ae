"""Takes a table out on the command line, leaving a line in the log of exports."""

import getpass
from collections.abc import Iterator, Sequence

from core.api import (
    Export,
    LossReport,
    Purpose,
    Taken,
    count_rows,
    export_fields,
    note_export,
    stream_export,
    transaction,
)


def start_export(
    export: Export, columns: Sequence[str], encoding: str, purpose: Purpose, report: LossReport
) -> Iterator[bytes]:
    """Return the file in pieces; who took what is on record before the first of them leaves.

    Raises ValidationFailed for columns that are not on offer. Opens its own transaction.
    """
    pieces = stream_export(export, columns, encoding=encoding, report=report)
    titles = {field.name: str(field.title) for field in export_fields(export)}
    headings = [titles[name] for name in columns]
    with transaction():
        taken = Taken(export.name, str(export.title), count_rows(export), encoding, headings)
        note_export(taken, purpose, account=None, operator=operator())
    return pieces


def operator() -> str:
    """Return the user of the operating system who runs the command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container may have a user without a name.
        return "?"
