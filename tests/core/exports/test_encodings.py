import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.exports.encodings import CP932, EXAMPLES, UTF8, Encoder, LossReport


def encode(*cells: str, report: LossReport | None = None) -> str:
    encoder = Encoder(CP932, ["氏名"], report)
    return encoder.encode("\n".join(cells), [list(cells)], len(cells)).decode("cp932")


def test_utf8_begins_with_one_mark_for_excel():
    encoder = Encoder(UTF8, ["a"])
    data = encoder.encode("あ\r\n", [["あ"]], 1) + encoder.encode("い\r\n", [["い"]], 1)
    assert data == b"\xef\xbb\xbf" + "あ\r\nい\r\n".encode()


def test_names_with_rare_japanese_letters_survive_cp932():
    report = LossReport()
    assert encode("髙橋", "山﨑", "①②", "㈱〜", report=report) == "髙橋\n山﨑\n①②\n㈱～"
    assert report.count == 0


@pytest.mark.parametrize(
    ("text", "written"), [("¥100", "￥100"), ("a—b", "a―b"), ("か\u3099", "が"), ("パ\xa0", "パ ")]
)
def test_twins_from_other_systems_are_no_loss(text, written):
    report = LossReport()
    assert encode(text, report=report) == written
    assert report.count == 0


def test_what_cp932_lacks_becomes_a_geta_and_is_reported_with_its_place():
    report = LossReport()
    encoder = Encoder(CP932, ["名前", "メモ"], report)
    head = [["名前"], ["メモ"]]
    encoder.encode("名前,メモ\r\n", head, 1)
    text = encoder.encode("山田,😀\r\nZoé,x\r\n", [["山田", "Zoé"], ["😀", "x"]], 2)
    assert text.decode("cp932") == "山田,〓\r\nZo〓,x\r\n"
    assert report.count == 2
    assert [(e.character, e.code, e.row, e.column) for e in report.examples] == [
        ("😀", "U+1F600", 2, "メモ"),
        ("é", "U+00E9", 3, "名前"),
    ]


def test_the_report_counts_all_and_names_the_first():
    report = LossReport()
    encode(*["é" * 3] * 50, report=report)
    assert report.count == 150
    assert len(report.examples) == EXAMPLES


def test_an_unknown_encoding_is_refused():
    with pytest.raises(ValueError):
        Encoder("utf-16", [])


@given(st.lists(st.text(), max_size=5))
def test_any_text_becomes_bytes_and_every_replacement_is_counted(cells):
    report = LossReport()
    written = encode(*cells, report=report)
    replaced = written.count("〓") - "".join(cells).count("〓")
    assert replaced == report.count
