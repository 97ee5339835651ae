import pytest
from sqlalchemy import select

from core.accounts.models import Role
from core.activity.models import AuditEntry
from core.db import db, transaction
from core.testing.exports import take_out
from core.testing.factories import make_account, make_staff
from plugins.contact_forms.models import Folder, Submission
from plugins.contact_forms.models_pipeline import Consent
from plugins.contact_forms.models_rights import ChosenFormsRole, FormRights
from plugins.contact_forms.permissions import FORM_RIGHTS, FORMS_EDIT
from plugins.contact_forms.queries import BADGE_LIMIT
from plugins.contact_forms.rights.reach import may_see
from plugins.contact_forms.rights.services import save_rights
from tests.plugins.contact_forms.forms_kit import make_form, send, submissions, work
from tests.plugins.contact_forms.inbox_kit import bulk, confirmed, plans_of, rows, text_of, view

SEE, EDIT, REPLY, EXPORT, DELETE, PERSONAL, REVEAL = FORM_RIGHTS
SECRET = "採用の秘密"
OTHER = "採用フォーム"


def role_of(account):
    return db.session.get_one(Role, account.role_id)


def grant(form_id, account, *rights, only_chosen=False):
    with transaction():
        wanted = {account.role_id: rights}
        save_rights(form_id, wanted, {account.role_id} if only_chosen else (), by=None)


@pytest.fixture
def forms(contact, new_client):
    """Two forms; to each, the same person has written, and a robot."""
    hidden = make_form("jobs")
    with transaction():
        from plugins.contact_forms.models import Form

        db.session.get_one(Form, hidden.id).title = OTHER
    visitor = new_client()
    send(visitor, "contact")
    send(visitor, "jobs", message=SECRET)
    send(visitor, "jobs", message=f"{SECRET} spam", form_website="x")
    work()
    return contact, hidden


@pytest.fixture
def limited(forms, client, login):
    """A browser of staff with every right in the first form only."""
    account = make_staff(*FORM_RIGHTS, FORMS_EDIT, "customers.see", "customers.edit", "csv_export.use")
    grant(forms[0].id, account, *FORM_RIGHTS, only_chosen=True)
    login(client, account)
    return client


def seen_and_hidden():
    seen, hidden, spam = submissions()
    return seen, hidden, spam


LISTS = (
    "/admin/",
    "/admin/forms/inbox",
    "/admin/forms/inbox?view=unread",
    "/admin/forms/inbox?view=unassigned",
    "/admin/forms/inbox?view=spam",
    "/admin/forms/inbox?q=採用",
    "/admin/forms/inbox?add=1&f=form",
    "/admin/forms/consents",
    "/admin/customers/",
)


@pytest.mark.parametrize("path", LISTS)
def test_no_list_shows_a_trace_of_a_form_that_is_not_theirs(limited, path):
    page = text_of(limited, path)
    _seen, hidden, spam = seen_and_hidden()
    assert SECRET not in page
    assert OTHER not in page
    assert hidden.receipt not in page or hidden.receipt == _seen.receipt
    assert not {hidden.id, spam.id} & set(rows(page))


def test_lists_search_badge_and_card_hold_what_is_theirs(limited):
    seen, _hidden, _spam = seen_and_hidden()
    assert view(limited, "inbox") == [seen.id]
    assert view(limited, "spam") == []
    assert rows(text_of(limited, "/admin/forms/inbox?q=在庫")) == [seen.id]
    page = text_of(limited, "/admin/")
    assert rows(page) == [seen.id]
    assert "未読1件" in page or "未読 1" in page
    assert 'k-nav-badge">1<' in page or ">1</span>" in page


def test_the_same_lists_show_all_to_an_owner(forms, client, login):
    login(client, make_account("Owner"))
    seen, hidden, spam = seen_and_hidden()
    assert view(client, "inbox") == [hidden.id, seen.id]
    assert view(client, "spam") == [spam.id]
    assert OTHER in text_of(client, "/admin/forms/inbox?add=1&f=form")


