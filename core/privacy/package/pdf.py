"""The parts of a person's data as a PDF, written by a process that ends with it."""

import json
import subprocess
import sys
from collections.abc import Sequence
from tempfile import TemporaryFile
from typing import IO

from core.config import ROOT
from core.i18n import _
from core.privacy.package.sections import Section

_SECONDS = 300


def write_pdf(out: IO[bytes], *, title: str, lines: Sequence[str], sections: Sequence[Section]) -> None:
    """Write a document with a title, some lines below it, and the parts; `out` is a real file.

    Raises CalledProcessError, or TimeoutExpired for one that never ends.
    """
    page = _("Page %(number)s", number="{}")
    told = [(section.title, section.records) for section in sections]
    with TemporaryFile() as given:
        given.write(
            json.dumps({"title": title, "lines": list(lines), "page": page, "sections": told}).encode()
        )
        given.seek(0)
        command = [sys.executable, "-m", "core.privacy.package.pdf_process"]
        subprocess.run(command, stdin=given, stdout=out, check=True, timeout=_SECONDS, cwd=ROOT)  # noqa: S603
