"""Has files looked at by scanners: the owner's ClamAV daemon and other plugins.

It happens after the visitor has their answer. Where there is a scanner, a file is kept back until
all of them have called it clean; what one of them calls infected nobody gets.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from core.api import (
    call_plugin,
    current_snapshot,
    db,
    enqueue,
    file_store,
    plugin_settings,
    record_audit,
    transaction,
)

from ..models_files import IS_UNCHECKED, FileState, SentFile
from .clamd import ask_clamd
from .held import OWNER
from .verdicts import CLEAN, Finding, Verdict, ask_again_later

SCAN = "contact_forms.scan"
_HOOK = "scan_file"
_BATCH = 100


def has_scanner() -> bool:
    """Tell whether anybody looks at files here."""
    return bool(plugin_settings(OWNER)["clamd"] or current_snapshot().implementations(_HOOK))


def request_scan() -> None:
    """See to it that new files are looked at. Needs an open transaction."""
    if has_scanner():
        enqueue(SCAN)


def scan_waiting(context: Any) -> int:
    """Look at every file that a message has and nobody has called clean yet; return how many were judged."""
    done, last = 0, 0
    while has_scanner():
        found = select(SentFile.id, SentFile.stored, SentFile.name, SentFile.media_type)
        waiting = found.where(IS_UNCHECKED, SentFile.id > last, SentFile.submission_id.is_not(None))
        files = db.session.execute(waiting.order_by(SentFile.id).limit(_BATCH)).all()
        db.session.rollback()
        for file in files:
            last = file.id
            done += _scan(*file)
            context.progress(done)
        if len(files) < _BATCH:
            break
    return done


def _scan(file_id: int, stored: str, name: str, media_type: str) -> bool:
    """Ask all scanners about a file, outside any transaction, and note what they say."""
    verdict = CLEAN
    try:
        for verdict in _verdicts(stored, name, media_type):
            if verdict.finding is not Finding.CLEAN:
                break
    except FileNotFoundError:
        verdict = ask_again_later("the file is not there")
    with transaction():
        file = db.session.get(SentFile, file_id)
        if file is None or file.state != FileState.UNCHECKED:
            return False
        file.detail = verdict.words
        if verdict.finding is Finding.LATER:
            return False
        is_infected = verdict.finding is Finding.INFECTED
        file.state = FileState.BLOCKED if is_infected else FileState.CLEAN
        if is_infected:
            record_audit(
                "contact_forms.file.blocked",
                target=("contact_forms.submission", file.submission_id or 0),
                data={"file": file_id, "found": verdict.words},
            )
        return True


def _verdicts(stored: str, name: str, media_type: str) -> Iterator[Verdict]:
    address = plugin_settings(OWNER)["clamd"]
    if address:
        with file_store(OWNER).open(stored) as stream:
            yield ask_clamd(address, stream)
    for one in current_snapshot().implementations(_HOOK):
        with file_store(OWNER).open(stored) as stream:
            given = {"stream": stream, "name": name, "media_type": media_type}
            values = {argument: given[argument] for argument in one.argnames}
            broken = ask_again_later("a plugin that looks at files failed")
            verdict = call_plugin(one.plugin_name, one.function, default=broken, **values)
            if isinstance(verdict, Verdict):
                yield verdict
