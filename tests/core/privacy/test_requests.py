import datetime as dt

import pytest
from sqlalchemy import select

from core.activity.models import AuditEntry
from core.customers.merges.models import Merge
from core.customers.merges.undoing import undo_merge
from core.customers.services import erase_customer, merge_customers
from core.db import db, transaction
from core.errors import Conflict, NotFound, ValidationFailed
from core.i18n import site_today
from core.privacy import queries, services
from core.privacy.holds import hold_customer
from core.privacy.models import Hold, PrivacyEvent, PrivacyRequest
from core.testing.factories import make_account, make_customer
from tests.journey_kit import set_site

TODAY = site_today()


def receive(**values):
    with transaction():
        return services.receive({"kind": "disclosure", "way": "letter", "name": "山田", **values}, by=None)


def confirm(row, how="licence"):
    with transaction():
        services.confirm_identity(row.id, how, "", by=None)


def kinds(row):
    return [event.kind for event in queries.history_of(row.id)]


def test_a_request_is_due_after_the_owners_number_of_days(app):
    assert receive().due_on == TODAY + dt.timedelta(days=14)
    set_site(privacy_days=30)
    day = TODAY - dt.timedelta(days=3)
    assert receive(received_on=day).due_on == day + dt.timedelta(days=30)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"received_on": TODAY + dt.timedelta(days=1)}, "received_on"),
        ({"due_on": TODAY - dt.timedelta(days=1)}, "due_on"),
        ({"kind": "all"}, "kind"),
        ({"way": "dream"}, "kind"),
    ],
)
def test_what_cannot_be_is_refused(app, values, field):
    with pytest.raises(ValidationFailed) as refusal:
        receive(**values)
    assert set(refusal.value.errors) == {field}
    assert db.session.execute(select(PrivacyRequest)).first() is None


def test_late_ones_come_first_and_are_counted(app):
    fine = receive()
    soon = receive(due_on=TODAY + dt.timedelta(days=3))
    late = receive(received_on=TODAY - dt.timedelta(days=9), due_on=TODAY - dt.timedelta(days=1))
    lines = queries.list_requests("open")
    assert [line.request.id for line in lines] == [late.id, soon.id, fine.id]
    assert [(line.is_overdue, line.is_soon) for line in lines] == [
        (True, False),
        (False, True),
        (False, False),
    ]
    assert queries.count_requests() == queries.Counts(3, 1, 1)
    assert db.session.scalar(queries.due_query()) == 2


def test_the_identity_is_confirmed_once_and_by_a_way_that_staff_can_see(app):
    row = receive(customer_id=make_customer().id)
    with pytest.raises(ValidationFailed), transaction():
        services.confirm_identity(row.id, "log_in", "", by=None)
    confirm(row)
    with pytest.raises(Conflict):
        confirm(row)
    with transaction():
        services.withdraw_identity(row.id, by=None)
    confirm(row, "passport")
    assert kinds(row) == ["received", "identity", "identity_withdrawn", "identity"]


def test_another_customer_must_show_anew_who_they_are(app):
    row, first, second = receive(), make_customer().id, make_customer().id
    with pytest.raises(ValidationFailed):
        confirm(row)
    with transaction():
        services.choose_customer(row.id, first, by=None)
    confirm(row)
    with transaction():
        services.choose_customer(row.id, second, by=None)
    assert queries.get_request(row.id).identity_at is None


def test_a_refusal_says_why_and_done_needs_the_identity(app):
    row = receive(customer_id=make_customer().id)
    for state, reason in (("refused", " "), ("done", "済"), ("open", "x")):
        with pytest.raises(ValidationFailed), transaction():
            services.close(row.id, state, reason, by=None)
    with transaction():
        services.close(row.id, "refused", "本人と確認できない", by=None)
    with pytest.raises(Conflict), transaction():
        services.close(row.id, "done", "", by=None)
    with transaction():
        services.reopen(row.id, by=None)
    confirm(row)
    with transaction():
        services.close(row.id, "done", "", by=None)
    assert kinds(row)[1:] == ["refused", "reopened", "identity", "done"]


