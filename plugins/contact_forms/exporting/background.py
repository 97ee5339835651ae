"""Files of messages that are made in the background, and what the log says of them."""

import tempfile
from collections.abc import Mapping
from typing import IO, Any

from core.api import NotAllowed, SignedInAccount, Taken, _, make_file, ngettext, site_today

from .choice import CSV_CP932, XLSX, Choice, choice_from_json, read_offer
from .columns import read_columns
from .files import write_csv, write_xlsx
from .rows import Plan, make_plan

EXPORT = "contact_forms.export"
NAME = "messages"


def encoding_of(choice: Choice) -> str:
    """Return the encoding of a choice's CSV."""
    return "cp932" if choice.format == CSV_CP932 else "utf-8-sig"


def file_name(choice: Choice) -> str:
    """Return the name of the file for whoever takes it."""
    return f"{NAME}-{site_today().isoformat()}.{'xlsx' if choice.format == XLSX else 'csv'}"


def taken_of(plan: Plan, rows: int) -> Taken:
    """Return what leaves, for the log."""
    choice = plan.choice
    period = " – ".join(str(day) if day else "" for day in (choice.first, choice.last)).strip()
    forms = _(", ").join(plan.titles.get(form_id, str(form_id)) for form_id in plan.forms)
    parts = [forms, period.strip("– ") and period]
    if plan.masked:
        parts.append(
            ngettext("senders of %(num)d form masked", "senders of %(num)d forms masked", len(plan.masked))
        )
    return Taken(
        "contact_forms.messages",
        _("Messages from forms"),
        rows,
        XLSX if choice.format == XLSX else encoding_of(choice),
        [str(plan.columns.titles[name]) for name in plan.names],
        _("; ").join(part for part in parts if part),
    )


def export_in_background(context: Any, entry_id: int) -> None:
    """Make the file of an export."""
    make_file(context, entry_id, _write)


def _write(spec: Mapping[str, Any], _account: SignedInAccount, told: Any) -> tuple[IO[bytes], int, int]:
    """Write the file that the choice says, for whoever began it and with their rights of today."""
    choice, offer = choice_from_json(spec), read_offer()
    forms = offer.wanted(choice)
    if not forms:
        raise NotAllowed(_("Whoever began this may not do it any more."))
    plan = make_plan(choice, forms, dict(offer.forms), read_columns(forms))
    rows = 0

    def count(done: int) -> None:
        nonlocal rows
        rows = done
        told(done)

    if choice.format == XLSX:
        file = write_xlsx(plan, count)
        return file, rows, 0
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever keeps it closes it
    for piece in write_csv(plan, encoding_of(choice), count):
        file.write(piece)
    file.seek(0)
    return file, rows, 0
