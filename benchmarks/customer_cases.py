"""Lists of very many customers: each page beside the same page of 10,000."""

import json
import urllib.parse
from contextlib import ExitStack
from typing import Any

from benchmarks.browser import Browser
from benchmarks.customer_data import site_with
from benchmarks.load import Request
from benchmarks.processes import kaiin
from benchmarks.report import Result
from benchmarks.rounds import PASSWORD, Pace, alternate, middle

FEW = 10_000
AT_MOST = 2.0


def _test(field: str, value: Any, op: str = "eq") -> dict[str, Any]:
    return {"field": field, "op": op, "value": value}


_THREE = {"all": [_test("prefecture", "13"), _test("custom_tea", "煎茶"), _test("birth_month", 5)]}
_OR_GROUPS = {
    "any": [
        {"all": [_test("prefecture", "27"), _test("stage", "lead")]},
        {"all": [_test("custom_tea", "抹茶"), _test("rank", "vip")]},
    ]
}
PAGES: dict[str, dict[str, str]] = {
    "list": {},
    "kana sort": {"sort": "name"},
    "kana sort, from the end": {"sort": "-name"},
    "search, two signs, many hits": {"q": "小林"},
    "search, two signs, no hit": {"q": "鰯鱈"},
    "search, one address": {"q": "c4711@bench"},
    "three tests": {"filter": json.dumps(_THREE)},
    "two groups": {"filter": json.dumps(_OR_GROUPS)},
}


def pages(rows: int, database: str, pace: Pace) -> list[Result]:
    """Measure every page on a server with few and on one with many customers."""
    with ExitStack() as stack:
        sides = []
        for count in (rows, FEW):
            instance, url = site_with(count, database)
            server = stack.enter_context(kaiin(instance, url))
            owner = Browser(server.url)
            owner.log_in("owner@demo.example", PASSWORD)
            sides.append((server, owner, {"Accept-Language": "ja", **owner.headers}))
        results = []
        for name, query in PAGES.items():
            path = f"/admin/customers/?{urllib.parse.urlencode(query)}"
            for _server, owner, _headers in sides:
                if "k-list" not in owner.get(path):
                    raise RuntimeError(f"{path} shows no list")
            runs = [(server, Request(path, headers=headers)) for server, _owner, headers in sides]
            many, few = alternate(runs[0], runs[1], 1, pace)
            results.append(
                Result(
                    *(f"{name}, {rows:,}", "ms a page, median, 1 client"),
                    [run.load.p50_ms for run in many],
                    [run.load.p50_ms for run in few],
                    f"the same with {FEW:,}",
                    at_most=AT_MOST,
                    more={"p99_ms": middle([run.load.p99_ms for run in many])},
                )
            )
        return results
