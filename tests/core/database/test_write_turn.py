"""Writers to a SQLite file queue for it."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.db import _turns, db, transaction
from core.write_turn import WriteTurn

HOLDER = """
import sys, time
from pathlib import Path
from core.write_turn import WriteTurn
assert WriteTurn(Path(sys.argv[1]), 5).take()
print("mine", flush=True)
time.sleep(60)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "site.sqlite3-turn"


@contextmanager
def held_elsewhere(path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "mine\n"
            yield process
        finally:
            process.kill()


def test_one_thread_writes_at_a_time(path):
    turn, inside, most = WriteTurn(path, 10), [0], [0]

    def write():
        for _round in range(50):
            assert turn.take()
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            time.sleep(0.0002)
            inside[0] -= 1
            turn.give_back()

    threads = [threading.Thread(target=write) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


def test_another_process_has_to_wait_and_patience_ends(path):
    turn = WriteTurn(path, 0.2)
    with held_elsewhere(path):
        begun = time.monotonic()
        assert not turn.take()
        assert time.monotonic() - begun >= 0.2
        # Who was refused holds nobody up.
        assert not turn.take()


def test_the_turn_of_a_killed_process_is_free_at_once(path):
    with held_elsewhere(path):
        pass
    turn = WriteTurn(path, 5)
    begun = time.monotonic()
    assert turn.take()
    assert time.monotonic() - begun < 2
    turn.give_back()


def test_a_folder_that_may_not_be_written_turns_nobody_away(tmp_path):
    turn = WriteTurn(tmp_path / "no such folder" / "turn", 5)
    assert not turn.take()
    assert not turn.take()


def test_a_transaction_has_the_turn_and_gives_it_back(app, path, monkeypatch):
    monkeypatch.setitem(_turns, db.engine, WriteTurn(path, 5))
    other = WriteTurn(path, 0.05)
    with transaction():
        assert not other.take()
    with pytest.raises(RuntimeError), transaction():
        raise RuntimeError
    assert other.take()
    other.give_back()
