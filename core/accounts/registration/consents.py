"""What members agree to: versions of the text, and who agreed to which, when."""

from typing import Any

from sqlalchemy import select, update

from core.accounts.member_models import Consent, ConsentText
from core.db import db
from core.plugin_host.snapshot import current_snapshot
from core.settings.services import save_site_settings


def save_consent_text(text: str, *, by: int | None = None) -> int:
    """Keep a new version when the text differs, and return the version that holds. Needs a transaction."""
    site = current_snapshot().site
    if text == site.consent_text:
        return site.consent_version
    version = site.consent_version + 1
    db.session.add(ConsentText(version=version, text=text))
    save_site_settings({"consent_text": text, "consent_version": version}, by=by)
    return version


def record_consent(customer_id: int, version: int) -> None:
    """Keep that a customer agreed to a version now. Needs a transaction."""
    known = select(Consent.id).where(Consent.customer_id == customer_id, Consent.version == version)
    if db.session.execute(known).first() is None:
        db.session.add(Consent(customer_id=customer_id, version=version))
        db.session.flush()


def move_consents(from_id: int, to_id: int) -> None:
    """Hand a customer's consents to another one who is the same person. Needs a transaction."""
    have = select(Consent.version).where(Consent.customer_id == to_id)
    moved = update(Consent).where(Consent.customer_id == from_id, Consent.version.not_in(have))
    moved = moved.values(customer_id=to_id)
    db.session.execute(moved.execution_options(synchronize_session=False))


def list_consents(customer_id: int) -> list[dict[str, Any]]:
    """Return what a customer agreed to, oldest first, as JSON values."""
    query = (
        select(Consent.version, Consent.given_at, ConsentText.text)
        .join(ConsentText, ConsentText.version == Consent.version)
        .where(Consent.customer_id == customer_id)
        .order_by(Consent.version)
    )
    return [
        {"version": row.version, "given_at": row.given_at.isoformat(), "text": row.text}
        for row in db.session.execute(query)
    ]
