"""Pages as files: import from and export to Markdown with a head (see `front_matter`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import undefer

from core.content.front_matter import Document, FileProblem, read_document, write_document
from core.content.models import Page
from core.content.queries import find_page
from core.content.services import save_page
from core.content.slugs import make_slug, slug_problem
from core.db import db, transaction
from core.errors import KaiinError, ValidationFailed
from core.i18n import _

SUFFIX = ".md"
MAX_FILE_BYTES = 2_000_000


class ImportFailed(KaiinError):
    """Nothing was imported; `problems` are lines like `news.md:3: …`."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


@dataclass(frozen=True, slots=True)
class Imported:
    """The slugs of the pages that an import made and changed."""

    created: Sequence[str]
    updated: Sequence[str]


def import_pages(path: str | Path, *, by: int | None = None) -> Imported:
    """Create or change pages by slug from a file, or from all `.md` files below a folder.

    All or nothing: raises ImportFailed with every problem, and then nothing was stored. Values
    that a file does not name stay as they are; a new page is a public draft. A file without a
    slug takes it from its name.
    """
    problems: list[str] = []
    documents = [(file, document) for file in _files(Path(path)) if (document := _read(file, problems))]
    created: list[str] = []
    updated: list[str] = []
    with transaction():
        for file, document in documents:
            _import_one(file, document, created, updated, problems, by)
        if problems:
            raise ImportFailed(problems)
    return Imported(created, updated)


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    found = sorted(file for file in path.rglob(f"*{SUFFIX}") if file.is_file()) if path.is_dir() else []
    if not found:
        raise ImportFailed([_("%(path)s: no file and no folder with .md files.", path=path)])
    return found


def _read(file: Path, problems: list[str]) -> Document | None:
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            raise FileProblem(1, _("This file is too large."))
        return read_document(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        problems.append(f"{file}:1: {_('The file is not UTF-8.')}")
    except OSError as error:
        problems.append(f"{file}:1: {error.strerror}")
    except FileProblem as problem:
        problems.append(f"{file}:{problem.line}: {problem}")
    return None


def _import_one(
    file: Path,
    document: Document,
    created: list[str],
    updated: list[str],
    problems: list[str],
    by: int | None,
) -> None:
    values = _values(file, document)
    slug = str(values["slug"])
    if slug in created or slug in updated:
        problems.append(_problem(file, document, "slug", _("Two files have the slug “%(slug)s”.", slug=slug)))
        return
    # What no page can have is not even looked for: databases choke on some signs.
    page = None if slug_problem(slug) else find_page(slug)
    try:
        save_page(values, page_id=page.id if page is not None else None, by=by)
    except ValidationFailed as error:
        problems.extend(_problem(file, document, name, text) for name, text in error.errors.items())
        return
    (updated if page is not None else created).append(slug)


def _values(file: Path, document: Document) -> dict[str, Any]:
    values = dict(document.values)
    if "options" in values:
        values["options"] = values["options"] or {}
    values["slug"] = values.get("slug") or make_slug(file.stem)
    return values


def _problem(file: Path, document: Document, name: str, text: object) -> str:
    return f"{file}:{document.lines.get(name, 1)}: {name}: {text}"


def export_pages(folder: str | Path) -> list[Path]:
    """Write every page to `<slug>.md` in a folder, which is made; return the files."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    pages = db.session.execute(select(Page).options(undefer(Page.body)).order_by(Page.slug)).scalars()
    written = []
    for page in pages:
        file = target / f"{page.slug}{SUFFIX}"
        file.write_text(write_document(_exported(page)), encoding="utf-8", newline="\n")
        written.append(file)
    return written


def _exported(page: Page) -> dict[str, Any]:
    names = ("slug", "title", "status", "visibility", "excerpt", "rule", "options", "body")
    # Only what was set: files of older versions stay as they are.
    chosen = {name: getattr(page, name) for name in ("rule_name", "display") if getattr(page, name)}
    return {**{name: getattr(page, name) for name in names}, **chosen}
