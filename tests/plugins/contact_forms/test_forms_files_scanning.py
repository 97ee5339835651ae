"""Scanners look at files after the visitor has their answer."""

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.datastructures import MultiDict

from core.db import db
from core.jobs.runner import run_due_jobs
from core.testing.factories import make_account
from plugins.contact_forms.files import clamd, scanning
from plugins.contact_forms.files.clamd import ask_clamd, is_address
from plugins.contact_forms.files.holding import hold_uploads
from plugins.contact_forms.files.scanning import scan_waiting
from plugins.contact_forms.files.verdicts import CLEAN, Finding, ask_again_later, infected
from plugins.contact_forms.models_files import FileState
from plugins.contact_forms.settings import SettingsForm
from tests.plugins.contact_forms.files_kit import (
    EICAR,
    PDF,
    delivery,
    file_form,
    file_question,
    file_rows,
    keep_message,
    upload,
)
from tests.plugins.contact_forms.forms_kit import set_limits, submissions


class FakeClamd:
    """Speaks INSTREAM as clamd does; finds EICAR."""

    def __init__(self, answer: str | None = None) -> None:
        self.answer, self.received = answer, b""

    def serve(self, connection: socket.socket) -> None:
        self.received = b""
        with connection, connection.makefile("rb") as stream:
            assert stream.read(10) == b"zINSTREAM\0"
            while size := struct.unpack(">I", stream.read(4))[0]:
                self.received += stream.read(size)
            found = "stream: Eicar-Test-Signature FOUND" if EICAR in self.received else "stream: OK"
            connection.sendall((self.answer if self.answer is not None else found).encode() + b"\0")


@contextlib.contextmanager
def daemon(fake: FakeClamd, path: Path | None = None, *, times: int = 1) -> Iterator[str]:
    server = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
    server.bind(str(path) if path else ("127.0.0.1", 0))
    server.listen()

    def run() -> None:
        for _n in range(times):
            fake.serve(server.accept()[0])

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield str(path) if path else f"127.0.0.1:{server.getsockname()[1]}"
        thread.join(5)
    finally:
        server.close()


class Context:
    def progress(self, done: int, total: int | None = None) -> None:
        """Nobody asks how far it is."""


@pytest.fixture
def form(app, forms_enabled):
    with app.test_request_context("/"):
        yield file_form("plans", file_question(file_groups=("documents", "pdf")))


def scan() -> int:
    db.session.rollback()
    return scan_waiting(Context())


def states() -> list[str]:
    return [row.state for row in file_rows()]


def test_the_daemon_gets_every_byte_and_calls_a_file_clean(tmp_path):
    content = bytes(200_000) + b"end"
    for path in (None, tmp_path / "clamd.ctl"):
        fake = FakeClamd()
        with daemon(fake, path) as address:
            assert ask_clamd(address, upload("a", content).stream) == CLEAN
        assert fake.received == content


def test_the_daemon_finds_eicar():
    with daemon(FakeClamd()) as address:
        assert ask_clamd(address, upload("a", EICAR).stream) == infected("Eicar-Test-Signature")


@pytest.mark.parametrize("answer", ["INSTREAM size limit exceeded. ERROR", "", "stream: OK maybe"])
def test_anything_else_is_no_verdict(answer):
    with daemon(FakeClamd(answer)) as address:
        assert ask_clamd(address, upload("a", PDF).stream).finding is Finding.LATER


def test_a_daemon_that_is_away_or_silent_is_asked_later(monkeypatch, tmp_path):
    assert ask_clamd(str(tmp_path / "nothing"), upload("a", PDF).stream).finding is Finding.LATER
    monkeypatch.setattr(clamd, "TIMEOUT", 0.2)
    silent = socket.socket()
    silent.bind(("127.0.0.1", 0))
    silent.listen()
    address = f"127.0.0.1:{silent.getsockname()[1]}"
    assert ask_clamd(address, upload("a", PDF).stream).finding is Finding.LATER
    silent.close()
    assert ask_clamd(address, upload("a", PDF).stream).finding is Finding.LATER


