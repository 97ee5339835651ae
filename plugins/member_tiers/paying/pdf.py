"""An invoice or receipt as PDF, written by a process that ends with it."""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from core.api import _

from .papers import Paper

_ROOT = Path(__file__).resolve().parents[3]
_SECONDS = 60


def pdf_of(paper: Paper) -> bytes:
    """Return the paper as PDF. Call it outside of transactions: it takes about half a second."""
    words = {"line": _("Description"), "amount": _("Line total"), "total": _("Total (tax included)")}
    words |= {"number": _("No."), "date": _("Date"), "registration": _("Registration number")}
    given = json.dumps({"paper": asdict(paper), "words": words}).encode()
    command = [sys.executable, "-m", "plugins.member_tiers.paying.pdf_process"]
    done = subprocess.run(  # noqa: S603
        command, input=given, stdout=subprocess.PIPE, check=True, timeout=_SECONDS, cwd=_ROOT
    )
    return done.stdout
