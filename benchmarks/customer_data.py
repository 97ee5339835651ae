"""Sites with many customers, kept between runs: `python -m benchmarks.customer_data 1000000`.

The demo's people again and again, each with an address and a number of their own, written as an
import writes them, search index included. What the tables and the people look like is part of the
name under which a site is kept.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.databases import drop_database, make_database
from benchmarks.processes import environment
from core.config import ROOT

KEPT = ROOT / ".tools" / "bench"
_DIFFERENT_PEOPLE = 20_000
_BATCH = 2_000
_SMALL = 1_000
_FORMS = ("core/migrations/versions/*.py", "plugins/*/migrations/versions/*.py", "core/demo/*.py")


def site_with(rows: int, kind: str) -> tuple[Path, str]:
    """Return the instance and the database of a site with so many customers, making it when there is none."""
    name = f"kaiin_bench_{rows}_{_fingerprint()}"
    instance = KEPT / kind / name
    ready = instance / "ready"
    url, is_new = make_database(kind, instance, name)
    if is_new or not ready.exists():
        drop_database(url)
        for old in (KEPT / kind).glob(f"kaiin_bench_{rows}_*"):
            shutil.rmtree(old)
        url, _new = make_database(kind, instance, name)
        instance.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "benchmarks.customer_data", str(rows)]
        subprocess.run(command, env={**os.environ, **environment(instance, url)}, cwd=ROOT, check=True)
        ready.touch()
    return instance, url


def _fingerprint() -> str:
    found = hashlib.sha256(Path(__file__).read_bytes())
    for pattern in _FORMS:
        for file in sorted(ROOT.glob(pattern)):
            found.update(file.name.encode() + file.read_bytes())
    return found.hexdigest()[:12]


def main() -> None:
    """Fill the instance that the environment names."""
    from core.app import create_app
    from core.demo.fill import fill_demo
    from core.jobs.statistics import gather_statistics
    from core.plugin_host.lifecycle import upgrade_all

    with create_app().app_context():
        upgrade_all()
        fill_demo(_SMALL)
        _add_people(int(sys.argv[1]) - _SMALL)
        gather_statistics()


def _add_people(count: int) -> None:
    from core.customers.bulk import insert_customers
    from core.customers.registry import customer_attributes
    from core.db import db, transaction

    attributes = customer_attributes()
    people = _people(count)
    while batch := list(islice(people, _BATCH)):
        with transaction():
            insert_customers(batch, attributes)
        db.session.expunge_all()


def _people(count: int) -> Iterator[Mapping[str, Any]]:
    from core.customers.attributes import clean_all
    from core.customers.registry import customer_attributes
    from core.db import utcnow
    from core.demo.people import make_people

    attributes = customer_attributes()
    different = min(count, _DIFFERENT_PEOPLE)
    known = [clean_all(attributes, p.values) for p in make_people(different, utcnow(), [], seed=7)]
    for number in range(count):
        digits = f"{number * 7919 % 10**8:08d}"
        yield {
            **known[number % different],
            "email": f"c{number}@bench.example",
            "phone": f"080-{digits[:4]}-{digits[4:]}",
        }


if __name__ == "__main__":
    main()
