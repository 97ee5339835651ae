"""Takes an export out, leaving an entry in the audit log."""

from collections.abc import Iterator, Sequence

from core.api import (
    Export,
    LossReport,
    SignedInAccount,
    count_rows,
    record_audit,
    stream_export,
    transaction,
)


def start_export(
    export: Export,
    columns: Sequence[str],
    encoding: str,
    *,
    account: SignedInAccount | None,
    report: LossReport | None = None,
) -> Iterator[bytes]:
    """Return the file in pieces; who took what is on record before the first of them leaves.

    `account` is None for the command line. Raises ValidationFailed for columns that are not on
    offer. Opens its own transaction.
    """
    pieces = stream_export(export, columns, encoding=encoding, account=account, report=report)
    with transaction():
        record_audit(
            "csv_export.downloaded" if account is not None else "csv_export.written",
            by=account.id if account is not None else None,
            data={
                "export": export.name,
                "rows": count_rows(export),
                "columns": list(columns),
                "encoding": encoding,
            },
        )
    return pieces
