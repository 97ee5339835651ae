"""Verbs of packages: make, hand out, mail, forget."""

import datetime as dt
import secrets
from tempfile import TemporaryFile
from typing import IO

from sqlalchemy import func, select

from core.activity.models import Activity
from core.activity.services import record_audit
from core.customers.queries import get_customer, get_customer_for_change
from core.customers.report_files import files_of_customer
from core.db import after_commit, db, transaction, utcnow
from core.errors import Conflict, NotFound
from core.exports.purposes import Purpose, Taken, note_export
from core.files.store import FileStore, file_store
from core.i18n import _, current_language, in_language
from core.jobs.services import enqueue
from core.mail.services import queue_mail
from core.privacy.models import Package
from core.privacy.package.archive import write_package
from core.privacy.package.data import personal_data
from core.privacy.queries import get_request
from core.privacy.services import note_event
from core.security.sessions import current_account
from core.security.signing import sign, unsign

MAKE = "core.privacy.make_package"
MAILED = "core.privacy_package"
LINK = "privacy.package"
KEEP = dt.timedelta(days=7)
# What takes longer than a request should is left to a job.
MANY_LINES, MANY_FILES = 500, 20
MOST_BYTES = 8 * 1024**3
# A second click of the same person asks for the same package.
SAME = dt.timedelta(seconds=30)


def store() -> FileStore:
    """Return where packages are kept."""
    return file_store("core_privacy")


def is_large(customer_id: int) -> bool:
    """Tell whether making a package takes longer than a request should."""
    lines = select(func.count()).select_from(Activity).where(Activity.customer_id == customer_id)
    if db.session.execute(lines).scalar_one() > MANY_LINES:
        return True
    return len(files_of_customer(customer_id, for_member=True)) > MANY_FILES


def refuse_unconfirmed(request_id: int | None, customer_id: int) -> None:
    """Raise Conflict where a package would answer somebody who has not shown who they are."""
    if request_id is None:
        return
    row = get_request(request_id)
    if row.customer_id != customer_id:
        raise Conflict(_("This request is not this customer's."))
    if row.identity_at is None:
        raise Conflict(_("Confirm the identity first. Until then no data is handed out."))


def begin_package(
    customer_id: int,
    *,
    by: int | None,
    purpose: Purpose | None = None,
    request_id: int | None = None,
    with_notes: bool = False,
    for_member: bool = False,
    language: str | None = None,
) -> Package:
    """Add a package that is to be made; the same click twice gets the same one.

    Raises NotFound, Conflict. Needs a transaction; `make_package` or the job does the work.
    """
    get_customer_for_change(customer_id)
    refuse_unconfirmed(request_id, customer_id)
    same = select(Package).where(
        Package.customer_id == customer_id,
        Package.account_id.is_(by) if by is None else Package.account_id == by,
        Package.state.in_(("making", "ready")),
        Package.with_notes == with_notes,
        Package.created_at > utcnow() - SAME,
    )
    found = db.session.execute(same.order_by(Package.id.desc()).limit(1)).scalar()
    if found is not None and found.request_id == request_id:
        return found
    row = Package(
        customer_id=customer_id,
        request_id=request_id,
        account_id=by,
        purpose=purpose.text if purpose is not None else "",
        purpose_note=purpose.note if purpose is not None else "",
        with_notes=with_notes,
        for_member=for_member,
        language=language or current_language(),
        expires_at=utcnow() + KEEP,
    )
    db.session.add(row)
    db.session.flush()
    if is_large(customer_id):
        row.job_id = enqueue(MAKE, {"package_id": row.id})
    data = {"package": row.id, "with_notes": with_notes, "request": request_id}
    record_audit("privacy.package_made", target=("customer", customer_id), by=by, data=data)
    note_event(request_id, "package_made", by=by)
    return row


def make_package(package_id: int) -> None:
    """Write the file of a package and keep it; does nothing for one that is made. Opens transactions."""
    row = db.session.get(Package, package_id)
    if row is None or row.state != "making":
        return
    with TemporaryFile() as out:
        with in_language(row.language):
            data = personal_data(row.customer_id, with_notes=row.with_notes)
            files = files_of_customer(row.customer_id, for_member=not row.with_notes)
            write_package(out, data, files, with_notes=row.with_notes)
        out.seek(0)
        kept = store().save(out, limit=MOST_BYTES)
    with transaction():
        row = lock_package(package_id)
        if row is None or row.state != "making":
            # Erased meanwhile, or made by another worker.
            store().delete(kept.name)
            return
        row.state, row.stored, row.size, row.digest = "ready", kept.name, kept.size, kept.digest