GETS = ("", "/release")
POSTS = (
    "/read",
    "/unread",
    "/spam",
    "/pitch",
    "/not-spam",
    "/trash",
    "/restore",
    "/delete",
    "/work",
    "/take",
    "/done",
    "/notes",
    "/notes/1/delete",
    "/reply",
    "/answers",
    "/mails/1/resend",
    "/release",
    "/revert",
)


def test_no_address_opens_or_changes_a_message_that_is_not_theirs(limited):
    for one in seen_and_hidden()[1:]:
        before = (one.folder, one.is_read, one.status)
        for path in GETS:
            assert limited.get(f"/admin/forms/inbox/{one.id}{path}").status_code == 404, path
        for path in POSTS:
            answer = limited.post(f"/admin/forms/inbox/{one.id}{path}", data={"body": "x", "status": "done"})
            assert answer.status_code == 404, path
        json = limited.get(f"/admin/forms/inbox/{one.id}", headers={"Accept": "application/json"})
        assert json.status_code == 404
        db.session.expire_all()
        assert (one.folder, one.is_read, one.status) == before


def test_every_address_of_a_message_is_tried_above(app):
    known = {f"/<int:submission_id>{path}" for path in (*GETS, *POSTS[8:])}
    known |= {"/<int:submission_id>/<verb>", "/<int:submission_id>/notes/<int:entry_id>/delete"}
    known |= {"/<int:submission_id>/mails/<int:mail_id>/resend", "/<int:submission_id>/reveal"}
    found = {
        rule.rule.removeprefix("/admin/forms/inbox")
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/admin/forms/inbox/<int:submission_id>")
    }
    assert {path for path in found if "/files/" not in path and "/hold" not in path} <= known


def test_bulk_actions_pass_over_what_is_not_theirs(limited):
    seen, hidden, spam = seen_and_hidden()
    bulk(limited, "read", [seen.id, hidden.id, spam.id])
    bulk(limited, "trash", [], scope="all")
    db.session.expire_all()
    assert (seen.is_read, hidden.is_read) == (True, False)
    assert (seen.folder, hidden.folder, spam.folder) == (Folder.TRASH, Folder.INBOX, Folder.SPAM)


def test_the_way_through_the_folder_passes_over_what_is_not_theirs(limited):
    page = text_of(limited, f"/admin/forms/inbox/{seen_and_hidden()[0].id}")
    assert 'rel="prev"' not in page
    assert 'rel="next"' not in page


def file_of(client, path):
    answer = take_out(client, path)
    assert answer.mimetype == "text/csv"
    return answer.get_data(as_text=True)


def test_exports_hold_only_what_may_leave(limited, enable_plugins):
    page = file_of(limited, "/admin/forms/inbox")
    assert "在庫" in file_of(limited, "/admin/forms/inbox?cols=answers") or "山田" in page
    assert SECRET not in file_of(limited, "/admin/forms/inbox?cols=answers,form&view=inbox")
    assert len(page.strip().splitlines()) == 2
    assert len(file_of(limited, "/admin/forms/consents").strip().splitlines()) == 2


def test_seeing_does_not_mean_taking_out(forms, client, login):
    account = make_staff(SEE, EXPORT)
    grant(forms[1].id, account, SEE)
    login(client, account)
    assert len(view(client, "inbox")) == 2
    assert SECRET not in file_of(client, "/admin/forms/inbox?cols=answers,form")
    login(client, make_staff(SEE))
    assert client.get("/admin/forms/inbox?format=csv").status_code == 404


def test_consents_of_other_forms_are_not_there(limited):
    seen, hidden = db.session.scalars(select(Consent).order_by(Consent.id))
    assert limited.get(f"/admin/forms/consents/{seen.id}").status_code == 200
    assert limited.get(f"/admin/forms/consents/{hidden.id}").status_code == 404
    data = {"action": "withdraw", "ids": [str(hidden.id)], "confirmed": "0"}
    limited.post("/admin/forms/consents?view=valid", data=data)
    db.session.expire_all()
    assert hidden.withdrawn_at is None


