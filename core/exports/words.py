"""Exports in words."""

from collections.abc import Mapping
from typing import Any

from core.exports.models import ExportEntry, FileState
from core.exports.purposes import OTHER
from core.i18n import _, _l

SENT = "sent"
STATES: Mapping[str, tuple[Any, str]] = {
    SENT: (_l("Sent at once"), "success"),
    FileState.WAITING.value: (_l("Being made"), "info"),
    FileState.READY.value: (_l("Ready to download"), "accent"),
    FileState.EXPIRED.value: (_l("Deleted"), "neutral"),
    FileState.FAILED.value: (_l("Failed"), "danger"),
    FileState.CANCELLED.value: (_l("Cancelled"), "neutral"),
}
KINDS = {
    "utf-8-sig": "CSV (UTF-8)",
    "cp932": "CSV (Shift_JIS)",
    "xlsx": "Excel (XLSX)",
    "zip": "ZIP",
}


def purpose_text(stored: str) -> str:
    """Return a purpose as people read it."""
    return _("Something else") if stored == OTHER else stored


def say_purpose(entry: ExportEntry) -> str:
    """Return the purpose with what was said to it."""
    if not entry.note:
        return purpose_text(entry.purpose)
    if entry.purpose == OTHER:
        return entry.note
    return _("%(purpose)s: %(note)s", purpose=entry.purpose, note=entry.note)
