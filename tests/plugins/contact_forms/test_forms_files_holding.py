"""Files are held for the visitor until a message takes them."""

import datetime as dt

import pytest
from sqlalchemy import select, update

from core.db import db, transaction, utcnow
from plugins.contact_forms.files import holding
from plugins.contact_forms.files.holding import (
    HeldTaken,
    attach,
    digest_of,
    forget,
    hold,
    hold_uploads,
    let_go,
    own_copies,
)
from plugins.contact_forms.models_files import SentFile
from tests.plugins.contact_forms.files_kit import (
    JPEG,
    PDF,
    bytes_of,
    delivery,
    file_form,
    file_question,
    file_rows,
    png,
    stored_names,
    upload,
)
from tests.plugins.contact_forms.forms_kit import make_form, send, set_limits, submissions


@pytest.fixture(autouse=True)
def in_a_request(app):
    with app.test_request_context("/"):
        yield


@pytest.fixture
def form(forms_enabled):
    set_limits(min_seconds=0, network_limit=0, address_limit=0)
    return file_form()


def message_of(form, client) -> int:
    """Keep some message that files can be given to."""
    make_form()
    assert send(client).status_code == 303
    return submissions()[-1].id


def page_of(form, held):
    """Return what the page sends again that holds these files."""
    return delivery(held=[file.token for file in held.files])


def test_a_delivery_goes_on_with_tokens_instead_of_files(form):
    sent = hold(form, delivery(upload("a.pdf", PDF)))
    assert sent.files == {}
    assert sent.held == [sent.kept.files[0].token]
    again = hold(form, sent)
    assert again.kept.files[0].id == sent.kept.files[0].id


def problem(form, *uploads, **more):
    return hold_uploads(form, delivery(*uploads, **more)).problems["plan"].code


def test_a_form_without_files_costs_nothing(forms_enabled, query_counter):
    form = make_form("plain")
    with query_counter() as queries:
        held = hold_uploads(form, delivery(upload("a.pdf", PDF)))
    assert (held.files, queries.count, stored_names()) == ((), 0, [])


def test_a_file_is_kept_with_its_type_size_and_digest(form):
    held = hold_uploads(form, delivery(upload("図面 1.PDF", PDF)))
    row = file_rows()[0]
    assert (row.name, row.media_type, row.size, row.submission_id) == (
        "図面 1.PDF",
        "application/pdf",
        len(PDF),
        None,
    )
    assert bytes_of(row) == PDF
    assert held.given({"email": ["a"], "plan": ["forged"]}) == {
        "email": ["a"],
        "plan": [f"{len(PDF)}/図面 1.PDF"],
    }
    assert row.token_digest == digest_of(held.files[0].token)
    assert held.files[0].token not in str(vars(row))


def test_the_page_finds_its_file_again_by_the_token_alone(form):
    first = hold_uploads(form, delivery(upload("a.pdf", PDF)))
    again = hold_uploads(form, page_of(form, first))
    assert again.files[0].id == first.files[0].id
    assert again.digests == first.digests
    assert len(stored_names()) == 1


def test_tokens_of_other_forms_questions_and_nobody_find_nothing(form, forms_enabled):
    token = hold_uploads(form, delivery(upload("a.pdf", PDF))).files[0].token
    other = file_form("other")
    two = file_form("two", file_question(), file_question("photo"))
    for asked, sent in ((other, token), (two, token), (form, token[:-4] + "photo"), (form, token + "x")):
        assert hold_uploads(asked, delivery(held=[sent])).files == ()
    assert hold_uploads(form, delivery(held=["", "x" * 5000, "\udc80.plan"])).files == ()


def test_a_file_that_is_gone_is_told_and_not_left_out_in_silence(form):
    token = hold_uploads(form, delivery(upload("a.pdf", PDF))).files[0].token
    with transaction():
        db.session.execute(update(SentFile).values(held_at=utcnow() - dt.timedelta(hours=25)))
    held = hold_uploads(form, delivery(held=[token]))
    assert held.files == ()
    assert held.problems["plan"].code == "upload_file_gone"


def test_a_new_file_takes_the_place_of_a_held_one_where_one_is_asked_for(form):
    first = hold_uploads(form, delivery(upload("a.pdf", PDF)))
    second = hold_uploads(form, delivery(upload("b.jpg", JPEG), held=[first.files[0].token]))
    assert [file.fact.name for file in second.files] == ["b.jpg"]


def test_new_files_join_held_ones_up_to_the_number_that_is_taken(forms_enabled):
    form = file_form("many", file_question(file_count=2))
    first = hold_uploads(form, delivery(upload("a.pdf", PDF)))
    tokens = [first.files[0].token]
    second = hold_uploads(form, delivery(upload("b.jpg", JPEG), held=tokens))
    assert [file.fact.name for file in second.files] == ["a.pdf", "b.jpg"]
    third = hold_uploads(form, delivery(upload("c.png", png()), held=[f.token for f in second.files]))
    assert [file.fact.name for file in third.files] == ["a.pdf", "b.jpg"]
    assert third.problems["plan"].code == "too_many_files"
    assert len(stored_names()) == 2


