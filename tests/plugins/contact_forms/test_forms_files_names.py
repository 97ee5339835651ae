"""Names of sent files, and files that are not what their names say."""

import gzip
import unicodedata

import pytest

from core.files.content import KNOWN, is_what_it_says
from core.files.names import clean_name
from plugins.contact_forms.definition.file_types import DANGEROUS, GROUPS, extensions_of, size_text
from tests.plugins.contact_forms.files_kit import GIF, JPEG, PDF, docx, png, upload, zipped

NAMES = [
    ("plan.pdf", "plan.pdf"),
    ("図面　最終版.pdf", "図面 最終版.pdf"),
    ("見積書（山田様）.xlsx", "見積書（山田様）.xlsx"),
    (unicodedata.normalize("NFD", "ガイドブック.pdf"), "ガイドブック.pdf"),
    ("../../etc/passwd", "passwd"),
    ("..\\..\\windows\\system32\\plan.pdf", "plan.pdf"),
    ("C:\\Users\\taro\\図面.pdf", "図面.pdf"),
    ("/", "file"),
    ("..", "file"),
    ("", "file"),
    ("a\0b.pdf", "ab.pdf"),
    ("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie_ x=1.pdf"),
    ('a"; filename="b.exe', "a_; filename=_b.exe"),
    ("fdp\u202egpj.exe", "fdpgpj.exe"),
    ("a\u200bb\u2066c\ufeff.pdf", "abc.pdf"),
    ("a\ud800b.pdf", "ab.pdf"),
    ("a\ufffdb.pdf", "ab.pdf"),
    ("CON", "_CON"),
    ("nul.pdf", "_nul.pdf"),
    ("Com1.tar.gz", "_Com1.tar.gz"),
    ("lpt¹.txt", "_lpt¹.txt"),
    ("plan.pdf. . .", "plan.pdf"),
    ("  .htaccess ", "htaccess"),
    ("a:b|c?d*e<f>.pdf", "a_b_c_d_e_f_.pdf"),
    ("a  \t b.pdf", "a b.pdf"),
    ("<script>alert(1)</script>.png", "script_.png"),
    ("=cmd|'C calc'!A0.csv", "=cmd_'C calc'!A0.csv"),
]


@pytest.mark.parametrize(("sent", "kept"), NAMES)
def test_a_name_is_kept_as_far_as_it_is_safe(sent, kept):
    assert clean_name(sent) == kept


@pytest.mark.parametrize("sent", ["あ" * 300 + ".pdf", "a" * 5_000 + ".pdf", "😀" * 100 + ".pdf", "x" * 400])
def test_a_long_name_is_cut_between_letters_and_keeps_its_ending(sent):
    name = clean_name(sent)
    assert 240 < len(name.encode()) <= 255
    assert name.endswith(".pdf") or "." not in sent
    assert clean_name(name) == name


def test_a_clean_name_is_clean(forms_enabled):
    for sent, _kept in NAMES:
        assert clean_name(clean_name(sent)) == clean_name(sent)


MP4 = b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2" + bytes(40)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
TRUE = [
    ("a.pdf", PDF),
    ("a.jpg", JPEG),
    ("a.JPEG", JPEG),
    ("a.png", png()),
    ("a.gif", GIF),
    ("a.webp", b"RIFF\x20\0\0\0WEBPVP8 " + bytes(20)),
    ("a.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
    ("a.mov", b"\0\0\0\x14ftypqt  \0\0\0\0qt  "),
    ("a.mp4", MP4),
    ("a.docx", docx()),
    ("a.xlsx", zipped("[Content_Types].xml", "xl/workbook.xml")),
    ("a.pptx", zipped("[Content_Types].xml", "ppt/presentation.xml")),
    ("a.doc", OLE),
    ("一太郎.jtd", OLE),
    ("a.zip", zipped("anything.txt")),
    ("a.tar.gz", gzip.compress(b"x", mtime=0)),
    ("a.txt", "こんにちは".encode("cp932")),
    ("a.txt", "\ufeffこんにちは".encode("utf-16")),
    ("a.csv", "氏名,メール\r\n山田,taro@example.jp\r\n".encode()),
    ("a.csv", b"MZ,number\r\n1,2\r\n"),
    ("a.lzh", b"\x20\x20-lh5-" + bytes(30)),
    ("v1.2.final.pdf", PDF),
    ("www.example.com.pdf", PDF),
    ("drawing.dwg", b"AC1032" + bytes(100)),
    ("data.own", b"nobody has seen this before" + bytes(20)),
]
FALSE = [
    ("a.pdf", JPEG),
    ("a.jpg", PDF),
    ("a.png", GIF),
    ("a.docx", zipped("anything.txt")),
    ("a.xlsx", docx()),
    ("a.doc", PDF),
    ("a.txt", png()),
    ("a.txt", b"a\0b"),
    ("a.csv", PDF),
    ("a.jpg", b""),
    # Runs, whatever it is called.
    ("a.jpg", b"MZ\x90\0" + bytes(200)),
    ("a.pdf", b"\x7fELF" + bytes(60)),
    ("a.txt", b"#!/bin/sh\nrm -rf /\n"),
    ("a.txt", b"<html><script>alert(1)</script>"),
    ("a.txt", b"\xef\xbb\xbf  <!DOCTYPE html>"),
    ("a.txt", "\ufeff<script>alert(1)</script>".encode("utf-16")),
    ("a.csv", b"<?php system($_GET['c']);"),
    ("a.own", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
    ("a.own", b"<?xml version='1.0'?><html/>"),
    # Two things at once.
    ("a.gif", b"GIF89a/*<script>*/=1;alert(1)</script>" + bytes(20)),
    ("a.gif", GIF + b"<?php system(1); ?>"),
    ("a.jpg", JPEG + zipped("evil.class")),
    ("a.png", png() + PDF),
    ("a.pdf", b"\n" * 50 + PDF),
    ("a.docx", docx("word/vbaProject.bin")),
    # Disguised.
    ("invoice.exe.pdf", PDF),
    ("shell.php.jpg", JPEG),
    ("shell.PHP .jpg", JPEG),
    ("a.psd", JPEG),
]


@pytest.mark.parametrize(("name", "content"), TRUE)
def test_a_file_that_is_what_it_says_may_pass(forms_enabled, name, content):
    assert is_what_it_says(name, upload(name, content).stream)


@pytest.mark.parametrize(("name", "content"), FALSE)
def test_a_file_that_is_something_else_may_not(forms_enabled, name, content):
    assert not is_what_it_says(name, upload(name, content).stream)


def test_the_stream_is_wound_back(forms_enabled):
    stream = upload("a.pdf", PDF).stream
    is_what_it_says("a.pdf", stream)
    assert stream.read() == PDF


def test_every_group_is_known_by_its_bytes_and_holds_nothing_that_runs():
    endings = {ending for group in GROUPS.values() for ending in group}
    assert endings == set(KNOWN)
    assert not endings & DANGEROUS


def test_an_owner_cannot_allow_what_runs():
    assert extensions_of(("images",), ("svg", "psd", "exe", "html"))[-1] == "psd"
    assert "pdf" in extensions_of((), ("exe",))


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1_023, "1,023 B"),
        (1_024, "1 KB"),
        (1_600, "1.5 KB"),
        (5 * 1_048_576, "5 MB"),
        (1_572_864, "1.5 MB"),
    ],
)
def test_sizes_are_told_in_words(size, text):
    assert size_text(size) == text
