"""Verbs of the leak test: ask for one, do it, keep the last ones."""

import logging
import subprocess
from collections.abc import Sequence

from sqlalchemy import delete, select

from core.activity.services import record_audit
from core.db import db, transaction, utcnow
from core.jobs.services import enqueue
from core.leaks.models import LeakTest, LeakTestState
from core.leaks.process import run_in_own_process
from core.plugin_host.host import current_host

log = logging.getLogger(__name__)

KEPT = 10


def last_tests() -> Sequence[LeakTest]:
    """Return the kept tests, the newest first."""
    return db.session.execute(select(LeakTest).order_by(LeakTest.id.desc()).limit(KEPT)).scalars().all()


def ask_for_test(*, by: int | None = None, in_background: bool = True) -> int:
    """Note a test and return its number; one that waits already is not asked for twice.

    Needs an open transaction.
    """
    waiting = select(LeakTest.id).where(LeakTest.state == LeakTestState.WAITING).order_by(LeakTest.id.desc())
    found = db.session.execute(waiting.limit(1)).scalar()
    if found is not None and in_background:
        return found
    test = LeakTest(asked_by=by)
    db.session.add(test)
    db.session.flush()
    record_audit("content.leak_test", target=("leak_test", test.id), by=by)
    _forget_old()
    if in_background:
        enqueue("core.leak_test", {"test_id": test.id})
    return test.id


def _forget_old() -> None:
    newest = select(LeakTest.id).order_by(LeakTest.id.desc()).limit(KEPT)
    db.session.execute(delete(LeakTest).where(LeakTest.id.not_in(db.session.execute(newest).scalars().all())))


def do_test(test_id: int) -> LeakTest | None:
    """Run a test that waits and keep what it found; None when it is gone or was done."""
    test = db.session.get(LeakTest, test_id)
    if test is None or test.state != LeakTestState.WAITING:
        return None
    configuration = current_host().configuration
    # The test takes a while: no connection is held meanwhile.
    db.session.rollback()
    try:
        outcome, state = run_in_own_process(configuration), LeakTestState.DONE
    except (subprocess.SubprocessError, OSError, ValueError):
        log.exception("a leak test could not be done")
        outcome, state = {}, LeakTestState.FAILED
    with transaction():
        kept = db.session.get_one(LeakTest, test_id)
        kept.outcome, kept.state, kept.finished_at = outcome, state, utcnow()
    return kept
