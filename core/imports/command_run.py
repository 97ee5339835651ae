"""One import from the command line: the steps of the wizard in one process."""

import dataclasses
from typing import IO, Any

import click

from core.db import transaction
from core.errors import Conflict, ValidationFailed
from core.i18n import _
from core.imports import jobs, mappings, services, words
from core.imports.encodings import ENCODINGS
from core.imports.errors_file import error_file
from core.imports.models import ImportState
from core.imports.queries import find_mapping, get_import
from core.imports.settings import Into, Settings, as_data, read_settings

AUTO = "auto"
_RULES = {"match", "mode", "policies", "clears", "again", "label"}


@dataclasses.dataclass
class CommandImport:
    """An import on its way; `id` is its number in the list of imports."""

    id: int

    @classmethod
    def take(
        cls,
        file: IO[bytes],
        name: str,
        mapping: str,
        chosen: dict[str, Any] | None,
        encoding: str | None,
        into: str = Into.CUSTOMERS,
    ) -> "CommandImport":
        """Keep the file and say how it is read; raise ValidationFailed."""
        kept = services.keep_file(file)
        try:
            with transaction():
                row = services.create_import(kept, name, by=None, into=into)
                if encoding is not None:
                    given = read_settings(row.settings)
                    if encoding not in ENCODINGS:
                        raise ValidationFailed({"encoding": ", ".join(ENCODINGS)})
                    services.choose_reading(
                        row, encoding, given.delimiter, given.sheet, has_heading=given.has_heading
                    )
                settings = _mapped(read_settings(row.settings), mapping, chosen)
                services.save_settings(row, settings)
                number = row.id
        except BaseException:
            services.store().delete(kept.name)
            raise
        return cls(number)

    def check(self) -> None:
        """Make the dry run; raise Conflict when the file cannot be read."""
        with transaction():
            services.start_check(self.id, in_process=True)
        jobs.check(_progress, self.id)
        row = get_import(self.id)
        if row.state != ImportState.CHECKED:
            raise Conflict(row.problem or "")

    def run(self) -> None:
        """Import what was checked."""
        with transaction():
            services.start_run(self.id, by=None, in_process=True)
        jobs.run(_progress, self.id)

    def tell(self) -> None:
        """Print what would happen, or what did."""
        row = get_import(self.id)
        source = row.report or {name: getattr(row, name) for name in words.OUTCOMES}
        head = _("Dry run") if row.report else _("Import %(number)s", number=row.id)
        counts = ", ".join(f"{title} {source[name]:,}" for name, (title, _tone) in words.OUTCOMES.items())
        click.echo(f"{head}: {counts}")

    def write_errors(self, target: IO[bytes]) -> None:
        """Write the refused rows."""
        row = get_import(self.id)
        for piece in error_file(self.id, services.open_file(row), row.kind, read_settings(row.settings)):
            target.write(piece)

    def end(self, *, keep: bool) -> None:
        """Delete what a dry run or a failure left."""
        row = get_import(self.id)
        if not keep or row.state in (ImportState.CHECKED, ImportState.CHECKING, ImportState.DRAFT):
            with transaction():
                services.discard_import(self.id, by=None)


def _mapped(settings: Settings, mapping: str, chosen: dict[str, Any] | None) -> Settings:
    if chosen is not None:
        return _from_file(settings, chosen)
    if mapping == AUTO:
        return settings
    saved = find_mapping(mapping, settings.into)
    if saved is None:
        raise ValidationFailed(
            {"mapping": _("Nothing is saved under this name.")}, _("Nothing is saved under this name.")
        )
    return mappings.apply_mapping(settings, saved.settings)


def _from_file(settings: Settings, chosen: dict[str, Any]) -> Settings:
    """Return settings by a JSON file: `columns` is fields by heading, the rest are rules."""
    columns = chosen.get("columns", {})
    rules = {name: chosen[name] for name in _RULES & chosen.keys()}
    by_heading = [columns.get(heading, "") for heading in settings.headings] if columns else settings.columns
    try:
        return read_settings({**as_data(settings), **rules, "columns": by_heading})
    except (ValueError, TypeError, AttributeError):
        message = _("The file of settings says something that is not on offer.")
        raise ValidationFailed({"mapping": message}, message) from None


def _progress(done: int, _total: int | None = None) -> None:
    click.echo(f"\r{done:,}", nl=False, err=True)