def test_what_the_rules_refuse_is_never_stored(forms_enabled):
    form = file_form(
        "strict", file_question(file_groups=("images",), file_size=100, file_count=3, file_total=150)
    )
    assert problem(form, upload("a.pdf", PDF)) == "upload_file_type_invalid"
    assert problem(form, upload("a.jpg", JPEG + bytes(100))) == "upload_file_too_large"
    assert problem(form, upload("a.jpg", b"")) == "upload_file_empty"
    assert problem(form, upload("a.jpg", png())) == "upload_file_content_invalid"
    assert stored_names() == []
    assert problem(form, upload("a.jpg", JPEG), upload("b.jpg", JPEG)) == "upload_files_too_large"
    assert len(stored_names()) == 1


def test_an_input_where_nothing_was_chosen_is_no_file(form):
    held = hold_uploads(form, delivery(upload("", b"")))
    assert (held.files, held.problems) == ((), {})


def test_files_become_the_messages_in_its_transaction(form, client):
    held = hold_uploads(form, delivery(upload("a.pdf", PDF)))
    message = message_of(form, client)
    with pytest.raises(ZeroDivisionError), transaction():
        attach(message, held)
        raise ZeroDivisionError
    assert file_rows()[0].submission_id is None
    with transaction():
        attach(message, held)
    assert file_rows()[0].submission_id == message


def test_a_file_that_a_message_has_is_copied_for_a_second_one(form, client):
    held = hold_uploads(form, delivery(upload("a.pdf", PDF)))
    message = message_of(form, client)
    with transaction():
        attach(message, held)
    again = hold_uploads(form, page_of(form, held))
    assert again.files[0].is_taken
    with pytest.raises(HeldTaken), transaction():
        attach(message, again)
    copies = own_copies(form, again)
    with transaction():
        attach(message, copies)
    assert [bytes_of(row) for row in file_rows()] == [PDF, PDF]
    assert copies.digests == held.digests


def test_bytes_go_when_their_row_is_gone_for_good(form):
    hold_uploads(form, delivery(upload("a.pdf", PDF)))
    with pytest.raises(ZeroDivisionError), transaction():
        forget(select(SentFile.id))
        raise ZeroDivisionError
    assert len(stored_names()) == 1
    with transaction():
        assert forget(select(SentFile.id)) == 1
    assert (file_rows(), stored_names()) == ([], [])


def test_what_was_held_for_a_message_that_came_twice_is_let_go(form):
    old = hold_uploads(form, delivery(upload("a.pdf", PDF)))
    new = hold_uploads(form, delivery(upload("b.pdf", PDF)))
    let_go(hold_uploads(form, page_of(form, old)))
    let_go(new)
    assert [row.name for row in file_rows()] == ["a.pdf"]
    assert len(stored_names()) == 1


def test_a_full_disk_refuses_the_file_kindly(form, monkeypatch):
    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("core.files.local.os.fsync", full)
    assert problem(form, upload("a.pdf", PDF)) == "upload_failed"
    assert (file_rows(), stored_names()) == ([], [])
    monkeypatch.undo()
    assert hold_uploads(form, delivery(upload("a.pdf", PDF))).problems == {}


def test_a_row_that_cannot_be_written_leaves_no_bytes(form, monkeypatch):
    def broken(*_args):
        raise RuntimeError("the database is gone")

    monkeypatch.setattr(holding, "_add_row", broken)
    with pytest.raises(RuntimeError):
        hold_uploads(form, delivery(upload("a.pdf", PDF)))
    assert stored_names() == []


def test_the_disk_keeps_room_for_other_things(form, monkeypatch):
    monkeypatch.setattr("core.files.local.LocalFiles.free_bytes", lambda _self: 400 * 1024 * 1024)
    assert problem(form, upload("a.pdf", PDF)) == "upload_failed"
    set_limits(free_space_mb=300)
    assert hold_uploads(form, delivery(upload("a.pdf", PDF))).problems == {}


@pytest.mark.parametrize("limit", ["files_network_mb", "files_form_mb"])
def test_guests_cannot_fill_the_disk(form, limit):
    set_limits(**{limit: 1})
    big = PDF + bytes(600 * 1024)
    assert hold_uploads(form, delivery(upload("a.pdf", big))).problems == {}
    assert problem(form, upload("b.pdf", big)) == "upload_failed"
    set_limits(**{limit: 0})
    assert hold_uploads(form, delivery(upload("c.pdf", big))).problems == {}
