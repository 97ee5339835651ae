import datetime as dt

from sqlalchemy import func, select

from core.db import db, transaction, utcnow
from core.jobs import leases
from core.jobs import sweep as sweeping
from core.jobs.engine import engine
from core.jobs.models import JobRow, JobState
from core.jobs.runner import run_due_jobs
from core.jobs.services import enqueue
from core.jobs.sweep import sweep


def count(name: str) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(JobRow).where(JobRow.name == name))


def test_periodic_jobs_get_one_row_a_period_however_often_it_is_swept(lab, runs):
    for _ in range(3):
        sweep()
    assert count("job_lab.often") == 1
    assert count("core.prune_jobs") == 1


def test_all_of_cores_own_jobs_run_on_an_empty_site(lab, runs):
    sweep()
    run_due_jobs()
    db.session.rollback()
    states = set(db.session.scalars(select(JobRow.state)))
    assert states == {JobState.DONE}
    assert runs == ["often"]


def test_a_row_that_the_engine_forgot_is_woken(lab, runs):
    with transaction():
        job_id = enqueue("job_lab.note", {"text": "forgotten"})
    engine().huey.storage.flush_queue()
    sweep()
    woken = {task.args[0] for task in engine().huey.pending()}
    assert job_id in woken


def test_a_row_whose_worker_died_is_woken(lab, runs):
    with transaction():
        job_id = enqueue("job_lab.note", {"text": "left behind"})
    leases.claim(job_id, 0)
    engine().huey.storage.flush_queue()
    sweep()
    assert job_id in {task.args[0] for task in engine().huey.pending()}
    run_due_jobs()
    assert ("left behind", 2) in runs


def test_behind_a_long_queue_only_what_presses_is_woken_and_it_comes_first(lab, runs, monkeypatch):
    monkeypatch.setattr(sweeping, "WAKE_AT_MOST", 5)
    with transaction():
        mails = [enqueue("job_lab.note", {"text": str(n)}) for n in range(6)]
        forgotten = enqueue("job_lab.note", {"text": "forgotten"})
        lost = enqueue("job_lab.note", {"text": "left behind"})
        pressing = enqueue("job_lab.pressing")
    leases.claim(lost, 0)
    queue = engine().huey
    queue.storage.flush_queue()
    for job_id in mails:
        engine().wake(job_id)
    sweep()
    order = [queue.dequeue().args[0] for _job in range(queue.pending_count())]
    # The sweep itself adds what is due by the clock.
    ours = [job_id for job_id in order if job_id in {*mails, forgotten, lost, pressing}]
    assert ours == [lost, pressing, *mails]


def test_rows_for_later_and_rows_at_work_are_left_alone(lab, runs):
    with transaction():
        later = enqueue("job_lab.note", {"text": "x"}, run_at=utcnow() + dt.timedelta(hours=1))
        held = enqueue("job_lab.note", {"text": "y"})
    leases.claim(held, 60)
    engine().huey.storage.flush_queue()
    sweep()
    woken = {task.args[0] for task in engine().huey.pending()}
    assert not woken & {later, held}
