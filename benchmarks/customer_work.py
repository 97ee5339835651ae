"""Import, export and the search for duplicates in a process of their own: prints its figures as JSON.

`python -m benchmarks.customer_work import|export|duplicates ROWS DATABASE`
"""

import csv
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from flask import Flask

from benchmarks.cases import EXPORTED
from benchmarks.customer_data import site_with
from benchmarks.databases import drop_database, make_database
from benchmarks.raw_rows import copy_rows, rows_of
from benchmarks.rounds import Peak
from core.customers.duplicates.finder import find_duplicates
from core.db import db, transaction
from core.demo.dirty_file import write_file
from core.demo.shop import set_up_shop
from core.exports.csv_writer import stream_export
from core.exports.queries import find_export
from core.i18n import in_language
from core.imports import jobs, services
from core.imports.queries import get_import
from core.plugin_host.lifecycle import upgrade_all
from core.plugin_host.snapshot import use_current_snapshot
from core.testing.fixtures import make_app

Figures = dict[str, float]


def main() -> None:
    """Do one kind of work and say how long it took."""
    kind, rows, database = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    work = {"import": import_file, "export": export_all, "duplicates": search_duplicates}[kind]
    print(json.dumps(work(rows, database)))


def import_file(rows: int, database: str) -> Figures:
    """Import a file into an empty site; then write the same rows into the same tables by `executemany`."""
    with tempfile.TemporaryDirectory(prefix="kaiin-bench-") as name:
        folder = Path(name)
        urls = [
            make_database(database, folder / side, f"{folder.name}_{side}".replace("-", "_"))[0]
            for side in ("own", "raw")
        ]
        try:
            own = make_app(folder / "own", urls[0])
            raw = make_app(folder / "raw", urls[1])
            with raw.app_context():
                upgrade_all()
            return _import(own, raw, folder / "people.csv", rows)
        finally:
            for url in urls:
                drop_database(url)


def _import(own: Flask, raw: Flask, file: Path, rows: int) -> Figures:
    with own.app_context():
        upgrade_all()
        use_current_snapshot()
        with in_language("ja"), transaction():
            set_up_shop()
        use_current_snapshot()
        with file.open("wb") as target:
            write_file(target, rows)
        with file.open("rb") as stream:
            kept = services.keep_file(stream)
        with transaction():
            number = services.create_import(kept, file.name, by=None).id
        with transaction():
            services.start_check(number, in_process=True)
        check, _growth = _watched(lambda: jobs.check(_quietly, number))
        with transaction():
            services.start_run(number, by=None, in_process=True)
        run, growth = _watched(lambda: jobs.run(_quietly, number))
        done = get_import(number)
        made = done.created
        if done.created + done.changed + done.refused + done.equal != rows:
            raise RuntimeError("the import has lost rows")
        db.session.rollback()
        seconds, counts = copy_rows(own, raw)
        db.engine.dispose()
    if counts["core_customer"] < made:
        raise RuntimeError(f"the floor wrote {counts['core_customer']} customers, the import {made}")
    return {"rate": rows / run, "floor": rows / seconds, "growth": growth, "check_rate": rows / check}


def export_all(rows: int, database: str) -> Figures:
    """Write all customers as CSV; then the same columns by the csv module from raw SQL."""
    app = _kept(rows, database)
    with app.app_context(), tempfile.TemporaryDirectory(prefix="kaiin-bench-") as name:
        use_current_snapshot()
        out = Path(name) / "out.csv"

        def own() -> None:
            with out.open("wb") as target:
                target.writelines(stream_export(find_export("customers"), EXPORTED))

        seconds, growth = _watched(own)
        lines = out.read_bytes().count(b"\r\n")
        if lines < rows:
            raise RuntimeError(f"the export has {lines} lines for {rows} customers")

        def raw() -> None:
            with out.open("w", encoding="utf-8-sig", newline="") as target:
                writer = csv.writer(target)
                writer.writerow(EXPORTED)
                for some in rows_of(f"SELECT {', '.join(EXPORTED)} FROM core_customer ORDER BY id"):
                    writer.writerows(some)

        floor, _growth = _watched(raw)
        db.engine.dispose()
    return {"rate": rows / seconds, "floor": rows / floor, "growth": growth}


def search_duplicates(rows: int, database: str) -> Figures:
    """Search among all customers, the keys of all of them made anew."""
    app = _kept(rows, database)
    with app.app_context():
        use_current_snapshot()
        with transaction() as session:
            session.execute(db.text("DELETE FROM core_duplicate_key"))
        seconds, growth = _watched(lambda: find_duplicates(lambda _done, _total: None))
        again, _growth = _watched(lambda: find_duplicates(lambda _done, _total: None))
        db.engine.dispose()
    return {"rate": rows / seconds, "again_rate": rows / again, "growth": growth}


def _kept(rows: int, database: str) -> Flask:
    instance, url = site_with(rows, database)
    return make_app(instance, url)


def _watched(work: Callable[[], object]) -> tuple[float, float]:
    """Return how many seconds some work took, and by how many MB the process grew meanwhile."""
    before = _rss_mb()
    begun = time.perf_counter()
    with Peak(_rss_mb) as watched:
        work()
        seconds = time.perf_counter() - begun
    return seconds, max(0.0, watched.value - before)


def _rss_mb() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


def _quietly(*_: object) -> None:
    """Nobody watches."""


if __name__ == "__main__":
    main()
