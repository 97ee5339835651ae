"""Pages as files: what is written reads back the same; a mistake stores nothing."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from core.cli import main
from core.content.front_matter import FileProblem, read_document, write_document
from core.content.models import Page
from core.content.queries import find_page, load_body
from core.content.transfer import ImportFailed, export_pages, import_pages
from core.db import db, transaction

GOLD = """---
slug: gold
title: ゴールド会員のお知らせ: 11月
status: published
visibility: restricted
rule: {"all": [{"field": "prefecture", "op": "in",
  "value": ["13", "27"]}]}
options: {"member_tiers": {"unlock_price": 50}}
excerpt: "  quoted, with spaces "
---

# 見出し

本文 [site_name]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "pages"
    made.mkdir()
    return made


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def problems_of(path: Path) -> list[str]:
    with pytest.raises(ImportFailed) as failure:
        import_pages(path)
    db.session.rollback()
    assert db.session.query(Page).count() == 0
    return failure.value.problems


def test_a_file_becomes_a_page(app, folder) -> None:
    done = import_pages(write(folder, "gold.md", GOLD))
    assert (list(done.created), list(done.updated)) == (["gold"], [])
    page = find_page("gold")
    assert page is not None
    assert page.title == "ゴールド会員のお知らせ: 11月"
    assert (page.status, page.visibility) == ("published", "restricted")
    assert page.rule == {"all": [{"field": "prefecture", "op": "in", "value": ["13", "27"]}]}
    assert page.options == {"member_tiers": {"unlock_price": 50}}
    assert page.excerpt == "quoted, with spaces"
    assert load_body(page) == "# 見出し\n\n本文 [site_name]\n"


def test_importing_again_changes_by_slug_and_keeps_what_is_not_named(app, folder) -> None:
    file = write(folder, "gold.md", GOLD)
    import_pages(file)
    write(folder, "gold.md", "---\nslug: gold\ntitle: New\nrule:\n---\nNew text")
    done = import_pages(folder)
    assert (list(done.created), list(done.updated)) == ([], ["gold"])
    page = find_page("gold")
    assert page is not None
    assert (page.title, page.status, page.rule, load_body(page)) == ("New", "published", None, "New text\n")
    assert page.options == {"member_tiers": {"unlock_price": 50}}


