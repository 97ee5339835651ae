import pytest

from core.db import db, transaction
from core.jobs.models import JobRow, JobState
from core.jobs.services import enqueue
from core.testing.factories import make_account, make_staff


@pytest.fixture
def staff(client, login):
    login(client, make_staff("jobs.see"))
    return client


@pytest.fixture
def add(app):
    def make(**values: object) -> int:
        with transaction():
            job_id = enqueue("core.prune_jobs")
            row = db.session.get(JobRow, job_id)
            for name, value in values.items():
                setattr(row, name, value)
            return job_id

    return make


def state(job_id: int) -> str | None:
    db.session.rollback()
    row = db.session.get(JobRow, job_id)
    return row.state if row is not None else None


def test_jobs_are_listed_by_their_titles_in_views(staff, add):
    add(state=JobState.DEAD, last_error="ValueError at x.py:1 run")
    assert "完了したジョブの削除" not in staff.get("/admin/jobs/").get_data(as_text=True)
    dead = staff.get("/admin/jobs/?view=dead").get_data(as_text=True)
    assert "完了したジョブの削除" in dead
    assert "ValueError at x.py:1 run" in dead


def test_a_job_shows_how_far_it_is_and_asks_again_while_it_runs(staff, add):
    job_id = add(state=JobState.RUNNING, progress_done=42, progress_total=100)
    page = staff.get(f"/admin/jobs/{job_id}").get_data(as_text=True)
    assert '<progress id="job-progress" class="k-progress" max="100" value="42">' in page
    assert f'hx-get="/admin/jobs/{job_id}"' in page
    part = staff.get(f"/admin/jobs/{job_id}", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert part.startswith('<div id="job-state"')
    with transaction():
        db.session.get(JobRow, job_id).state = JobState.DONE
    assert "hx-get" not in staff.get(f"/admin/jobs/{job_id}", headers={"HX-Request": "true"}).text


def test_a_dead_job_can_be_tried_again_or_discarded(staff, add):
    first, second = add(state=JobState.DEAD), add(state=JobState.DEAD)
    assert staff.post(f"/admin/jobs/{first}/retry").status_code == 302
    assert state(first) == JobState.QUEUED
    assert staff.post(f"/admin/jobs/{second}/discard").status_code == 302
    assert state(second) is None


def test_a_finished_job_stays_as_it_is(staff, add):
    job_id = add(state=JobState.DONE)
    for verb in ("retry", "discard"):
        staff.post(f"/admin/jobs/{job_id}/{verb}")
    assert state(job_id) == JobState.DONE
    assert "もう一度実行できるのは、失敗したジョブだけです。" in staff.get("/admin/jobs/").get_data(
        as_text=True
    )


def test_many_jobs_are_tried_again_at_once(staff, add):
    ids = [add(state=JobState.DEAD) for _ in range(3)]
    answer = staff.post("/admin/jobs/?view=dead", data={"action": "retry", "ids": ids[:2]})
    assert answer.status_code == 303
    assert [state(job_id) for job_id in ids] == [JobState.QUEUED, JobState.QUEUED, JobState.DEAD]


@pytest.mark.parametrize("path", ["/admin/jobs/999", f"/admin/jobs/{'9' * 5000}", "/admin/jobs/x"])
def test_an_unknown_job_is_not_found(staff, path):
    assert staff.get(path).status_code == 404


def test_jobs_are_for_staff_with_the_right(client, login, add):
    job_id = add(state=JobState.DEAD)
    login(client, make_account("Owner"))
    assert client.get("/admin/jobs/").status_code == 200
    client.post("/logout")
    login(client, make_staff("mail.see"))
    assert client.get("/admin/jobs/").status_code == 403
    assert client.post(f"/admin/jobs/{job_id}/retry").status_code == 403
    assert state(job_id) == JobState.DEAD


def test_the_list_costs_few_queries_however_many_jobs_there_are(staff, add, query_counter):
    for _ in range(40):
        add()
    with query_counter() as queries:
        staff.get("/admin/jobs/")
    assert queries.count <= 10
