"""Two apps on one database, as two worker processes are: they agree by their next request."""

from core.db import db
from core.plugin_host import lifecycle
from core.plugin_host.snapshot import use_current_snapshot


def test_disabling_in_one_process_answers_404_in_the_other_on_its_next_request(sample_app, second_process):
    lifecycle.enable("sample_good")
    other = second_process.test_client()
    assert other.get("/sample-good/hello/").status_code == 200
    lifecycle.disable("sample_good")
    assert other.get("/sample-good/hello/").status_code == 404
    lifecycle.enable("sample_good")
    assert other.get("/sample-good/hello/").status_code == 200


def test_a_snapshot_is_built_once_a_version_and_not_by_readers(sample_app, second_process):
    lifecycle.enable("sample_good")
    other = second_process.test_client()
    other.get("/sample-good/hello/")
    built = second_process.extensions["kaiin"].snapshot
    version = use_current_snapshot().version
    for _ in range(5):
        other.get("/sample-good/hello/")
    assert second_process.extensions["kaiin"].snapshot is built
    assert use_current_snapshot().version == version
    db.session.rollback()


def test_a_request_keeps_the_snapshot_that_it_started_with(sample_app, second_process):
    lifecycle.enable("sample_good")
    with second_process.test_request_context("/sample-good/hello/"):
        started_with = use_current_snapshot()
        lifecycle_in(sample_app)
        assert started_with.is_active("sample_good")


def lifecycle_in(app):
    with app.app_context():
        lifecycle.disable("sample_good")