def test_a_folder_is_read_whole_and_a_file_without_slug_takes_its_name(app, folder) -> None:
    write(folder, "First Page.md", "---\ntitle: First\n---\n")
    write(folder, "deep/second.md", "\ufeff---\r\ntitle: Second\r\n---\r\nText\r\n")
    write(folder, "notes.txt", "not a page")
    assert sorted(import_pages(folder).created) == ["first-page", "second"]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "---"),
        ("# no head", 1, "---"),
        ("---\ntitle: x\n", 1, "---"),
        ("---\ntitle: x\ncolour: red\n---\n", 3, "colour"),
        ("---\ntitle: x\ntitle: y\n---\n", 3, "title"),
        ("---\njust words\n---\n", 2, "キー"),
        ('---\ntitle: x\nslug: "a\\u0000"\n---\n', 3, "slug"),
        ("---\ntitle: x\n  more\n---\n", 3, "rule"),
        ("---\n  indented: x\n---\n", 2, "rule"),
        ("---\ntitle: x\nrule: {\n---\n", 3, "rule"),
        ("---\ntitle: x\nrule: {\n  'a': 1}\n---\n", 4, "rule"),
        ("---\ntitle: x\nrule: [" + "[" * 3000 + "\n---\n", 3, "rule"),
        ('---\ntitle: "x\n---\n', 2, "title"),
        ("---\ntitle:\n---\n", 2, "title"),
        ("---\nslug: a b\ntitle: x\n---\n", 2, "slug"),
        ("---\ntitle: x\nslug: admin\n---\n", 3, "slug"),
        ("---\ntitle: x\nstatus: live\n---\n", 3, "status"),
        ("---\ntitle: x\nvisibility: all\n---\n", 3, "visibility"),
        ("---\ntitle: x\nrule: [1]\n---\n", 3, "rule"),
        ("---\ntitle: x\noptions: [1]\n---\n", 3, "options"),
        ("---\ntitle: x\n---\n" + "x" * 100_001, 4, "body"),
        ("---\ntitle: a\x00b\n---\n", 2, "title"),
        ("---\ntitle: x\nrule: " + "9" * 5000 + "\n---\n", 3, "rule"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_nothing_is_stored(app, folder, text, line, words) -> None:
    good = write(folder, "a-good.md", "---\ntitle: Good\n---\n")
    file = write(folder, "bad.md", text)
    problems = problems_of(folder)
    assert good.exists()
    assert len(problems) == 1
    assert problems[0].startswith(f"{file}:{line}: ")
    assert words in problems[0]


def test_all_problems_of_all_files_are_told(app, folder) -> None:
    write(folder, "a.md", "---\ntitle:\nstatus: x\n---\n")
    write(folder, "b.md", "no head")
    (folder / "c.md").write_bytes(b"\xff\xfe")
    write(folder, "d.md", "---\nslug: same\ntitle: x\n---\n")
    write(folder, "e.md", "---\nslug: same\ntitle: x\n---\n")
    assert len(problems_of(folder)) == 5


def test_a_path_without_files_is_a_problem(app, folder) -> None:
    assert len(problems_of(folder)) == 1
    assert len(problems_of(folder / "nothing")) == 1


def test_what_is_exported_imports_as_the_same_pages(app, folder, tmp_path) -> None:
    import_pages(write(folder, "gold.md", GOLD))
    write(
        folder,
        "odd.md",
        '---\nslug: 会社概要\ntitle: \'"x"\'\nexcerpt: "a\\nb"\n---\n---\nnot: a head\n---\n',
    )
    import_pages(folder / "odd.md")
    first = export_pages(tmp_path / "one")
    with transaction():
        for page in db.session.query(Page):
            db.session.delete(page)
    done = import_pages(tmp_path / "one")
    assert sorted(done.created) == ["gold", "会社概要"]
    second = export_pages(tmp_path / "two")
    assert [f.read_text() for f in first] == [f.read_text() for f in second]
    page = find_page("会社概要")
    assert page is not None
    assert page.excerpt == "a\nb"
    assert load_body(page) == "---\nnot: a head\n---\n"


LINE = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), max_size=30)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(LINE, LINE, st.dictionaries(LINE, LINE | st.integers() | st.none(), max_size=3))
def test_any_values_survive_the_file(title: str, excerpt: str, rule: dict[str, object]) -> None:
    values = {"title": title, "excerpt": excerpt, "rule": rule, "body": "text\n"}
    read = read_document(write_document(values)).values
    assert read.get("title", "") == title
    assert read.get("excerpt", "") == excerpt
    assert (read.get("rule") or {}) == rule
    assert read["body"] == "text\n"


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(alphabet='-ab:{}[]"\n \t', max_size=60))
def test_any_file_is_read_or_refused_with_a_line(text: str) -> None:
    try:
        read_document("---\n" + text)
    except FileProblem as problem:
        assert 1 <= problem.line <= text.count("\n") + 3


def test_the_commands_import_and_export(app, folder, tmp_path) -> None:
    write(folder, "gold.md", GOLD)
    runner = CliRunner()
    done = runner.invoke(main, ["pages", "import", str(folder)], obj=app)
    assert done.exit_code == 0, done.output
    assert "/gold" in done.output
    out = runner.invoke(main, ["pages", "export", str(tmp_path / "out")], obj=app)
    assert out.exit_code == 0, out.output
    assert (tmp_path / "out" / "gold.md").is_file()
    write(folder, "gold.md", "no head")
    failed = runner.invoke(main, ["pages", "import", str(folder)], obj=app)
    assert failed.exit_code == 1
    assert "gold.md:1:" in failed.output
    assert "Traceback" not in failed.output