def fail_package(package_id: int) -> None:
    """Note that a package could not be made."""
    with transaction():
        row = lock_package(package_id)
        if row is not None and row.state == "making":
            row.state = "failed"


def write_own_package(out: IO[bytes], customer_id: int) -> None:
    """Write what a member takes along by themselves."""
    data = personal_data(customer_id, with_notes=False)
    write_package(out, data, files_of_customer(customer_id, for_member=True))


def get_package(package_id: int) -> Package:
    """Return a package; raise NotFound."""
    row = db.session.get(Package, package_id)
    if row is None:
        raise NotFound(_("There is no such package."))
    return row


def open_package(package_id: int, *, by: int | None, event: str) -> tuple[Package, IO[bytes]]:
    """Return a package's file for handing it out, which is noted. Raises NotFound, Conflict."""
    row = lock_package(package_id)
    if row is None:
        raise NotFound(_("There is no such package."))
    refuse_unconfirmed(row.request_id, row.customer_id)
    if row.state != "ready" or row.stored is None or row.expires_at <= utcnow():
        raise Conflict(_("This package is not there any more. Make a new one."))
    try:
        stream = store().open(row.stored)
    except FileNotFoundError:
        raise Conflict(_("This package is not there any more. Make a new one.")) from None
    row.downloads, row.downloaded_at = row.downloads + 1, utcnow()
    _note_way_out(row, by)
    data = {"package": row.id}
    record_audit(f"privacy.{event}", target=("customer", row.customer_id), by=by, data=data)
    note_event(row.request_id, event, by=by)
    return row, stream


def _note_way_out(row: Package, by: int | None) -> None:
    """Note in the log of exports what staff hand out; what members fetch is their own."""
    account = current_account()
    if by is None or account is None or not account.is_staff:
        return
    taken = Taken("core.privacy_package", _("Package of data"), 1, "zip", customer_id=row.customer_id)
    note_export(taken, Purpose(row.purpose, row.purpose_note), account=account)


def mail_package(package_id: int, *, by: int | None) -> str:
    """Mail a link to the package to its customer and return the address. Raises Conflict, NotFound.

    Each mail makes the link of the one before useless.
    """
    row = lock_package(package_id)
    if row is None:
        raise NotFound(_("There is no such package."))
    refuse_unconfirmed(row.request_id, row.customer_id)
    customer = get_customer(row.customer_id)
    if not customer.email:
        raise Conflict(_("No e-mail address of this customer is known."))
    if row.state != "ready" or row.expires_at <= utcnow():
        raise Conflict(_("This package is not there any more. Make a new one."))
    row.mailed_nonce, row.mailed_at = secrets.token_hex(16), utcnow()
    row.code_hash = row.code_until = None
    queue_mail(
        MAILED,
        customer.email,
        {"path": f"/your-data/{sign(LINK, [row.id, row.mailed_nonce])}", "until": row.expires_at},
        language=row.language,
        related=("customer", row.customer_id),
    )
    _note_way_out(row, by)
    record_audit(
        "privacy.package_mailed", target=("customer", row.customer_id), by=by, data={"package": row.id}
    )
    note_event(row.request_id, "package_mailed", by=by)
    return customer.email


def find_mailed(token: str) -> Package | None:
    """Return the package that a mailed link leads to, while it is good."""
    found = unsign(LINK, token, max_age=int(KEEP.total_seconds()))
    if not isinstance(found, list) or len(found) != 2:
        return None
    row = db.session.get(Package, found[0])
    good = row is not None and row.state == "ready" and row.expires_at > utcnow()
    return row if row is not None and good and row.mailed_nonce == found[1] else None


def drop_packages(customer_id: int) -> None:
    """Delete the packages of a customer, and their files once that is durable."""
    for row in db.session.scalars(select(Package).where(Package.customer_id == customer_id)):
        _drop_file(row)
        db.session.delete(row)
    db.session.flush()


def forget_packages() -> int:
    """Delete files whose time is over; return how many. Needs a transaction."""
    old = select(Package).where(
        Package.state.in_(("making", "ready", "failed")), Package.expires_at <= utcnow()
    )
    rows = db.session.scalars(old.limit(200)).all()
    for row in rows:
        _drop_file(row)
        row.state, row.mailed_nonce, row.code_hash = "gone", None, None
    db.session.flush()
    return len(rows)


def _drop_file(row: Package) -> None:
    name, row.stored = row.stored, None
    if name is not None:
        after_commit(lambda: store().delete(name))


def lock_package(package_id: int) -> Package | None:
    """Return a package under a lock, or None."""
    query = select(Package).where(Package.id == package_id).with_for_update(of=Package)
    return db.session.execute(query.execution_options(populate_existing=True)).scalar()
