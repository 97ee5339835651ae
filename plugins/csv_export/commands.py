"""`kaiin export`: the same files from the command line."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import click

from core.api import Export, LossReport, export_fields, find_export, list_exports, purpose_of_command

from .selection import CP932, UTF8
from .services import start_export

ENCODINGS = {"utf-8": UTF8, "cp932": CP932}


@click.command("export")
@click.argument("name", required=False)
@click.option("--out", help="The file to write, or - for standard output.")
@click.option("--columns", help="Names with commas between them; by default every column.")
@click.option("--encoding", type=click.Choice([*ENCODINGS]), default="utf-8", show_default=True)
@click.option("--purpose", help="What the file is for, in your own words; it stands in the log of exports.")
def export(
    name: str | None, out: str | None, columns: str | None, encoding: str, purpose: str | None
) -> None:
    """Write the table NAME as CSV; without NAME, list the tables and their columns."""
    if name is None:
        for offered in list_exports():
            click.echo(f"{offered.name}: {', '.join(_names(offered))}")
        return
    if out is None:
        raise click.UsageError("Say where to write: --out FILE, or --out - for standard output.")
    if not (purpose or "").strip():
        raise click.UsageError("Say what the file is for: --purpose TEXT.")
    chosen = find_export(name)
    names = [part.strip() for part in columns.split(",")] if columns else _names(chosen)
    report = LossReport()
    pieces = start_export(chosen, names, ENCODINGS[encoding], purpose_of_command(purpose or ""), report)
    if out == "-":
        _copy(pieces, sys.stdout.buffer)
    else:
        _write(pieces, Path(out))
    _tell_losses(report)


def _names(offered: Export) -> list[str]:
    return [field.name for field in export_fields(offered)]


def _write(pieces: Iterator[bytes], file: Path) -> None:
    # Written aside: an export that fails half-way leaves no file that looks whole.
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "wb") as target:
            _copy(pieces, target)
        draft.replace(file)
    except OSError as error:
        raise click.ClickException(f"{file.name} cannot be written: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)


def _copy(pieces: Iterator[bytes], target: BinaryIO) -> None:
    for piece in pieces:
        target.write(piece)


def _tell_losses(report: LossReport) -> None:
    if not report.count:
        return
    click.echo(f"{report.count} characters are not in CP932 and were written as 〓:", err=True)
    for lost in report.examples:
        click.echo(f"  {lost.character} ({lost.code}), row {lost.row}, {lost.column}", err=True)
