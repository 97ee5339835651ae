"""Certificates: what an erasure took and left."""

from collections.abc import Sequence

from core.customers.erasing_lines import ErasingLine, as_stored, from_stored
from core.db import db
from core.errors import NotFound
from core.i18n import _
from core.plugin_host.guards import collect
from core.privacy.models import Certificate


def erasing_lines(customer_id: int) -> list[tuple[str, ErasingLine]]:
    """Return what erasing a person takes and leaves: the owner of each line, and the line."""
    answers = collect("erasing_summary", customer_id=customer_id)
    return [(plugin, line) for plugin, lines in answers for line in lines]


def certify(customer_id: int, lines: Sequence[tuple[str, ErasingLine]], *, by: int | None) -> Certificate:
    """Keep what an erasure takes. Needs a transaction."""
    stored = [{**as_stored(line), "owner": owner} for owner, line in lines]
    row = Certificate(customer_number=customer_id, account_id=by, lines=stored)
    db.session.add(row)
    db.session.flush()
    return row


def get_certificate(certificate_id: int) -> Certificate:
    """Return a certificate; raise NotFound."""
    row = db.session.get(Certificate, certificate_id)
    if row is None:
        raise NotFound(_("There is no such certificate."))
    return row


def lines_of(row: Certificate) -> list[tuple[str, ErasingLine]]:
    """Return a certificate's lines in the reader's language."""
    return [(stored["owner"], from_stored(stored)) for stored in row.lines]
