"""Files of memberships on the screens: who sees and runs them, also when the plugin is off."""

import io
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner
from importing_kit import TODAY, File, memberships, said
from memberships_kit import Calendar

from core.accounts.models import Account, Role
from core.cli import main
from core.customers.field_rights import set_field_rights
from core.customers.permissions import EDIT, IMPORT, SEE
from core.db import db, transaction
from core.imports import jobs
from core.imports.models import Import, ImportState
from core.imports.words import rows_offered
from core.jobs.runner import run_due_jobs
from core.plugin_host import lifecycle
from core.plugin_host.snapshot import use_current_snapshot
from core.testing.exports import take_out
from core.testing.factories import make_account, make_customer, make_staff
from plugins.member_tiers.declarations import MEMBERSHIPS_EDIT
from plugins.member_tiers.importing.columns import columns
from plugins.member_tiers.importing.kind import NAME
from tests.core.customers.reach.kit import make_restricted

URL = "/admin/imports/"
TEXT = "メール,会員ランク,開始日,最終日\nhanako@example.jp,gold,R8.4.1,\nx@example.jp,gold,R8.4.1,\n"
RIGHTS = ("admin.access", SEE, EDIT, IMPORT)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch, tiers: Any) -> Any:
    make_customer(email="hanako@example.jp", family_name="山田", given_name="花子")
    return Calendar(monkeypatch, TODAY)


def upload(client: Any, into: str = NAME) -> Any:
    form = {"file": (io.BytesIO(TEXT.encode()), "members.csv"), "into": into}
    return client.post(f"{URL}new", data=form, content_type="multipart/form-data")


def last() -> Any:
    db.session.rollback()
    return db.session.query(Import).order_by(Import.id.desc()).first()


def test_the_whole_way_by_hand(site: Any, client: Any, login: Any) -> None:
    login(client, make_account("Owner"))
    listed = client.get("/admin/member-tiers/memberships").get_data(as_text=True)
    assert f"/admin/imports/new?into={NAME}" in listed
    first = client.get(f"{URL}new?into={NAME}").get_data(as_text=True)
    assert f'value="{NAME}" checked' in first
    base = upload(client).headers["Location"].removesuffix("/file")
    assert "R8.4.1" in client.get(f"{base}/file").get_data(as_text=True)
    columns = client.get(f"{base}/columns").get_data(as_text=True)
    assert columns.count(" selected>") == 4
    assert last().settings["match"] == "stay"
    chosen = {f"column-{n}": name for n, name in enumerate(("email", "tier", "starts_on", "ends_on"))}
    assert client.post(f"{base}/columns", data=chosen).headers["Location"].endswith("/rules")
    rules = client.get(f"{base}/rules").get_data(as_text=True)
    assert "policy-starts_on" in rules
    assert "policy-email" not in rules
    sent = {"match": "stay", "mode": "both", "again": "update", "empty": "keep"}
    assert client.post(f"{base}/rules", data=sent).status_code == 303
    run_due_jobs()
    checked = client.get(base).get_data(as_text=True)
    assert "ゴールド" in checked
    assert "このメールアドレスの顧客はいません。" in checked
    client.post(f"{base}/run")
    run_due_jobs()
    assert [one.customer_id for one in memberships()] == [1]
    assert "x@example.jp" in client.get(f"{base}/errors.csv").get_data(as_text=True)
    client.post(f"{base}/undo")
    run_due_jobs()
    assert [one.status for one in memberships()] == ["expired"]
    assert client.get(URL).status_code == client.get(base).status_code == 200


def test_a_file_without_what_is_needed_is_sent_back_to_its_columns(
    site: Any, client: Any, login: Any
) -> None:
    login(client, make_account("Owner"))
    base = upload(client).headers["Location"].removesuffix("/file")
    answer = client.post(f"{base}/columns", data={"column-0": "email", "column-1": "tier"})
    assert answer.status_code == 422
    assert "開始日" in answer.get_data(as_text=True)


def test_without_the_right_nobody_meets_memberships(site: Any, client: Any, login: Any) -> None:
    file = File(TEXT)
    staff = make_staff(*RIGHTS)
    login(client, staff)
    assert NAME not in client.get(f"{URL}new").get_data(as_text=True)
    assert upload(client).status_code == 422
    assert "members.csv" not in client.get(URL).get_data(as_text=True)
    for path in ("", "/file", "/columns", "/rules", "/errors.csv"):
        assert client.get(f"{URL}{file.id}{path}").status_code == 403, path
    for path in ("check", "run", "undo", "discard"):
        assert client.post(f"{URL}{file.id}/{path}").status_code == 403, path
    assert last().id == file.id
    allowed = make_staff(*RIGHTS, MEMBERSHIPS_EDIT)
    login(client, allowed)
    assert NAME in client.get(f"{URL}new").get_data(as_text=True)


def test_whoever_lost_the_right_meanwhile_brings_nothing(site: Any) -> None:
    staff = make_staff(*RIGHTS, MEMBERSHIPS_EDIT)
    file = File(TEXT, by=staff.id)
    assert file.check() == (1, 0, 0, 1)
    with transaction():
        account = db.session.get_one(Account, staff.id)
        role = db.session.get_one(Role, account.role_id)
        role.permissions = list(RIGHTS)
    with transaction():
        row = db.session.get_one(Import, file.id)
        row.state = ImportState.CHECKING
    jobs.check(lambda *_: None, file.id)
    assert file.row.state == ImportState.DRAFT
    assert "役割" in file.row.problem
    assert memberships() == []


