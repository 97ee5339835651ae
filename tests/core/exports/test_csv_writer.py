import csv
import datetime as dt
import io
import tracemalloc
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select

from core.conditions.fields import Choice, Field, FieldType
from core.db import db, transaction, utcnow
from core.errors import NotFound, ValidationFailed
from core.exports import csv_writer
from core.exports.csv_writer import count_rows, cp932_report, stream_export, unguard_cell
from core.exports.queries import export_fields, find_export, list_exports
from core.exports.registry import Export
from core.jobs.models import JobRow
from core.plugin_host.snapshot import use_current_snapshot
from core.settings.services import save_site_settings
from core.testing.factories import make_customer

MOMENT = dt.datetime(2026, 11, 21, 16, 5, 9, 123456, tzinfo=dt.UTC)


def field(name: str, kind: FieldType, expression: object = None, **options: object) -> Field:
    return Field(name, f"<{name}>", kind, lambda: expression, **options)


def fields() -> list[Field]:
    states = [Choice("queued", "待機中"), Choice("done", "=完了")]
    return [
        field("id", FieldType.INTEGER, JobRow.id),
        field("name", FieldType.TEXT, JobRow.name),
        field("state", FieldType.CHOICE, JobRow.state, choices=states),
        field("run_at", FieldType.DATETIME, JobRow.run_at),
        field("yen", FieldType.MONEY, JobRow.attempts),
        field("dollars", FieldType.MONEY, JobRow.attempts, currency="USD"),
        field("tried", FieldType.BOOLEAN, JobRow.attempts > 0),
        field("secret", FieldType.TEXT, JobRow.owner, permission="jobs.secret"),
        field("inner", FieldType.TEXT, JobRow.owner, exportable=False),
    ]


EXPORT = Export("jobs", "Jobs", lambda: select(JobRow.id), fields, "jobs.see")


def add_jobs(*rows: dict) -> None:
    usual = {"owner": "core", "name": "x", "payload": {}, "state": "queued", "max_attempts": 1, "attempts": 0}
    with transaction() as session:
        for row in rows:
            session.add(JobRow(**{**usual, "run_at": MOMENT, **row}))


def read(columns: list[str], export: Export = EXPORT, **options: object) -> list[list[str]]:
    text = b"".join(stream_export(export, columns, **options)).decode(options.get("encoding", "utf-8-sig"))
    return list(csv.reader(io.StringIO(text, newline="")))


def test_columns_stand_in_the_chosen_order_under_their_titles(app):
    add_jobs({"name": "a"}, {"name": "b"})
    assert read(["name", "id"]) == [["<name>", "<id>"], ["a", "1"], ["b", "2"]]


def test_values_are_written_for_people_and_programs(app):
    add_jobs({"attempts": 1250, "state": "queued"}, {"state": "dead"})
    names = ["state", "run_at", "yen", "dollars", "tried"]
    assert read(names)[1:] == [
        ["待機中", "2026-11-22 01:05:09", "1250", "12.50", "はい"],
        ["dead", "2026-11-22 01:05:09", "0", "0.00", "いいえ"],
    ]