def test_each_step_stands_in_the_audit_log_without_words_of_the_person(app):
    row = receive(text="秘密の相談")
    with transaction():
        services.add_note(row.id, "秘密の電話", by=None)
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.target_kind == "privacy_request")).all()
    assert [entry.action for entry in entries] == ["privacy.received", "privacy.note"]
    assert "秘密" not in repr([entry.data for entry in entries])


def test_a_member_asks_once_and_is_known_by_a_recent_log_in(app):
    member = make_account("Member")
    with transaction():
        row = services.ask_as_member(member.customer_id, member.id, "stop_use", "", is_recent=True)
    assert (row.identity_how, row.way, row.due_on) == ("log_in", "site", services.deadline_from(TODAY))
    with pytest.raises(Conflict), transaction():
        services.ask_as_member(member.customer_id, member.id, "stop_use", "", is_recent=True)
    with pytest.raises(ValidationFailed), transaction():
        services.ask_as_member(member.customer_id, member.id, "correction", " ", is_recent=True)
    with transaction():
        other = services.ask_as_member(member.customer_id, member.id, "erase", "", is_recent=False)
    assert other.identity_at is None


def test_erasing_leaves_kind_dates_and_outcome(app):
    row = receive(customer_id=make_customer().id, text="秘密")
    with transaction():
        services.add_note(row.id, "秘密", by=None)
        services.confirm_identity(row.id, "known", "秘密", by=None)
        services.close(row.id, "done", "秘密", by=None)
    with transaction():
        erase_customer(row.customer_id)
    for model in (PrivacyRequest, PrivacyEvent):
        rows = db.session.execute(select(model.__table__)).all()
        assert rows
        assert "秘密" not in repr(rows)
    left = queries.get_request(row.id)
    assert (left.customer_id, left.kind, left.state) == (None, "disclosure", "done")
    with pytest.raises(Conflict), transaction():
        services.reopen(row.id, by=None)


def test_merging_moves_requests_and_holds_and_taking_it_back_returns_them(app):
    kept, merged = make_customer().id, make_customer().id
    row = receive(customer_id=merged)
    with transaction():
        hold_customer(merged, "legal", "訴訟", by=None)
        merge_customers(kept, merged)
    assert queries.get_request(row.id).customer_id == kept
    assert queries.hold_on(kept).kind == "legal"
    with transaction():
        undo_merge(db.session.scalar(select(Merge.id)))
    assert queries.get_request(row.id).customer_id == merged
    assert queries.hold_on(merged).reason == "訴訟"


def test_who_asked_years_ago_is_forgotten(app):
    row = receive(text="秘密")
    with transaction():
        services.close(row.id, "refused", "秘密", by=None)
        assert services.forget_old() == 0
        past = services.KEEP_CLOSED + dt.timedelta(days=1)
        row.due_on, row.closed_at = TODAY - past, row.closed_at - past
    with transaction():
        assert services.forget_old() == 1
    assert queries.get_request(row.id).name == queries.get_request(row.id).text == ""


def test_a_held_customer_is_not_erased(app):
    customer_id = make_customer().id
    with pytest.raises(ValidationFailed), transaction():
        hold_customer(customer_id, "legal", " ", by=None)
    with transaction():
        hold_customer(customer_id, "legal", "訴訟", by=None)
        # A weaker hold does not take its place.
        hold_customer(customer_id, "retention", "x", by=None)
    with pytest.raises(Conflict), transaction():
        erase_customer(customer_id)
    assert db.session.scalar(select(Hold.kind)) == "legal"


def test_what_is_not_there_is_not_found(app):
    for act in (lambda: services.close(9, "done", "", by=None), lambda: services.reopen(9, by=None)):
        with pytest.raises(NotFound), transaction():
            act()
