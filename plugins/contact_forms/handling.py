"""What happens to a form's messages, as the owner set it: frozen values, kept as JSON with the form."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from core.api import db, record_audit

from .models import Form, new_revision
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


@dataclass(frozen=True, slots=True)
class Handling:
    """Everything that is set for a form beside its questions and texts."""

    receipt: ReceiptFormat = field(default_factory=ReceiptFormat)
    routing: Routing = field(default_factory=Routing)


def read_handling(stored: Mapping[str, Any] | None) -> Handling:
    """Freeze what is stored; what was never set is as usual."""
    stored = stored or {}
    return Handling(
        receipt=ReceiptFormat(**stored.get("receipt", {})), routing=read_routing(stored.get("routing", {}))
    )


def save_receipt_format(form: Form, receipt: ReceiptFormat, *, by: int | None) -> None:
    """Set how the form's next receipt numbers look; those that were given stay."""
    _save_part(form, "receipt", asdict(receipt), by=by)


def save_routing(form: Form, routing: Routing, *, by: int | None) -> None:
    """Set the rules by which the form's messages find their people."""
    _save_part(form, "routing", write_routing(routing), by=by)


def _save_part(form: Form, part: str, value: Any, *, by: int | None) -> None:
    form.handling = {**form.handling, part: value}
    form.revision = new_revision()
    db.session.flush()
    record_audit(
        "contact_forms.form.handling", target=("contact_forms.form", form.id), by=by, data={"part": part}
    )
