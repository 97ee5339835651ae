"""The report of a move as CSV: all that was made or matched, and all that was not taken."""

import csv
import io
from collections.abc import Iterator, Sequence

from core.api import _, absolute_url, db, guard_cell

from .kinds import TITLES, Kind
from .models import Outcome
from .queries import lines_of, made_by, notes_of
from .words import OUTCOMES

_PAGE = 500
_MADE = (Outcome.CREATED, Outcome.MATCHED)


def report_file(run_id: int) -> Iterator[bytes]:
    """Yield the file in pieces."""
    yield b"\xef\xbb\xbf" + _line(
        [_("Kind"), _("Number in WordPress"), _("What became of it"), _("Note"), _("Where it is")]
    )
    after = 0
    while lines := lines_of(run_id, after, _PAGE):
        after = lines[-1].id
        # What was made stands below, with its note.
        apart = [one for one in lines if one.outcome not in _MADE]
        pieces = [_row(one.kind, one.source_id, one.outcome, one.message, one.url) for one in apart]
        db.session.rollback()
        yield b"".join(pieces)
    after = 0
    while made := made_by(run_id, after, _PAGE):
        after = made[-1].id
        notes = notes_of(run_id, [one.source_id for one in made])
        pieces = [
            _row(one.kind, one.source_id, one.outcome, notes.get((one.kind, one.source_id), ""), one.url)
            for one in made
        ]
        db.session.rollback()
        yield b"".join(pieces)


def _row(kind: str, number: int, outcome: str, note: str, url: str) -> bytes:
    title = OUTCOMES[outcome][0] if outcome in OUTCOMES else outcome
    return _line([str(TITLES[Kind(kind)]), str(number), str(title), note, absolute_url(url) if url else ""])


def _line(cells: Sequence[str]) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerow([guard_cell(str(cell)) for cell in cells])
    return buffer.getvalue().encode()
