"""What happens to a form's messages, as the owner set it: frozen values, kept as JSON with the form."""

import enum
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from core.api import bump_version, db, record_audit

from ..models import Form, new_revision
from .routing_rules import Routing, read_routing, write_routing


@dataclass(frozen=True, slots=True)
class ReceiptFormat:
    """How a form's receipt numbers look: `Q-2026-00042` has prefix, year and five digits."""

    prefix: str = ""
    with_year: bool = True
    digits: int = 5

    def write(self, year: int, number: int) -> str:
        """Return the number as text. The last part is always the number, so no two are alike."""
        parts = (self.prefix, str(year) if self.with_year else "", f"{number:0{self.digits}d}")
        return "-".join(part for part in parts if part)


class Repeat(enum.StrEnum):
    """What an answer does to what is known of the customer already."""

    KEEP = "keep"
    FILL = "fill"
    OVERWRITE = "overwrite"
    APPEND = "append"


@dataclass(frozen=True, slots=True)
class Handling:
    """Everything that is set for a form beside its questions and texts."""

    receipt: ReceiptFormat = field(default_factory=ReceiptFormat)
    routing: Routing = field(default_factory=Routing)
    # What a repeat submission does, by what of the customer the answer is.
    repeats: Mapping[str, Repeat] = field(default_factory=dict)
    # After so many days the files of messages are deleted; None keeps them as long as the message.
    file_days: int | None = None
    # Who may see and send the form: everyone, `members`, or `rule:<name>` (`audience.readers`).
    readers: str = ""


def read_handling(stored: Mapping[str, Any] | None) -> Handling:
    """Freeze what is stored; what was never set is as usual."""
    stored = stored or {}
    return Handling(
        receipt=ReceiptFormat(**stored.get("receipt", {})),
        routing=read_routing(stored.get("routing", {})),
        repeats={name: Repeat(value) for name, value in stored.get("repeats", {}).items()},
        file_days=stored.get("file_days"),
        readers=str(stored.get("readers", "")),
    )


def save_receipt_format(form: Form, receipt: ReceiptFormat, *, by: int | None) -> None:
    """Set how the form's next receipt numbers look; those that were given stay."""
    _save_part(form, "receipt", asdict(receipt), by=by)


def save_routing(form: Form, routing: Routing, *, by: int | None) -> None:
    """Set the rules by which the form's messages find their people."""
    _save_part(form, "routing", write_routing(routing), by=by)


def save_repeats(form: Form, repeats: Mapping[str, str], *, by: int | None) -> None:
    """Set what repeat submissions do to the customer."""
    _save_part(form, "repeats", dict(repeats), by=by)


def save_file_days(form: Form, days: int | None, *, by: int | None) -> None:
    """Set how long the files of the form's messages stay."""
    _save_part(form, "file_days", days, by=by)


def save_readers(form: Form, readers: str, *, by: int | None) -> None:
    """Set who may see and send the form."""
    _save_part(form, "readers", readers, by=by)
    # Pages that hold the form may be kept for guests as they are.
    bump_version()


def _save_part(form: Form, part: str, value: Any, *, by: int | None) -> None:
    form.handling = {**form.handling, part: value}
    form.revision = new_revision()
    db.session.flush()
    record_audit(
        "contact_forms.form.handling", target=("contact_forms.form", form.id), by=by, data={"part": part}
    )