def test_attempts_and_counts_of_other_forms_are_not_told_to_who_builds_them(limited, forms):
    assert limited.get(f"/admin/forms/{forms[0].id}/attempts").status_code == 200
    assert limited.get(f"/admin/forms/{forms[1].id}/attempts").status_code == 403
    cells = text_of(limited, "/admin/forms/").split("<tr>")
    (other,) = [cell for cell in cells if OTHER in cell]
    assert "未読" not in other
    assert "–" in other


def test_a_customers_page_tells_only_of_messages_that_are_theirs(limited, forms, client, login):
    seen, hidden, _spam = seen_and_hidden()
    assert seen.customer_id == hidden.customer_id
    path = f"/admin/customers/{seen.customer_id}"
    page = text_of(limited, path)
    assert OTHER not in page
    assert rows(page) == [seen.id]
    assert "お問い合わせ" in page
    assert 'name="cols"' not in page
    assert "submission_count" not in text_of(limited, "/admin/customers/")
    login(client, make_account("Owner"))
    assert OTHER in text_of(client, path)
    assert "submission_count" in text_of(client, "/admin/customers/")


def test_the_timeline_stays_silent_after_the_message_is_deleted(limited):
    from plugins.contact_forms.inbox.services import delete_submissions

    _seen, hidden, _spam = seen_and_hidden()
    customer_id = hidden.customer_id
    with transaction():
        delete_submissions([hidden.id])
    assert OTHER not in text_of(limited, f"/admin/customers/{customer_id}")


def test_a_right_can_be_taken_away_in_one_form(forms, client, login):
    account = make_staff(*FORM_RIGHTS)
    grant(forms[1].id, account, SEE)
    login(client, account)
    _seen, hidden, _spam = seen_and_hidden()
    page = text_of(client, f"/admin/forms/inbox/{hidden.id}")
    assert "/trash" not in page
    assert "reply" not in page
    for path in POSTS:
        if path not in ("/release", "/revert"):
            assert client.post(f"/admin/forms/inbox/{hidden.id}{path}").status_code == 403, path
    bulk(client, "read", [hidden.id])
    db.session.expire_all()
    assert not hidden.is_read


def test_the_question_before_a_bulk_action_counts_only_what_it_will_act_on(forms, client, login):
    account = make_staff(*FORM_RIGHTS)
    grant(forms[1].id, account, SEE, EDIT)
    with transaction():
        db.session.execute(Submission.__table__.update().values(folder="trash", trashed_from="inbox"))
    login(client, account)
    ids = [one.id for one in submissions()]
    assert 'name="confirmed" value="1"' in bulk(client, "delete", ids, "trash").get_data(as_text=True)
    confirmed(client, "delete", [ids[0]], "trash", scope="all")
    assert [one.id for one in submissions()] == ids[1:]


def test_own_rights_never_give_what_the_role_may_do_nowhere(forms):
    account = make_staff(SEE)
    grant(forms[0].id, account, *FORM_RIGHTS)
    assert db.session.scalars(select(FormRights.rights)).one() == [SEE]


def test_guests_members_and_staff_without_the_door_see_no_form(forms, client, login):
    assert not may_see(None, forms[0].id)
    account = make_staff(EDIT, REPLY)
    login(client, account)
    assert client.get("/admin/forms/inbox").status_code == 403
    assert client.post(f"/admin/forms/inbox/{submissions()[0].id}/take").status_code in (403, 404)


# The screen


@pytest.fixture
def owner(forms, client, login):
    login(client, make_account("Owner"))
    return client


