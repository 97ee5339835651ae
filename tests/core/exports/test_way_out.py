"""No view of the admin can hand out a table without noting it, whoever wrote the view."""

import ast
from pathlib import Path

import pytest
from flask import Response

from core.config import ROOT
from core.exports import way_out
from core.files.responses import disposition
from core.security.access import RuleKind, access_rule_of
from core.testing.factories import make_account

# Where files with rows may be made: the responses of exports, and views that say why theirs are none.
MAKERS = {
    "core/exports/responses.py",
    "core/imports/views_work.py",
    "core/accounts/views_own.py",
    "core/privacy/views_member.py",
    "plugins/wordpress_import/views_admin.py",
    "plugins/member_tiers/reports/views_admin.py",
}
# What looks at types of files, and makes none.
NAMERS = {"core/files/content.py", "core/customers/masking.py"}


@pytest.mark.parametrize(
    ("mimetype", "name"),
    [
        ("text/csv", None),
        ("application/zip", None),
        ("application/octet-stream", "customers.xlsx"),
        ("application/octet-stream", "顧客.CSV"),
        ("application/json", "customer.json"),
    ],
)
def test_a_view_that_forgets_gets_no_file_out(app, client, login, monkeypatch, mimetype, name):
    def forgetful(**_values):
        answer = Response(b"taka@example.jp", mimetype=mimetype)
        if name is not None:
            answer.headers["Content-Disposition"] = disposition(name)
        return answer

    forgetful.access_rule = access_rule_of(app.view_functions["customers_admin.my_day_page"])
    monkeypatch.setitem(app.view_functions, "customers_admin.my_day_page", forgetful)
    login(client, make_account("Owner"))
    answer = client.get("/admin/my-day")
    assert answer.status_code == 500
    assert b"taka@" not in answer.get_data()


def test_views_whose_files_are_no_export_say_why(app):
    marked = {
        name: view.hands_back for name, view in app.view_functions.items() if hasattr(view, "hands_back")
    }
    assert set(marked) == {
        "contact_forms_admin.file_download",
        "customers_admin.customer_file",
        "imports_admin.errors",
        "member_tiers_admin.report_csv",
        "library_admin.original",
        "wordpress_import_admin.report",
    }
    assert all(len(reason) > 10 for reason in marked.values())


def test_every_view_that_takes_data_out_asks_for_a_recent_log_in_or_its_own_right(app):
    for name in ("exports_admin.fetch", "csv_export_admin.download", "contact_forms_admin.export_download"):
        view = app.view_functions[name]
        assert access_rule_of(view).kind is RuleKind.PERMISSION
        assert getattr(view, "asks_recent_log_in", False), name


def test_only_known_places_make_files_with_rows():
    found = set()
    for file in [*(ROOT / "core").rglob("*.py"), *(ROOT / "plugins").rglob("*.py")]:
        place = file.relative_to(ROOT).as_posix()
        if place == "core/exports/way_out.py" or "/testing/" in place:
            continue
        if _makes_tables(file):
            found.add(place)
    assert found <= MAKERS | NAMERS, found - MAKERS


def _makes_tables(file: Path) -> bool:
    tree = ast.parse(file.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in way_out._TABLES:
            return True
    return False
