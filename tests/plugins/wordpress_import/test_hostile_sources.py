"""Sources that want to harm: bombs, entities, objects, odd bytes; and secrets stay secret."""

import contextlib
import gzip
import logging

import pytest
import wordpress_kit as kit
from hypothesis import given, settings
from hypothesis import strategies as st

from core.db import db
from plugins.wordpress_import import php, texts
from plugins.wordpress_import.models import Run
from plugins.wordpress_import.services import forget_old, get_run
from plugins.wordpress_import.sources.address import read_address


def look_at(moving, *files):
    return moving(*files).look().row


def test_objects_and_references_of_php_are_refused():
    for text in (
        'O:8:"stdClass":0:{}',
        'C:3:"Foo":0:{}',
        "a:1:{i:0;R:1;}",
        'a:1:{i:0;O:1:"A":0:{}}',
        "a:9999999:{}",
    ):
        with pytest.raises(php.NotSerialised):
            php.unserialise(text)
        assert php.plain(text) == text


def test_nesting_and_size_of_php_values_are_bounded():
    deep = "a:1:{i:0;" * 50 + "N;" + "}" * 50
    wide = f"a:30000:{{{''.join(f'i:{n};N;' for n in range(30_000))}}}"
    for text in (deep, wide):
        with pytest.raises(php.NotSerialised):
            php.unserialise(text)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.text(st.characters(codec="utf-8"), max_size=30),
    lambda inner: st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=10), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.text(st.characters(codec="utf-8"), min_size=1, max_size=10), VALUES, max_size=5))
def test_what_php_wrote_reads_back(value):
    assert php.unserialise(kit.php(value)) == value


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80) | st.text('asidbN:;{}"0123456789OR', max_size=60))
def test_no_text_breaks_the_reader(text):
    with contextlib.suppress(php.NotSerialised):
        php.unserialise(text)


def test_lengths_that_a_change_of_encoding_made_wrong_are_mended():
    assert php.unserialise('a:1:{s:4:"name";s:4:"山田";}') == {"name": "山田"}


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE rss [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>',
        '<!DOCTYPE rss SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE rss [<!ENTITY % x SYSTEM "http://127.0.0.1/x"> %x;]>',
    ],
)
def test_entities_and_outer_files_are_refused(moving, declared):
    file = kit.write_wxr().replace(b"<rss", declared.encode() + b"<rss", 1)
    run = look_at(moving, file)
    assert run.state == "failed" and run.found == {}


def test_a_packed_file_is_read_and_a_bomb_is_not(moving):
    assert look_at(moving, gzip.compress(kit.write_wxr())).found["counts"]["message"] == 4
    bomb = kit.write_wxr()[:-20] + b" " * (40 * 1024 * 1024)
    assert look_at(moving, gzip.compress(bomb)).state == "failed"


def test_bytes_that_xml_forbids_do_not_end_the_reading(moving):
    file = kit.write_wxr().replace("見学したいです。".encode(), "見学\x0b\x08したいです。".encode())
    assert moving(file).whole(roles={"": "member"})["message"] == {"created": 4}


def test_files_of_two_sites_are_not_mixed(moving):
    run = look_at(moving, kit.write_wxr(), kit.write_wxr(url="https://other.example"))
    assert run.state == "failed"


def test_a_file_that_was_cut_off_says_so(moving):
    run = look_at(moving, kit.write_wxr()[:-3000])
    assert run.state == "failed" and "途中で切れて" in run.problem


@pytest.mark.parametrize("bad", ["0000-00-00 00:00:00", "", "soon", None, "2026-13-45", "9" * 60])
def test_dates_that_are_none_are_none(app, bad):
    assert texts.utc_moment(bad) is None and texts.local_moment(bad) is None and texts.local_day(bad) == ""