def test_the_screen_gives_and_takes_rights_and_notes_it(owner, forms):
    account = make_staff(SEE, EDIT)
    path, role = f"/admin/forms/{forms[0].id}/rights", account.role_id
    assert role_of(account).name in text_of(owner, path)
    data = {f"mode-{role}": "own", f"right-{role}": [SEE, REPLY], f"closed-{role}": "1"}
    assert owner.post(path, data=data).status_code == 303
    assert db.session.scalars(select(FormRights.rights)).one() == [SEE]
    assert db.session.scalars(select(ChosenFormsRole.role_id)).one() == role
    assert db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()[-1] == (
        "contact_forms.form.rights"
    )
    assert "すべてのフォームと同じ: なし" in text_of(owner, f"/admin/forms/{forms[1].id}/rights")
    owner.post(path, data={f"mode-{role}": "usual"})
    assert not db.session.scalars(select(FormRights.rights)).all()
    assert not db.session.scalars(select(ChosenFormsRole.role_id)).all()


def test_nonsense_on_the_screen_changes_nothing_it_should_not(owner, forms):
    account = make_staff(SEE)
    role = account.role_id
    path = f"/admin/forms/{forms[0].id}/rights"
    data = {f"mode-{role}": "own", f"right-{role}": [SEE, "staff.manage", "x" * 5000], "mode-99": "own"}
    assert owner.post(path, data=data).status_code == 303
    assert db.session.scalars(select(FormRights.rights)).one() == [SEE]
    assert owner.post("/admin/forms/99/rights", data=data).status_code == 404


def test_nobody_widens_their_own_rights(forms, client, login):
    account = make_staff("staff.manage", *FORM_RIGHTS)
    grant(forms[0].id, account, SEE)
    login(client, account)
    path, role = f"/admin/forms/{forms[0].id}/rights", account.role_id
    assert "disabled" in text_of(client, path)
    client.post(path, data={f"mode-{role}": "usual"})
    assert db.session.scalars(select(FormRights.rights)).one() == [SEE]


def test_who_gains_a_right_logs_in_again_and_who_loses_one_stays(owner, forms, new_client, login):
    account = make_staff(SEE, EDIT)
    other = new_client()
    login(other, account)
    grant(forms[0].id, account, SEE)
    assert other.get("/admin/forms/inbox").status_code == 200
    grant(forms[0].id, account, SEE, EDIT)
    assert other.get("/admin/forms/inbox").status_code == 302


def test_the_screen_asks_for_its_own_right(forms, client, login):
    login(client, make_staff(*FORM_RIGHTS, FORMS_EDIT))
    assert client.get(f"/admin/forms/{forms[0].id}/rights").status_code == 403
    assert client.post(f"/admin/forms/{forms[0].id}/rights").status_code == 403
    assert "/rights" not in text_of(client, f"/admin/forms/{forms[0].id}")


# Speed


def test_rights_cost_no_query(forms, client, login, query_counter):
    account = make_staff(*FORM_RIGHTS)
    login(client, account)

    def count():
        client.get("/admin/forms/inbox")
        with query_counter() as counted:
            client.get("/admin/forms/inbox")
        return counted.count

    without = count()
    grant(forms[1].id, account, *FORM_RIGHTS[:4])
    login(client, account)
    assert count() <= without


@pytest.mark.parametrize("only_chosen", [True, False])
@pytest.mark.parametrize("name", ["inbox", "unread", "mine", "unassigned", "pending", "spam"])
def test_a_limited_inbox_neither_scans_nor_sorts(forms, client, login, name, only_chosen):
    account = make_staff(*FORM_RIGHTS)
    grant(forms[0].id, account, *(FORM_RIGHTS if only_chosen else ()), only_chosen=only_chosen)
    login(client, account)
    for statement, plan in plans_of(client, f"/admin/forms/inbox?view={name}").items():
        for step in plan:
            is_first_row = "LIMIT" in statement and "folder" not in statement
            assert not step.startswith("SCAN contact_forms_submission") or is_first_row, (statement, plan)
            assert "TEMP B-TREE" not in step, (statement, plan)


def test_the_badge_still_uses_the_index_of_what_is_unread(limited):
    plans = plans_of(limited, "/admin/forms/consents")
    (plan,) = [plan for statement, plan in plans.items() if "is_read" in statement]
    assert any("ix_contact_forms_submission_unread" in step for step in plan), plan
    assert BADGE_LIMIT == 1_000
