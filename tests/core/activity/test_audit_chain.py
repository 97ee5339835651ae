"""Whoever changes, adds or removes an audit entry behind our back is found out."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import text

from core.activity.audit_chain import verify
from core.activity.services import record_audit
from core.cli import main
from core.db import db, transaction
from core.testing.fixtures import SECRET_KEY


@pytest.fixture
def five(app):
    with transaction():
        return [
            record_audit("role.saved", target=("role", n), data={"permissions": ["a", "ü"], "n": n}).id
            for n in range(1, 6)
        ]


def by_hand(statement, **values):
    with db.engine.begin() as connection:
        connection.execute(text(statement), values)


def test_an_untouched_log_is_whole(five):
    report = verify()
    assert report.is_whole
    assert report.count >= 5


@pytest.mark.parametrize(
    "change",
    [
        "action = 'role.read'",
        "target_id = 77",
        "target_kind = 'page'",
        "actor_id = 1",
        "data = '{\"n\": 9}'",
        "created_at = '2020-01-01 00:00:00'",
    ],
)
def test_a_changed_entry_is_named(five, change):
    by_hand(f"UPDATE core_audit_entry SET {change} WHERE id = :id", id=five[2])
    report = verify()
    assert [entry for entry, _problem in report.problems] == [five[2]]


def test_a_removed_entry_is_noticed_at_the_next(five):
    by_hand("DELETE FROM core_audit_entry WHERE id = :id", id=five[1])
    assert next(entry for entry, _problem in verify().problems) == five[2]


def test_removed_newest_entries_are_noticed_by_the_head(five):
    by_hand("DELETE FROM core_audit_entry WHERE id = :id", id=five[4])
    assert not verify().is_whole


def test_an_entry_that_somebody_slipped_in_is_named(five):
    by_hand(
        "INSERT INTO core_audit_entry (id, action, created_at) VALUES (:id, 'x.y', '2026-01-01 00:00:00')",
        id=five[4] + 50,
    )
    assert [entry for entry, _problem in verify().problems] == [five[4] + 50]


def with_secrets(app, monkeypatch, *secrets):
    kaiin = app.extensions["kaiin"]
    changed = replace(kaiin.configuration, secret_key=secrets[0], secret_key_fallbacks=secrets[1:])
    monkeypatch.setattr(kaiin, "configuration", changed)


def test_a_chain_written_without_the_sites_secret_does_not_fit(five, monkeypatch, app):
    with_secrets(app, monkeypatch, "other-" + "y" * 40)
    assert not verify().is_whole


def test_after_a_change_of_the_secret_old_entries_still_fit(five, monkeypatch, app):
    with_secrets(app, monkeypatch, "other-" + "y" * 40, SECRET_KEY)
    with transaction():
        record_audit("role.saved", target=("role", 9))
    assert verify().is_whole


def test_entries_written_at_the_same_moment_make_one_chain(app):
    def write(number):
        with app.app_context(), transaction():
            record_audit("role.saved", target=("role", number))

    before = verify().count
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(40)))
    db.session.rollback()
    report = verify()
    assert report.is_whole
    assert report.count == before + 40


def test_the_command_tells_by_its_exit_status(five, app):
    runner = app.test_cli_runner()
    good = runner.invoke(main, ["audit", "verify"], obj=app)
    assert good.exit_code == 0, good.output
    assert "all as written" in good.output
    by_hand("UPDATE core_audit_entry SET action = 'z' WHERE id = :id", id=five[0])
    bad = runner.invoke(main, ["audit", "verify"], obj=app)
    assert bad.exit_code == 1
    assert f"entry {five[0]}" in bad.output
