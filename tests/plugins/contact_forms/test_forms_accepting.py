"""Messages are accepted without getting in visitors' way, and nobody waits for ever."""

import datetime as dt

import pytest
from sqlalchemy import update

from core.db import db, transaction, utcnow
from plugins.contact_forms.models import Submission
from plugins.contact_forms.pipeline import accepting
from plugins.contact_forms.pipeline.accepting import BUSY, LATE, QUIET, accept_waiting
from plugins.contact_forms.sending import services
from plugins.contact_forms.sending.visits import Visit, new_once
from tests.plugins.contact_forms.forms_kit import ANSWERS, submissions


class Context:
    def progress(self, _done):
        pass


@pytest.fixture
def keep(contact):
    def keep_message():
        visit = Visit(new_once(), 9.0, "", "ja", "192.0.2.7", "/contact", "Mozilla", None)
        with transaction():
            return services.receive(services.draft(contact, ANSWERS, visit)).submission_id

    return keep_message


@pytest.fixture
def paces(monkeypatch):
    """The pace of each step that was taken."""
    taken, step = [], accepting._accept_some

    def noted(pace):
        taken.append(pace)
        return step(pace)

    monkeypatch.setattr(accepting, "_accept_some", noted)
    return taken


def rest(monkeypatch, *acts):
    """Let something happen in each pause, one after the other, and then nothing more."""
    waiting = list(acts)
    monkeypatch.setattr(accepting.time, "sleep", lambda _seconds: waiting.pop(0)() if waiting else None)


def accepted():
    db.session.rollback()
    return [message.accepted_at is not None for message in submissions()]


def test_what_waits_is_accepted_in_large_steps_while_nobody_writes(app, keep, paces, monkeypatch):
    monkeypatch.setattr(accepting, "QUIET", accepting.Pace(messages=2, seconds=60, pause=0))
    rest(monkeypatch)
    for _number in range(5):
        keep()
    assert accept_waiting(Context()) == 5
    assert accepted() == [True] * 5
    assert {pace.messages for pace in paces} == {2}
    # The last step finds nothing.
    assert len(paces) == 4


def test_while_messages_keep_coming_it_takes_one_and_rests_long(app, keep, paces, monkeypatch):
    rest(monkeypatch, keep, keep)
    keep()
    assert accept_waiting(Context()) == 3
    assert paces == [QUIET, BUSY, BUSY, QUIET]
    assert accepted() == [True] * 3
    assert BUSY.messages == 1


def test_whoever_waits_for_more_than_a_minute_is_no_longer_stood_up(app, keep, paces, monkeypatch):
    for _number in range(30):
        keep()
    with transaction():
        early = utcnow() - dt.timedelta(seconds=61)
        db.session.execute(update(Submission).values(submitted_at=early))
    monkeypatch.setattr(accepting, "QUIET", accepting.Pace(messages=1, seconds=0, pause=0))
    rest(monkeypatch, keep)
    accept_waiting(Context())
    assert paces[1] == LATE
    assert all(accepted())


def test_what_cannot_be_accepted_holds_nobody_up(app, keep, monkeypatch):
    broken = keep()
    keep()
    accept = accepting._accept

    def fail(submission):
        if submission.id == broken:
            raise RuntimeError("broken")
        return accept(submission)

    monkeypatch.setattr(accepting, "_accept", fail)
    rest(monkeypatch)
    accept_waiting(Context())
    assert accepted() == [False, True]
    db.session.expire_all()
    assert [message.accepts_alone for message in submissions()] == [True, False]
