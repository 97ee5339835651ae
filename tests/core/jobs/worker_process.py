"""A worker process for the tests: `python worker_process.py INSTANCE DATABASE_URL [REDIS_URL]`."""

import sys
from pathlib import Path

from core.jobs.worker import run_worker
from core.testing.fixtures import make_app

instance, database_url = Path(sys.argv[1]), sys.argv[2]
redis_url = sys.argv[3] if len(sys.argv) > 3 else None
app = make_app(
    instance,
    database_url,
    testing=False,
    redis_url=redis_url,
    plugin_folders=(Path(__file__).parent / "lab",),
)
run_worker(app, sweep_seconds=0.5, stop_seconds=1.0)
