"""A move that is killed, cancelled or cut off goes on where it stands, and doubles nothing."""

import pytest
import wordpress_kit as kit
from click.testing import CliRunner
from sqlalchemy import func, select

from core.customers.merging import merge_customers
from core.customers.models import Customer
from core.customers.queries import find_customer_by_email
from core.customers.services import customer_report
from core.db import db, transaction
from plugins.contact_forms.models import Submission
from plugins.wordpress_import import engine, jobs, services
from plugins.wordpress_import.commands import wordpress as command
from plugins.wordpress_import.models import Seen
from plugins.wordpress_import.services import get_run

ROLES = {"": "member"}


def count(model):
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model))


class Killed(BaseException):
    pass


@pytest.mark.parametrize("step", range(1, 8, 2))
def test_a_killed_move_goes_on_and_equals_one_that_was_not(moving, monkeypatch, step):
    monkeypatch.setattr(engine, "STEP", 2)
    move = moving(kit.write_wxr()).look().choose(roles=ROLES).check().begin()
    steps = 0

    def die(*_given):
        nonlocal steps
        steps += 1
        if steps == step:
            raise Killed

    with pytest.raises(Killed):
        jobs.run(move.id, die)
    db.session.rollback()
    jobs.run(move.id, lambda *_: None)
    assert move.row.state == "done"
    sums = {kind: sum(its.values()) for kind, its in move.row.counts.items()}
    assert sums == {"user": 6, "contact": 2, "form": 1, "message": 4}
    assert (count(Customer), count(Submission), count(Seen)) == (8, 4, 13)


def test_a_cancelled_move_stops_at_the_next_step(moving, monkeypatch):
    monkeypatch.setattr(engine, "STEP", 1)
    move = moving(kit.write_wxr()).look().choose(roles=ROLES).check().begin()

    def cancel(done, *_):
        if done == 3:
            with transaction():
                services.cancel(move.id, by=None)

    jobs.run(move.id, cancel)
    assert move.row.state == "cancelled"
    assert count(Seen) == 3


def test_a_database_that_goes_away_stops_the_move_and_it_goes_on(moving, wordpress, monkeypatch):
    from plugins.wordpress_import.sources.base import SourceTrouble
    from plugins.wordpress_import.sources.tables import TableReader

    move = moving(url=wordpress).look().choose().check().begin()
    page = TableReader.page

    def lost(self, kind, after, size):
        if kind == "message":
            raise SourceTrouble("lost")
        return page(self, kind, after, size)

    with monkeypatch.context() as patched:
        patched.setattr(TableReader, "page", lost)
        jobs.run(move.id, lambda *_: None)
    assert (move.row.state, move.row.problem) == ("stopped", "lost")
    assert move.row.sealed is not None
    assert move.move()["message"] == {"created": 4}


def test_merging_takes_the_rows_along_and_the_next_move_finds_them(moving):
    moving(kit.write_wxr()).whole(roles={"": "customer"})
    mina, ken = find_customer_by_email("mina@example.jp"), find_customer_by_email("ken@example.jp")
    with transaction():
        merge_customers(ken.id, mina.id, by=None)
    counts = moving(kit.write_wxr()).whole(roles={"": "customer"})
    assert {outcome for its in counts.values() for outcome in its} == {"unchanged"}
    assert set(db.session.scalars(select(Seen.customer_id).where(Seen.source_id == 102))) == {ken.id}


def test_the_report_about_a_person_says_under_which_numbers_wordpress_knew_them(moving):
    moving(kit.write_wxr()).whole(roles=ROLES)
    report = customer_report(find_customer_by_email("mina@example.jp").id)
    assert report["plugins"]["wordpress_import"]["rows"][0]["number"] == 102


@pytest.fixture
def run_command(app):
    def run(*arguments, **given):
        return CliRunner().invoke(command, ["import", *arguments], **given)

    return run


def test_the_command_tries_and_moves(moving, run_command, tmp_path):
    file = tmp_path / "site.xml"
    file.write_bytes(kit.write_wxr())
    tried = run_command("--wxr", str(file), "--dry-run", "--role", "=member")
    assert tried.exit_code == 0, tried.output
    assert count(Customer) == 0
    moved = run_command("--wxr", str(file), "--role", "=member")
    assert moved.exit_code == 0, moved.output
    assert count(Customer) == 8 and count(Submission) == 4
    assert not list(services.store().names(before=get_run(2).finished_at.replace(year=2100)))


def test_the_command_reads_the_address_from_the_environment(moving, run_command, wordpress):
    moved = run_command("--url", "-", "--only", "company", env={"KAIIN_WORDPRESS_URL": wordpress})
    assert moved.exit_code == 0, moved.output
    assert "geheim" not in moved.output
    failed = run_command("--url", wordpress.replace("geheim", "falsch"))
    assert failed.exit_code == 1 and "falsch" not in failed.output


def test_the_command_asks_for_one_source(run_command):
    assert run_command().exit_code == 2
