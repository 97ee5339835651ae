"""`make bench CUSTOMERS=1000000 DATABASE=postgresql`: lists, import, export and duplicates at size."""

import argparse
import json
import subprocess
import sys

from benchmarks.customer_cases import pages
from benchmarks.databases import KINDS
from benchmarks.report import Result, print_table
from benchmarks.rounds import Pace
from core.config import ROOT
from core.testing.postgresql import share_with_workers

PAGES, IMPORT, EXPORT, DUPLICATES, RULES = "pages", "import", "export", "duplicates", "rules"


def main() -> int:
    """Measure and print."""
    options = _options()
    if options.database == KINDS[1]:
        share_with_workers()
    results = []
    for case in (PAGES, IMPORT, EXPORT, DUPLICATES, RULES):
        if options.only in (None, case):
            print(f"Measuring: {case}", file=sys.stderr, flush=True)
            results += _measure(case, options)
    print_table(results)
    return 0 if all(result.is_met is not False for result in results) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.customers", description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--database", choices=KINDS, default=KINDS[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--only", choices=(PAGES, IMPORT, EXPORT, DUPLICATES, RULES))
    return parser.parse_args()


def _measure(case: str, options: argparse.Namespace) -> list[Result]:
    rows, database = options.customers, options.database
    if case == PAGES:
        return pages(rows, database, Pace(options.rounds, options.seconds))
    if case == RULES:
        return _rules(rows, database)
    # A million rows take minutes: the more there are, the fewer rounds are needed.
    rounds = 1 if rows > 200_000 else options.rounds
    figures = [_work(case, rows, database) for _round in range(rounds)]
    values = {name: [figure[name] for figure in figures] for name in figures[0]}
    growth = Result(f"memory growth, {case}", "MB", values["growth"], at_most=60)
    if case == IMPORT:
        more = {"rows_checked_a_second": max(values["check_rate"])}
        floor = "executemany of the same rows into the same tables"
        return [_rate(f"import of {rows:,} customers", values, floor, 0.25, more), growth]
    if case == EXPORT:
        return [_rate(f"export of {rows:,} customers", values, "csv module from raw SQL", 0.40, {}), growth]
    more = {"again_rows_a_second": max(values["again_rate"])}
    return [Result(f"duplicates among {rows:,}", "customers/s", values["rate"], more=more), growth]


def _rules(rows: int, database: str) -> list[Result]:
    command = [sys.executable, "-m", "benchmarks.rule_work", str(rows), database]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return [
        Result(f"a rule over {rows:,} members: {name}", "s", [seconds], at_most=2)
        for name, seconds in found.items()
    ]


def _rate(
    name: str, values: dict[str, list[float]], floor: str, at_least: float, more: dict[str, float]
) -> Result:
    return Result(name, "rows/s", values["rate"], values["floor"], floor, at_least=at_least, more=more)


def _work(case: str, rows: int, database: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.customer_work", case, str(rows), database]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    sys.exit(main())