@pytest.mark.parametrize(
    ("whole", "family", "given"),
    [("山田 花子", "山田", "花子"), ("山田　花子", "山田", "花子"), ("Taro Yamada", "Yamada", "Taro"),
     ("Mary Ann Smith", "Smith", "Mary Ann"), ("花子", "花子", ""), ("", "", "")],
)  # fmt: skip
def test_japanese_names_begin_with_the_family(whole, family, given):
    assert texts.split_name(whole) == (family, given)


def test_hostile_values_leave_no_5xx_and_no_rows_behind(moving):
    users = [
        kit.user(1, "x", "no address", "", "subscriber", "<script>alert(1)</script>"),
        kit.user(2, "y" * 500, "a" * 400 + "@example.jp", "", "subscriber", "長" * 5000),
        kit.user(3, "=cmd", "ok@example.jp", "", "subscriber", "=HYPERLINK(1)", billing_postcode="不明"),
    ]
    counts = moving(kit.write_wxr(users=users)).whole(roles={"": "member"})
    assert sum(counts["user"].values()) == 3


def test_the_address_shows_its_password_nowhere(app):
    address = read_address("mysql://reader:geheim%40%2F@db.example/shop?prefix=wp_")
    assert (address.password, address.tls) == ("geheim@/", "verify")
    assert "geheim" not in repr(address) and "geheim" not in address.shown
    assert read_address("mysql://u:p@localhost/shop").tls == "off"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("geheim", "falsch"), "ユーザー名またはパスワード"),
        (("/wordpress?", "/elsewhere?"), "データベースがない"),
        ((".sock", ".gone"), "接続できません"),
    ],
)
def test_a_database_that_does_not_open_says_why_without_its_password(
    moving, wordpress, caplog, change, words
):
    caplog.set_level(logging.DEBUG)
    run = moving(url=wordpress.replace(*change)).look().row
    assert run.state == "failed" and words in run.problem and run.sealed is None
    assert "geheim" not in caplog.text + run.problem and "falsch" not in caplog.text + run.problem


def test_a_database_without_wordpress_says_so(moving, mariadb):
    run = moving(url=mariadb.new_database("empty")).look().row
    assert run.state == "failed" and "テーブルが見つかりません" in run.problem


def test_the_address_is_sealed_and_goes_with_the_run(moving, wordpress):
    move = moving(url=wordpress).look()
    assert b"geheim" not in move.row.sealed and b"reader" not in move.row.sealed
    assert "geheim" not in move.row.shown
    move.choose().check().move()
    assert move.row.sealed is None


def test_a_move_that_nobody_went_on_with_is_forgotten(moving, wordpress):
    import datetime as dt

    from core.db import transaction

    move = moving(url=wordpress).look()
    with transaction():
        get_run(move.id, for_change=True).created_at -= dt.timedelta(days=4)
    with transaction():
        forget_old()
    assert (move.row.state, move.row.sealed) == ("cancelled", None)
    assert db.session.get(Run, move.id).finished_at is not None


def test_one_site_of_a_network_brings_its_own_users(moving, mariadb):
    url = mariadb.new_database("network")
    with mariadb.connect("network") as link, link.cursor() as cursor:
        kit.fill_database(cursor)
        kit.fill_database(
            cursor, "wp_2_", users_prefix="wp_", url="https://two.example", with_crm=False, with_levels=False
        )
        cursor.execute(
            "INSERT INTO wp_usermeta (user_id, meta_key, meta_value) VALUES (3, 'wp_2_capabilities', %s)",
            (kit.php({"subscriber": True}),),
        )
    move = moving(url=url).look()
    assert [site for _prefix, site in move.row.found["sites"]] == [kit.SITE_URL, "https://two.example"]
    from core.db import transaction
    from plugins.wordpress_import import jobs, services

    with transaction():
        services.choose_site(get_run(move.id, for_change=True), "wp_2_", in_process=True)
    jobs.look(move.id, lambda *_: None)
    found = move.row.found["counts"]
    assert (move.row.site, found["user"], found["message"]) == ("two.example", 1, 4)
    assert "company" not in found
