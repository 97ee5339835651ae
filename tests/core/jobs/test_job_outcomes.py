import datetime as dt
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from core.admin.notices import list_notices
from core.db import db, transaction, utcnow
from core.errors import Conflict, NotFound
from core.jobs import leases
from core.jobs.context import JobContext, LeaseLost
from core.jobs.models import JobRow, JobState
from core.jobs.runner import run_due_jobs, run_job
from core.jobs.services import discard_job, enqueue, prune_jobs, retry_job
from core.plugin_host import lifecycle
from core.plugin_host.models import PluginState

SECRET = "taro@example.jp is not welcome"


def add(name: str, **payload: object) -> int:
    with transaction():
        return enqueue(name, payload)


def job(job_id: int) -> JobRow | None:
    db.session.rollback()
    return db.session.get(JobRow, job_id)


def make_due(job_id: int) -> None:
    with transaction():
        db.session.get(JobRow, job_id).run_at = utcnow() - dt.timedelta(seconds=1)


def test_a_failing_job_is_tried_again_later_and_given_up_at_last(lab, runs):
    job_id = add("job_lab.fail", message=SECRET)
    assert run_due_jobs() == 1
    failed = job(job_id)
    assert failed.state == JobState.FAILED
    assert 5 < (failed.run_at - utcnow()).total_seconds() < 20
    assert run_due_jobs() == 0
    make_due(job_id)
    assert run_due_jobs() == 1
    assert job(job_id).state == JobState.DEAD
    assert runs == [("failed", 1), ("failed", 2)]


def test_an_error_is_kept_by_type_and_place_without_its_words(lab, runs, caplog):
    job_id = add("job_lab.fail", message=SECRET)
    run_due_jobs()
    error = job(job_id).last_error
    assert error.startswith("ValueError at hooks.py:")
    assert "taro" not in error
    assert "taro" not in caplog.text


def test_the_plugin_is_blamed_for_its_failing_job(lab, runs):
    add("job_lab.fail", message=SECRET)
    run_due_jobs()
    state = db.session.scalar(select(PluginState).where(PluginState.name == "job_lab"))
    assert state.error_count == 1
    assert "job job_lab.fail" in state.last_error


def test_a_job_that_tries_to_end_the_process_is_contained(lab, runs):
    job_id = add("job_lab.leave")
    assert run_due_jobs() == 1
    assert job(job_id).state == JobState.FAILED
    assert job(job_id).last_error.startswith("SystemExit")


def test_waiting_doubles_is_spread_and_ends_at_an_hour():
    for attempt, seconds in ((1, 10), (2, 20), (5, 160), (50, 3600)):
        waits = {leases.retry_delay(attempt).total_seconds() for _ in range(200)}
        assert min(waits) >= seconds * 0.75
        assert max(waits) <= seconds * 1.25
        assert len(waits) > 50


def test_progress_is_kept(lab):
    job_id = add("job_lab.count", total=7)
    run_due_jobs()
    assert (job(job_id).progress_done, job(job_id).progress_total) == (7, 7)


def test_only_one_of_two_claims_gets_a_row(lab):
    job_id = add("job_lab.note", text="x")
    assert leases.claim(job_id, 60) is not None
    assert leases.claim(job_id, 60) is None
    assert run_job(job_id) is False


def test_a_lost_row_is_taken_over_and_the_loser_is_told_to_stop(lab):
    job_id = add("job_lab.note", text="x")
    first = leases.claim(job_id, 0)
    second = leases.claim(job_id, 60)
    assert second is not None
    assert second.attempt == 2
    context = JobContext(first)
    with pytest.raises(LeaseLost):
        context.progress(1, 1)
    assert leases.finish(first) is False
    assert leases.finish(second) is True
    assert job(job_id).state == JobState.DONE


def test_a_job_that_kills_every_worker_is_given_up(lab):
    job_id = add("job_lab.fail", message="x")
    for _ in range(2):
        assert leases.claim(job_id, 0) is not None
    assert leases.claim(job_id, 0) is None
    with transaction():
        assert leases.bury_lost(utcnow()) == 1
    assert job(job_id).state == JobState.DEAD


def test_staff_can_retry_or_discard_a_dead_job_but_not_a_finished_one(lab, runs):
    dead = add("job_lab.fail", message="x")
    for _ in range(2):
        make_due(dead)
        run_due_jobs()
    with transaction():
        retry_job(dead)
    assert (job(dead).state, job(dead).attempts) == (JobState.QUEUED, 0)
    run_due_jobs()
    with transaction():
        discard_job(dead)
    assert job(dead) is None
    done = add("job_lab.note", text="x")
    run_due_jobs()
    for change in (retry_job, discard_job):
        with pytest.raises(Conflict), transaction():
            change(done)
        with pytest.raises(NotFound), transaction():
            change(10**9)


def test_old_finished_jobs_go_and_recent_ones_stay(lab, runs):
    old, recent = add("job_lab.note", text="old"), add("job_lab.note", text="recent")
    run_due_jobs()
    with transaction():
        db.session.get(JobRow, old).finished_at = utcnow() - dt.timedelta(days=4)
    with transaction():
        assert prune_jobs() == 1
    assert job(old) is None
    assert job(recent) is not None


def test_uninstalling_a_plugin_deletes_its_jobs(lab):
    add("job_lab.note", text="x")
    own = add("core.prune_jobs")
    lifecycle.disable("job_lab")
    lifecycle.uninstall("job_lab", confirm="job_lab")
    db.session.rollback()
    assert list(db.session.scalars(select(JobRow.id))) == [own]


def test_a_waiting_job_of_a_disabled_plugin_is_not_called_late(lab):
    job_id = add("job_lab.note", text="x")
    with transaction():
        db.session.get(JobRow, job_id).run_at = utcnow() - dt.timedelta(hours=1)
    owner = SimpleNamespace(id=1, can=lambda permission: permission == "jobs.see")
    with lab.test_request_context():
        assert len(list_notices(owner)) == 1
        lifecycle.disable("job_lab")
        assert list_notices(owner) == ()


def test_jobs_are_not_run_inside_a_transaction(lab):
    with transaction(), pytest.raises(RuntimeError):
        run_due_jobs()
