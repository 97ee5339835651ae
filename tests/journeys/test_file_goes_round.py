"""An untidy file is imported, merged, taken apart again, exported and imported, and nothing is lost."""

import csv
import io

import pytest

from benchmarks.round_trip import RoundTrip
from core.db import transaction
from core.demo.dirty_file import ENCODINGS, write_file
from core.demo.shop import set_up_shop
from core.i18n import in_language
from core.plugin_host.snapshot import use_current_snapshot
from core.testing.databases import on_postgresql
from core.testing.factories import make_account
from tests.thorough import THOROUGH

ROWS = 2_000 if on_postgresql() or not THOROUGH else 20_000


@pytest.fixture
def shop(app):
    with in_language("ja"), transaction():
        set_up_shop()
    use_current_snapshot()


def test_what_went_out_comes_back_equal(shop, client, login, tmp_path):
    login(client, make_account("Owner"))
    seen = []

    def look():
        for query in ("sort=name", "sort=-created_at", "q=佐藤"):
            seen.append(client.get(f"/admin/customers/?{query}"))

    journey = RoundTrip(tmp_path, ROWS, merges=15, look=look)
    journey.run()
    assert [answer.status_code for answer in seen] == [200, 200, 200]
    assert "佐藤" in seen[2].get_data(as_text=True)
    # Each 500th row is broken on purpose, and a few meet two customers at once.
    assert ROWS // 500 <= journey.counts["refused"] <= ROWS // 400
    assert journey.counts["merges"] > 10
    assert journey.counts["imported again"] == journey.counts["imported"] > ROWS * 0.9


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_same_people_come_in_every_encoding(shop, tmp_path, encoding):
    journey = RoundTrip(tmp_path, 200, merges=1, encoding=encoding)
    journey.run()
    assert journey.counts["imported"] == 199


def rows_of(encoding, **given):
    target = io.BytesIO()
    write_file(target, 600, encoding=encoding, **given)
    return list(csv.reader(io.StringIO(target.getvalue().decode(encoding), newline="")))


def test_the_file_is_untidy_and_always_the_same():
    rows = rows_of("utf-8")
    assert rows == rows_of("cp932")
    assert rows != rows_of("utf-8", seed=1)
    text = "\n".join("\t".join(row) for row in rows)
    for dirt in ("昭和", "平成", "、", '"至急"', "川端印刷, 東京支店", "㈱", "＠", "=1+1", "￥"):
        assert dirt in text, dirt
