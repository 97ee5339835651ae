"""The leak test's screen, its job and its command."""

import json
import subprocess

import pytest
from click.testing import CliRunner
from flask import Flask

from core.cli import main
from core.db import db, transaction
from core.jobs.models import JobRow
from core.jobs.runner import run_due_jobs
from core.leaks import services
from core.leaks.models import LeakTest, LeakTestState
from core.testing.factories import make_account, make_staff

FINE = {
    "ok": True,
    "seconds": 1.5,
    "answers": 4159,
    "canaries": 26,
    "people": [["Guest", ""], ["Member without a tier", ""]],
    "surfaces": ["Page", "Search"],
    "leaks": [],
    "cached": [],
    "broken": [],
    "unseen": [],
}
GOLD = {"ja": "ゴールド会員", "en": "Gold"}
MET = {"who": ["Guest", ""], "surface": "Search", "path": "/search", "what": ["Your page", "<b>Gold</b>"]}
LEAKY = {**FINE, "ok": False, "leaks": [MET]}
LEAKY_FOR_GOLD = {**LEAKY, "leaks": [{**MET, "who": ["Member of a tier", GOLD]}]}


@pytest.fixture
def owner(client, login):
    login(client, make_account("Owner"))
    return client


@pytest.fixture
def finds(monkeypatch):
    """Let the test find something without being done."""

    def find(outcome):
        def run(_configuration):
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        monkeypatch.setattr(services, "run_in_own_process", run)

    return find


def newest() -> LeakTest:
    db.session.rollback()
    return db.session.query(LeakTest).order_by(LeakTest.id.desc()).first()


def test_before_the_first_test_the_screen_says_what_it_is_for(owner) -> None:
    assert "まだテストしていません" in owner.get("/admin/leak-test/").text


def test_a_test_is_asked_for_once_and_its_result_is_shown(owner, finds) -> None:
    finds(FINE)
    for _twice in range(2):
        assert owner.post("/admin/leak-test/").status_code == 303
    assert "テスト中です" in owner.get("/admin/leak-test/").text
    assert db.session.query(JobRow).filter_by(name="core.leak_test").count() == 1
    run_due_jobs()
    assert newest().state == LeakTestState.DONE
    text = owner.get("/admin/leak-test/").text
    assert "漏れはありません" in text
    assert "4,159" in text
    assert "ログインしていない人" in text


def test_what_was_met_is_named_with_what_to_do(owner, finds) -> None:
    finds(LEAKY)
    owner.post("/admin/leak-test/")
    run_due_jobs()
    text = owner.get("/admin/leak-test/").text
    assert "見えてはいけない人に見えています" in text
    assert "&lt;b&gt;Gold&lt;/b&gt;" in text
    assert "下書きに戻し" in text
    part = owner.get("/admin/leak-test/", headers={"HX-Request": "true"}).text
    assert part.startswith('<div id="leak-result"')


def test_what_has_two_names_is_told_in_the_readers_language(owner, finds) -> None:
    met = {
        **MET,
        "who": ["Member of a tier", GOLD],
        "what": ["Page for a tier", {"ja": "特別会員", "en": ""}],
    }
    finds({**LEAKY, "people": [["Member of a tier", GOLD]], "leaks": [met]})
    owner.post("/admin/leak-test/")
    run_due_jobs()
    japanese = owner.get("/admin/leak-test/?lang=ja").text
    assert "ゴールド会員" in japanese
    assert "Gold" not in japanese
    english = owner.get("/admin/leak-test/?lang=en").text
    assert "Member of a tier: Gold" in english
    assert "ゴールド会員" not in english
    # Without an English name, the Japanese one is better than none.
    assert "Page for a tier: 特別会員" in english


def test_a_test_that_cannot_be_done_says_so_and_another_can_be_asked_for(owner, finds) -> None:
    finds(subprocess.TimeoutExpired("kaiin", 1))
    owner.post("/admin/leak-test/")
    run_due_jobs()
    assert newest().state == LeakTestState.FAILED
    assert "実行できませんでした" in owner.get("/admin/leak-test/").text
    finds(FINE)
    owner.post("/admin/leak-test/")
    run_due_jobs()
    assert newest().state == LeakTestState.DONE


def test_only_so_many_results_are_kept(app, finds) -> None:
    finds(FINE)
    for _number in range(services.KEPT + 3):
        with transaction():
            test_id = services.ask_for_test(in_background=False)
        services.do_test(test_id)
    assert len(services.last_tests()) == db.session.query(LeakTest).count() == services.KEPT


def test_the_screen_asks_for_the_right_to_edit_pages(client, login) -> None:
    login(client, make_staff("customers.view"))
    assert client.get("/admin/leak-test/").status_code == 403
    assert client.post("/admin/leak-test/").status_code == 403


@pytest.mark.parametrize(
    ("outcome", "code", "said"), [(FINE, 0, "No leak."), (LEAKY_FOR_GOLD, 1, "LEAK: Member of a tier Gold ·")]
)
def test_the_command_ends_with_one_when_something_leaks(app: Flask, finds, outcome, code, said) -> None:
    finds(outcome)
    done = CliRunner().invoke(main, ["gate", "selftest"], obj=app)
    assert (done.exit_code, said in done.output) == (code, True), done.output
    as_json = CliRunner().invoke(main, ["gate", "selftest", "--json"], obj=app)
    assert json.loads(as_json.output)["ok"] is (code == 0)
