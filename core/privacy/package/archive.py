"""The ZIP of a person's data: a page to read, the same as PDF, JSON for programs, and files."""

import json
import zipfile
from collections.abc import Mapping, Sequence
from tempfile import TemporaryFile
from typing import IO, Any

from flask import render_template
from markupsafe import Markup

from core.customers.report_files import CustomerFile, named_contents
from core.formats import format_datetime
from core.i18n import _, current_language
from core.privacy.package.pdf import write_pdf
from core.privacy.package.sections import list_sections, parse_moment


def write_package(
    out: IO[bytes], data: Mapping[str, Any], files: Sequence[CustomerFile], *, with_notes: bool = False
) -> None:
    """Write the whole package, in the current language."""
    sections = list_sections(data)
    title = _("Your data at %(site)s", site=data["site"])
    made_at = format_datetime(parse_moment(data["made_at"]))
    number = _("Member number %(number)s", number=data["number"])
    page = render_template(
        "own_data/index.html",
        data=data,
        title=title,
        # Within the one file, which no policy of ours reaches; our own, without values.
        style=Markup(f"<style>{render_template('own_data/style.css')}</style>"),  # noqa: S704
        sections=sections,
        language=current_language(),
        made_at=made_at,
        has_files=bool(files),
        with_notes=with_notes,
    )
    encoder = json.JSONEncoder(ensure_ascii=False, indent=2, default=str)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("index.html", page)
        with archive.open("data.json", "w") as member:
            for piece in encoder.iterencode(data):
                member.write(piece.encode())
        with TemporaryFile() as pdf:
            write_pdf(pdf, title=title, lines=(f"{number} · {made_at}",), sections=sections)
            pdf.seek(0)
            with archive.open("data.pdf", "w") as member:
                while piece_of_pdf := pdf.read(65_536):
                    member.write(piece_of_pdf)
        for name, contents in named_contents(files):
            with archive.open(name, "w") as member:
                for content in contents:
                    member.write(content)
