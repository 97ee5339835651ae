"""`make roundtrip ROWS=100000 DATABASE=postgresql`: the whole journey of a file at size, with figures."""

import argparse
import resource
import sys
import tempfile
from pathlib import Path

from benchmarks.databases import KINDS, drop_database, make_database
from benchmarks.round_trip import NotEqual, RoundTrip
from core.db import db, transaction
from core.demo.dirty_file import ENCODINGS
from core.demo.shop import PASSWORD, hire_staff, set_up_shop
from core.i18n import in_language
from core.plugin_host.lifecycle import upgrade_all
from core.plugin_host.snapshot import use_current_snapshot
from core.testing.fixtures import Client, make_app

PAGES = ("", "?sort=name", "?q=佐藤")


def main() -> int:
    """Make the journey; 1 when something came back otherwise than it went in."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="kaiin-roundtrip-") as name:
        url, _new = make_database(options.database, Path(name), f"kaiin_roundtrip_{Path(name).name[-8:]}")
        try:
            return _travel(Path(name), url, options)
        finally:
            drop_database(url)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make roundtrip", description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--merges", type=int, default=200)
    parser.add_argument("--encoding", choices=list(ENCODINGS), default="utf-8-sig")
    parser.add_argument("--database", choices=KINDS, default=KINDS[0])
    return parser.parse_args()


def _travel(folder: Path, url: str, options: argparse.Namespace) -> int:
    app = make_app(folder, url)
    with app.app_context():
        upgrade_all()
        use_current_snapshot()
        with in_language("ja"), transaction():
            set_up_shop()
            hire_staff()
        use_current_snapshot()
        before = _memory()
        app.test_client_class = Client
        client = app.test_client()

        def look() -> None:
            client.post("/login", data={"email": "owner@demo.example", "password": PASSWORD})
            for page in PAGES:
                if client.get(f"/admin/customers/{page}").status_code != 200:
                    raise NotEqual(f"the list does not answer: {page}")

        journey = RoundTrip(folder, options.rows, options.merges, options.encoding, look)
        problem = None
        try:
            journey.run()
        except NotEqual as found:
            problem = found
        _print(journey, before)
        db.engine.dispose()
    print(f"NOT EQUAL: {problem}" if problem else "equal")
    return 1 if problem else 0


def _print(journey: RoundTrip, before: float) -> None:
    per_step = {"merged": journey.counts.get("merges", 0), "merges undone": journey.counts.get("merges", 0)}
    for step, seconds in journey.figures.items():
        things = per_step.get(step, journey.rows)
        print(f"{step:20}{seconds:10.1f} s{things / max(seconds, 1e-9):12,.0f} /s")
    print(", ".join(f"{name} {count:,}" for name, count in journey.counts.items()))
    print(f"memory: {before:.0f} MB before, {_memory():.0f} MB at most")


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
