import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from core.config import ROOT
from core.db import db, transaction
from core.jobs.models import JobRow, JobState
from core.jobs.services import enqueue

SCRIPT = Path(__file__).with_name("worker_process.py")
# Starting a process can take long on a busy machine.
PATIENCE = 150.0


@pytest.fixture
def start_worker(lab, tmp_path: Path, database_url: str) -> Iterator[Callable[..., subprocess.Popen]]:
    """Start worker processes on the test's site; those left over are ended."""
    started: list[subprocess.Popen] = []

    def start(*arguments: str) -> subprocess.Popen:
        command = [sys.executable, str(SCRIPT), str(tmp_path), database_url, *arguments]
        with (tmp_path / "worker.log").open("ab") as log:
            started.append(
                subprocess.Popen(command, cwd=ROOT, stderr=log, env={**os.environ, "PYTHONPATH": "."})
            )
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()


def wait_for(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def journal(folder: Path) -> list[str]:
    file = folder / "journal"
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def add_slow(folder: Path, seconds: float) -> int:
    with transaction():
        return enqueue("job_lab.slow", {"folder": str(folder), "seconds": seconds})


def state(job_id: int) -> str:
    db.session.rollback()
    return db.session.scalar(select(JobRow.state).where(JobRow.id == job_id))


def test_a_worker_runs_jobs_that_come_in_while_it_waits_and_stops_when_told(lab, tmp_path, start_worker):
    worker = start_worker()
    first = add_slow(tmp_path, 0)
    wait_for(lambda: state(first) == JobState.DONE, "the first job was not run")
    second = add_slow(tmp_path, 0)
    wait_for(lambda: state(second) == JobState.DONE, "the second job was not run")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 0


def test_a_stopping_worker_finishes_what_it_can(lab, tmp_path, start_worker):
    worker = start_worker()
    job_id = add_slow(tmp_path, 0.7)
    wait_for(lambda: journal(tmp_path), "the job was not started")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 0
    assert state(job_id) == JobState.DONE


def test_a_stopping_worker_gives_back_what_it_cannot_finish(lab, tmp_path, start_worker):
    worker = start_worker()
    job_id = add_slow(tmp_path, 30)
    wait_for(lambda: journal(tmp_path), "the job was not started")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 0
    db.session.rollback()
    row = db.session.get(JobRow, job_id)
    assert (row.state, row.lease_owner) == (JobState.RUNNING, None)
    with transaction():
        db.session.get(JobRow, job_id).payload = {"folder": str(tmp_path), "seconds": 0}
    start_worker()
    wait_for(lambda: state(job_id) == JobState.DONE, "nobody took the job over")


@pytest.mark.faults
def test_a_job_of_a_killed_worker_is_run_again_by_another(lab, tmp_path, start_worker):
    worker = start_worker()
    job_id = add_slow(tmp_path, 3)
    wait_for(lambda: journal(tmp_path), "the job was not started")
    worker.kill()
    worker.wait()
    assert state(job_id) == JobState.RUNNING
    start_worker()
    wait_for(lambda: state(job_id) == JobState.DONE, "nobody took the job over")
    assert journal(tmp_path) == [f"start {job_id} 1", f"start {job_id} 2", f"end {job_id} 2"]


@pytest.mark.faults
def test_workers_never_run_one_row_at_once(lab, tmp_path, start_worker):
    ids = [add_slow(tmp_path, 0.1) for _ in range(40)]
    for _ in range(2):
        start_worker()
    done = select(func.count()).select_from(JobRow).where(JobRow.id.in_(ids), JobRow.state == JobState.DONE)

    def all_done() -> bool:
        db.session.rollback()
        return db.session.scalar(done) == len(ids)

    wait_for(all_done, "not all jobs were done")
    starts = Counter(line for line in journal(tmp_path) if line.startswith("start"))
    assert set(starts.values()) == {1}
    assert len(starts) == len(ids)
