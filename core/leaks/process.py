"""Runs a leak test in a process of its own, so that nothing of the copy stays in a serving one."""

import dataclasses
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from core.config import ROOT, Configuration

_SECONDS = 1800


def run_in_own_process(configuration: Configuration) -> dict[str, Any]:
    """Return what a test of the site found; raise CalledProcessError or TimeoutExpired."""
    command = [sys.executable, "-m", "core.leaks.process"]
    given = json.dumps(dataclasses.asdict(configuration), default=str).encode()
    done = subprocess.run(  # noqa: S603 (a fixed command)
        command, input=given, stdout=subprocess.PIPE, check=True, timeout=_SECONDS, cwd=ROOT
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def run_here(configuration: Configuration) -> dict[str, Any]:
    """Copy the site, plant, ask for everything as everybody, and return what was found."""
    from core.leaks.crawling import walk
    from core.leaks.garden import Garden
    from core.leaks.planting import plant
    from core.leaks.report import as_stored
    from core.leaks.site_copy import copied_site

    begun = time.monotonic()
    with copied_site(configuration) as app:
        garden = Garden()
        plant(garden)
        return as_stored(garden, walk(app, garden), time.monotonic() - begun)


def _read_configuration(given: bytes) -> Configuration:
    values = json.loads(given)
    for name in ("plugin_folders", "theme_folders"):
        values[name] = tuple(map(Path, values[name]))
    for name in ("secret_key_fallbacks", "trusted_hosts"):
        values[name] = tuple(values[name])
    return Configuration(**{**values, "instance": Path(values["instance"])})


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run_here(_read_configuration(sys.stdin.buffer.read()))))
