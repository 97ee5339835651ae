import datetime as dt
import threading

import pytest
from sqlalchemy import func, select

from core.db import db, transaction, utcnow
from core.jobs.engine import engine
from core.jobs.models import JobRow, JobState
from core.jobs.runner import run_due_jobs
from core.jobs.services import enqueue
from core.plugin_host import lifecycle


def rows() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(JobRow))


def job(job_id: int) -> JobRow:
    db.session.rollback()
    return db.session.get(JobRow, job_id)


def test_a_job_runs_after_its_transaction_and_is_done(lab, runs):
    with transaction():
        job_id = enqueue("job_lab.note", {"text": "hello"})
        assert runs == []
    assert run_due_jobs() == 1
    assert runs == [("hello", 1)]
    assert job(job_id).state == JobState.DONE
    assert run_due_jobs() == 0


def test_a_rolled_back_job_does_not_exist_and_wakes_nobody(lab, runs):
    with pytest.raises(ZeroDivisionError), transaction():
        enqueue("job_lab.note", {"text": "never"})
        raise ZeroDivisionError
    assert rows() == 0
    assert engine().waiting() == 0


def test_the_engine_is_woken_after_the_commit_and_carries_the_id_only(lab, runs):
    with transaction():
        job_id = enqueue("job_lab.note", {"text": "secret words"})
        assert engine().waiting() == 0
    (message,) = engine().huey.storage.enqueued_items()
    assert b"secret words" not in message
    assert engine().huey.deserialize_task(message).args == (job_id,)


def test_a_key_makes_enqueuing_twice_one_job(lab, runs):
    with transaction():
        first = enqueue("job_lab.note", {"text": "a"}, key="once")
    with transaction():
        assert enqueue("job_lab.note", {"text": "b"}, key="once") == first
    assert rows() == 1


def test_two_that_use_one_key_at_once_get_one_job(lab, runs):
    ready, ids = threading.Barrier(4), []

    def add() -> None:
        with lab.app_context():
            ready.wait()
            with transaction():
                ids.append(enqueue("job_lab.note", {"text": "x"}, key="race"))

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 4
    assert len(set(ids)) == rows() == 1


def test_a_job_for_later_waits(lab, runs):
    with transaction():
        job_id = enqueue("job_lab.note", {"text": "later"}, run_at=utcnow() + dt.timedelta(hours=1))
    assert run_due_jobs() == 0
    with transaction():
        db.session.get(JobRow, job_id).run_at = utcnow() - dt.timedelta(seconds=1)
    assert run_due_jobs() == 1


def test_an_unknown_job_is_an_error_of_the_caller(lab):
    with pytest.raises(LookupError), transaction():
        enqueue("job_lab.nothing")


def test_enqueue_needs_a_transaction(lab):
    with pytest.raises(RuntimeError):
        enqueue("job_lab.note", {"text": "x"})


def test_a_disabled_plugins_job_stays_queued_and_runs_when_it_is_back(lab, runs):
    with transaction():
        job_id = enqueue("job_lab.note", {"text": "patient"})
    lifecycle.disable("job_lab")
    assert run_due_jobs() == 0
    assert (job(job_id).state, job(job_id).attempts, runs) == (JobState.QUEUED, 0, [])
    lifecycle.enable("job_lab")
    assert run_due_jobs() == 1
    assert runs == [("patient", 1)]


def test_a_dead_engine_costs_the_caller_nothing_and_is_left_alone_for_a_while(lab, runs, monkeypatch, caplog):
    calls = []

    def broken(*_arguments: object) -> None:
        calls.append(1)
        raise ConnectionError("redis is down")

    monkeypatch.setattr(engine().huey.storage, "enqueue", broken)
    for text in ("a", "b"):
        with transaction():
            enqueue("job_lab.note", {"text": text})
    assert len(calls) == 1
    assert "the sweep will find the job" in caplog.text
    assert run_due_jobs() == 2