def test_words_are_in_the_sites_language_and_times_in_its_zone(app):
    with transaction():
        save_site_settings({"language": "en", "timezone": "Asia/Kolkata"})
    use_current_snapshot()
    add_jobs({})
    assert read(["tried", "run_at"])[1] == ["No", "2026-11-21 21:35:09"]


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "Australia/Lord_Howe", "America/New_York", "UTC"])
def test_moments_agree_with_the_zone_rules_all_year(app, zone):
    with transaction():
        save_site_settings({"timezone": zone})
    use_current_snapshot()
    moments = [MOMENT + dt.timedelta(hours=37 * n, minutes=n) for n in range(300)]
    add_jobs(*({"run_at": moment} for moment in moments))
    local = [moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S") for moment in moments]
    assert [row[0] for row in read(["run_at"])[1:]] == local


def test_formulas_are_defused_in_cells_labels_and_titles(app):
    add_jobs({"name": "=1+1", "state": "done"}, {"name": "+81-3-1234-5678"})
    formula_title = Field("name", "=title", FieldType.TEXT, lambda: JobRow.name)
    assert read(["name", "state"])[1:] == [["'=1+1", "'=完了"], ["+81-3-1234-5678", "待機中"]]
    export = Export("x", "x", EXPORT.source, lambda: [formula_title], "x")
    assert read(["name"], export)[0] == ["'=title"]


def test_every_row_comes_once_however_small_the_pieces(app, monkeypatch):
    monkeypatch.setattr(csv_writer, "CHUNK_ROWS", 3)
    for count in (0, 2, 3, 7):
        add_jobs(*({} for _ in range(count)))
        everything = list(db.session.scalars(select(JobRow.id).order_by(JobRow.id)))
        db.session.rollback()
        assert [int(row[0]) for row in read(["id"])[1:]] == everything


def test_only_rows_that_the_filter_leaves_are_written(app):
    add_jobs({"name": "a"}, {"name": "b"}, {"name": "a"})
    where = JobRow.name == "a"
    assert [row[0] for row in read(["id"], where=where)[1:]] == ["1", "3"]
    assert (count_rows(EXPORT), count_rows(EXPORT, where)) == (3, 2)


@pytest.mark.parametrize("names", [[], ["id", "id"], ["nothing"], ["inner"], ["id\0"], ["x" * 9999]])
def test_unknown_columns_are_refused_before_the_first_byte(app, names):
    with pytest.raises(ValidationFailed):
        stream_export(EXPORT, names)


def test_a_column_with_a_permission_is_only_for_those_who_have_it(app):
    plain = SimpleNamespace(
        kind="staff", reach="all", is_owner=False, is_staff=True, role_id=None, can=lambda permission: False
    )
    trusted = SimpleNamespace(
        kind="staff",
        reach="all",
        is_owner=False,
        is_staff=True,
        role_id=None,
        can=lambda permission: permission == "jobs.secret",
    )
    assert "secret" not in [f.name for f in export_fields(EXPORT, plain)]
    with pytest.raises(ValidationFailed):
        stream_export(EXPORT, ["secret"], account=plain)
    assert read(["secret"], account=trusted) == [["<secret>"]]


def test_exports_are_listed_and_found_by_permission(app):
    nobody = SimpleNamespace(
        kind="staff", reach="all", is_owner=False, is_staff=True, role_id=None, can=lambda permission: False
    )
    assert {export.name for export in list_exports()} >= {"customers", "companies"}
    assert list_exports(nobody) == []
    with pytest.raises(NotFound):
        find_export("customers", nobody)


def test_the_report_reads_everything_and_names_losses_by_row_and_column(app):
    add_jobs({"name": "ok"}, {"name": "é"})
    report = cp932_report(EXPORT, ["id", "name"])
    assert report.count == 1
    assert (report.examples[0].row, report.examples[0].column) == (3, "<name>")
    assert read(["name"], encoding="cp932")[2] == ["〓"]


def test_a_download_needs_no_app_context_and_holds_no_read_transaction(app):
    add_jobs(*({} for _ in range(3)))
    pieces = stream_export(EXPORT, ["id"])
    db.session.remove()
    next(pieces)
    next(pieces)
    add_jobs({})
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            (busy, _log, _done) = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
            assert busy == 0
    pieces.close()


def test_memory_does_not_grow_with_the_table(app):
    row = {"owner": "core", "name": "名前" * 40, "payload": {}, "state": "queued", "max_attempts": 1}
    row |= {"attempts": 0, "run_at": MOMENT, "created_at": utcnow()}
    with transaction() as session:
        session.execute(insert(JobRow), [row] * 15_000)
    tracemalloc.start()
    size = sum(len(piece) for piece in stream_export(EXPORT, ["id", "name", "run_at", "state"]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size > 4_000_000
    assert peak < 3_000_000


def test_customers_leave_with_every_field_and_come_back_the_same(app):
    make_customer(
        family_name="髙橋", given_name="=SUM(A1)", phone="+81 3-1234-5678", prefecture="13", birthday=None
    )
    export = find_export("customers")
    names = [f.name for f in export_fields(export)]
    rows = read(names, export)
    found = dict(zip(names, rows[1], strict=True))
    assert found["family_name"] == "髙橋"
    assert unguard_cell(found["given_name"]) == "=SUM(A1)"
    assert found["prefecture"] == "東京都"
    assert found["birthday"] == ""
