import csv
import getpass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from core.activity.models import AuditEntry
from core.cli import main
from core.db import db
from core.exports.models import ExportEntry
from core.testing.factories import make_customer


@pytest.fixture
def kaiin(app, enable_plugins):
    """Run the `kaiin` command on the test's site."""
    enable_plugins("csv_export")

    def run(*arguments: str) -> Result:
        db.session.rollback()
        purpose = () if "--purpose" in arguments else ("--purpose", "毎月の分析")
        return CliRunner().invoke(main, (*arguments, *purpose), obj=app)

    return run


def test_a_file_is_written_for_its_owner_only(kaiin, tmp_path: Path):
    make_customer(family_name="髙橋", email="taka@example.jp")
    file = tmp_path / "out.csv"
    result = kaiin("export", "customers", "--out", str(file), "--columns", "family_name, email")
    assert result.exit_code == 0, result.output
    with file.open(encoding="utf-8-sig", newline="") as source:
        assert list(csv.reader(source))[1:] == [["髙橋", "taka@example.jp"]]
    assert file.stat().st_mode & 0o777 == 0o600
    assert [f.name for f in tmp_path.iterdir() if f.name.startswith(".out")] == []
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "export.taken")).one()
    assert (entry.account_id, entry.data["rows"]) == (None, 1)
    line = db.session.scalars(select(ExportEntry)).one()
    assert (line.note, line.operator, line.account_id) == ("毎月の分析", getpass.getuser(), None)


@pytest.mark.parametrize("purpose", ["", "  "])
def test_without_a_purpose_nothing_is_written(kaiin, tmp_path: Path, purpose: str):
    file = tmp_path / "out.csv"
    result = kaiin("export", "customers", "--out", str(file), "--purpose", purpose)
    assert (result.exit_code, "--purpose" in result.output, file.exists()) == (2, True, False)
    assert db.session.scalars(select(ExportEntry)).all() == []


def test_all_columns_go_to_standard_output(kaiin):
    make_customer(email="taka@example.jp")
    result = kaiin("export", "customers", "--out", "-")
    assert result.exit_code == 0
    assert "taka@example.jp" in result.stdout_bytes.decode("utf-8-sig")


def test_losses_are_told_beside_the_file(kaiin, tmp_path: Path):
    make_customer(family_name="Zoé", email="z@example.jp")
    out = str(tmp_path / "x.csv")
    result = kaiin("export", "customers", "--out", out, "--columns", "family_name", "--encoding", "cp932")
    assert result.exit_code == 0
    assert "1 characters are not in CP932" in result.stderr
    assert "é (U+00E9), row 2" in result.stderr
    assert "Zo〓" in Path(out).read_text(encoding="cp932")


def test_without_a_name_the_tables_and_columns_are_listed(kaiin):
    result = kaiin("export")
    assert result.exit_code == 0
    assert "customers: " in result.output
    assert "family_name" in result.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nothing", "--out", "-"), "このエクスポートはありません"),
        (("customers", "--out", "-", "--columns", "nothing"), "「nothing」という列がありません"),
        (("customers",), "--out"),
        (("customers", "--out", "/nowhere/x.csv"), "cannot be written"),
    ],
)
def test_mistakes_are_said_in_a_line(kaiin, arguments, words):
    result = kaiin("export", *arguments)
    assert result.exit_code != 0
    assert words in result.output


def test_a_switched_off_plugin_has_no_command(kaiin):
    from core.plugin_host import lifecycle

    lifecycle.disable("csv_export")
    assert "No such command" in kaiin("export").output