@pytest.mark.parametrize(
    ("text", "is_right"),
    [
        ("127.0.0.1:3310", True),
        ("clamav:3310", True),
        ("[::1]:3310", True),
        ("/run/clamd.ctl", True),
        ("clamav", False),
        ("http://x:1", False),
        ("x:0", False),
        ("x:99999", False),
        ("run/clamd", False),
    ],
)
def test_an_address_is_checked_when_it_is_saved(app, text, is_right):
    assert is_address(text) is is_right
    form = SettingsForm(MultiDict({"clamd": text}))
    form.validate()
    assert ("clamd" in form.errors) is not is_right


def test_without_a_scanner_files_can_be_opened_at_once(client, login, form):
    message = keep_message(form, upload("a.pdf", PDF))
    login(client, make_account("Owner"))
    assert client.get(f"/admin/forms/files/{file_rows()[0].id}").status_code == 302
    assert "確認中" not in client.get(f"/admin/forms/inbox/{message}").get_data(as_text=True)
    assert scan() == 0
    assert states() == [FileState.UNCHECKED]


def test_an_infected_file_is_blocked_and_its_message_stays(client, login, form):
    with daemon(FakeClamd(), times=2) as address:
        set_limits(clamd=address)
        message = keep_message(form, upload("a.txt", EICAR))
        keep_message(form, upload("b.pdf", PDF), message="もう一通")
        login(client, make_account("Owner"))
        file_id = file_rows()[0].id
        assert client.get(f"/admin/forms/files/{file_id}").status_code == 403
        assert "確認中" in client.get(f"/admin/forms/inbox/{message}").get_data(as_text=True)
        db.session.rollback()
        run_due_jobs()
    assert states() == [FileState.BLOCKED, FileState.CLEAN]
    assert len(submissions()) == 2
    assert client.get(f"/admin/forms/files/{file_id}").status_code == 403
    page = client.get(f"/admin/forms/inbox/{message}").get_data(as_text=True)
    assert "Eicar-Test-Signature" in page
    assert f'/admin/forms/files/{file_id}"' not in page
    assert client.get(f"/admin/forms/files/{file_rows()[1].id}").status_code == 302


def test_a_file_waits_while_the_scanner_is_away_and_is_asked_for_again(client, login, form, tmp_path):
    set_limits(clamd=str(tmp_path / "clamd.ctl"))
    keep_message(form, upload("a.pdf", PDF))
    assert scan() == 0
    assert states() == [FileState.UNCHECKED]
    login(client, make_account("Owner"))
    assert client.get(f"/admin/forms/files/{file_rows()[0].id}").status_code == 403
    with daemon(FakeClamd(), tmp_path / "clamd.ctl"):
        assert scan() == 1
    assert states() == [FileState.CLEAN]
    assert scan() == 0
    assert client.get(f"/admin/forms/files/{file_rows()[0].id}").status_code == 302


def test_a_held_file_is_not_looked_at_before_it_is_sent(form, tmp_path):
    with daemon(FakeClamd(), tmp_path / "clamd.ctl"):
        set_limits(clamd=str(tmp_path / "clamd.ctl"))
        hold_uploads(form, delivery(upload("held.pdf", PDF)))
        keep_message(form, upload("a.pdf", PDF))
        assert scan() == 1
    assert states() == [FileState.UNCHECKED, FileState.CLEAN]


class Scanner:
    def __init__(self, plugin_name, answer):
        self.plugin_name, self.answer = plugin_name, answer
        self.argnames = ("stream", "name")
        self.asked: list[tuple[str, bytes]] = []

    def function(self, stream, name):
        self.asked.append((name, stream.read()))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ([CLEAN], FileState.CLEAN),
        ([None], FileState.CLEAN),
        ([CLEAN, infected("Worm")], FileState.BLOCKED),
        ([infected("Worm"), ask_again_later()], FileState.BLOCKED),
        ([ask_again_later("busy")], FileState.UNCHECKED),
        ([CLEAN, RuntimeError("broken")], FileState.UNCHECKED),
    ],
)
def test_plugins_look_at_files(form, monkeypatch, answers, state):
    scanners = [Scanner("member_tiers", answer) for answer in answers]

    class Snapshot:
        def implementations(self, hook):
            assert hook == "scan_file"
            return scanners

    monkeypatch.setattr(scanning, "current_snapshot", Snapshot)
    keep_message(form, upload("a.pdf", PDF))
    scan()
    assert states() == [state]
    assert scanners[0].asked == [("a.pdf", PDF)]