def test_with_the_plugin_off_an_import_says_so_and_waits(site: Any, client: Any, login: Any) -> None:
    file = File(TEXT)
    assert file.check() == (1, 0, 0, 1)
    lifecycle.disable("member_tiers")
    login(client, make_account("Owner"))
    assert NAME not in client.get(f"{URL}new").get_data(as_text=True)
    assert upload(client).status_code == 422
    assert "プラグインが無効です" in client.get(URL).get_data(as_text=True)
    answer = client.get(f"{URL}{file.id}")
    assert answer.status_code == 409
    assert "member_tiers" in answer.get_data(as_text=True)
    assert client.post(f"{URL}{file.id}/run").status_code == 409
    login(client, make_staff(*RIGHTS))
    assert "members.csv" not in client.get(URL).get_data(as_text=True)
    assert client.get(f"{URL}{file.id}").status_code == 403
    lifecycle.enable("member_tiers")
    assert file.run()[0] == 1


def test_an_owner_discards_a_file_of_a_plugin_that_is_off(site: Any, client: Any, login: Any) -> None:
    file = File(TEXT)
    lifecycle.disable("member_tiers")
    login(client, make_account("Owner"))
    assert client.post(f"{URL}{file.id}/discard").status_code == 303
    assert last() is None


def test_the_lists_file_by_state_and_days_is_proposed_whole_and_comes_back(
    site: Any, client: Any, login: Any
) -> None:
    other = make_customer(email="x@example.jp")
    File(TEXT + f"hanako@example.jp,silver,2020-04-01,2021-03-31\n{other.email},free,2026-11-01,\n").run()
    login(client, make_account("Owner"))
    begun = {"all": [{"field": "starts_on", "op": "lt", "value": "2026-10-01"}]}
    wanted = urlencode({"view": "running", "filter": json.dumps(begun)})
    path = f"/admin/member-tiers/memberships?{wanted}"
    asked = client.post(path, data={"do": "take-out", "scope": "all"}).get_data(as_text=True)
    boxes = re.findall(r'name="col" value="(\w+)"( checked)?', asked)
    assert {name for name, checked in boxes if checked} == {name for name, _checked in boxes}
    assert {column.name for column in columns()} <= {name for name, _checked in boxes}
    sent = take_out(client, path).get_data()
    before = said()
    back = File(sent)
    assert set(back.row.settings["columns"]) >= {column.name for column in columns()}
    assert back.check() == (0, 0, 2, 0), back.problems()
    assert said() == before


@pytest.mark.parametrize(("reach", "expected"), [("own", (1, 0, 0, 2)), ("all", (3, 0, 0, 0))])
def test_rows_find_only_customers_within_reach(site: Any, reach: str, expected: tuple[int, ...]) -> None:
    staff = make_restricted("own") if reach == "own" else make_account("Owner")
    mine = make_customer(email="mine@example.jp", assigned_account_id=str(staff.id))
    hidden = make_customer(email="hidden@example.jp", assigned_account_id=str(make_account("Owner").id))
    head = "顧客番号,メール,会員ランク,開始日\n"
    own = f"{mine.id},,gold,2026-04-01\n"
    text = f"{head}{own}{hidden.id},,gold,2026-04-01\n,hidden@example.jp,silver,2026-04-01\n"
    file = File(text, by=staff.id)
    assert file.run() == expected
    if reach == "own":
        unknown = File(text.replace(str(hidden.id), "4711").replace("hidden@", "nobody@"), by=staff.id)
        unknown.check()
        assert unknown.problems() == file.problems()
        assert {one.customer_id for one in memberships()} == {mine.id}


def test_memberships_of_hidden_customers_have_no_number(site: Any) -> None:
    staff = make_restricted("own")
    hidden = make_customer(email="hidden@example.jp", assigned_account_id=str(make_account("Owner").id))
    File(f"顧客番号,会員ランク,開始日\n{hidden.id},gold,2026-04-01\n").run()
    (theirs,) = memberships()
    file = File(f"会員資格番号,メモ\n{theirs.id},neu\n4711,neu\n", by=staff.id, match="number", mode="update")
    assert file.run() == (0, 0, 0, 2)
    assert len(set(file.problems().values())) == 1
    assert memberships()[0].note == ""


def test_kinds_are_offered_to_owners_and_to_whom_they_are_open(site: Any) -> None:
    class Somebody:
        id, kind, reach, is_owner = 0, "owner", "all", False

        def can(self, permission: str) -> bool:
            return permission == MEMBERSHIPS_EDIT

    assert NAME in rows_offered(Somebody())


def test_whoever_does_not_see_addresses_plainly_finds_nobody_by_one(
    site: Any, client: Any, login: Any
) -> None:
    file = File(TEXT)
    with transaction():
        set_field_rights("email", {}, "masked")
    use_current_snapshot()
    login(client, make_staff(*RIGHTS, MEMBERSHIPS_EDIT))
    assert client.get(f"{URL}{file.id}/columns").status_code == 403
    base = upload(client).headers["Location"].removesuffix("/file")
    page = client.get(f"{base}/columns").get_data(as_text=True)
    assert 'value="customer_id"' in page
    assert 'value="email"' not in page
    sent = {f"column-{n}": name for n, name in enumerate(("email", "tier", "starts_on", "ends_on"))}
    assert client.post(f"{base}/columns", data=sent).status_code == 422


def test_the_command_takes_memberships(
    site: Any, app: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.commands.command_app", lambda: app)
    path = tmp_path / "members.csv"
    path.write_text(TEXT, "utf-8")
    refused = CliRunner().invoke(main, ["customers", "import", str(path), "--into", "member_tiers.nothing"])
    assert refused.exit_code
    assert NAME in refused.output
    done = CliRunner().invoke(main, ["customers", "import", str(path), "--into", NAME])
    assert done.exit_code == 0, done.output
    assert len(memberships()) == 1
