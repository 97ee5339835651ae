"""How bytes go out: whole or in parts, to HEAD, by the web server in front, each link counted once."""

import pytest
from library_kit import BYTES, downloads, link_of, make_file, make_member

from core.db import transaction, utcnow
from core.files.store import file_store
from core.settings.queries import plugin_settings
from core.settings.services import save_plugin_settings
from core.testing.factories import make_account

LENGTH = len(BYTES)
pytestmark = pytest.mark.usefixtures("library")


@pytest.fixture
def link(client, login):
    make_file()
    login(client, make_member())
    return link_of(client)


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-3", 0, 4), ("bytes=5-", 5, LENGTH), ("bytes=-4", -4, LENGTH)],
)
def test_a_part_of_a_file(client, link, asked, start, end):
    answer = client.get(link, headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.data == BYTES[start:end]
    first = start % len(BYTES)
    assert answer.headers["Content-Range"] == f"bytes {first}-{end - 1}/{len(BYTES)}"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_part_beyond_the_end_is_416(client, link):
    answer = client.get(link, headers={"Range": "bytes=9999-"})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(BYTES)}"
    assert answer.data == b""


@pytest.mark.parametrize("asked", ["bytes=0-1,4-5", "lines=0-3", "bytes=x", f"bytes={'9' * 5000}-"])
def test_wishes_that_are_not_for_us_get_the_whole_file_or_416(client, link, asked):
    answer = client.get(link, headers={"Range": asked})
    assert answer.status_code in (200, 416)
    assert answer.data in (BYTES, b"")


def test_a_part_is_of_the_file_that_was_begun(client, link):
    etag = client.get(link).headers["ETag"]
    answer = client.get(link, headers={"Range": "bytes=0-3", "If-Range": etag})
    assert (answer.status_code, answer.data) == (206, BYTES[:4])
    answer = client.get(link, headers={"Range": "bytes=0-3", "If-Range": '"another"'})
    assert (answer.status_code, answer.data) == (200, BYTES)


def test_what_the_reader_has_already_is_not_sent_again(client, link):
    etag = client.get(link).headers["ETag"]
    answer = client.get(link, headers={"If-None-Match": etag})
    assert (answer.status_code, answer.data) == (304, b"")


def test_head_tells_the_size_sends_nothing_and_counts_nothing(client, link):
    answer = client.head(link, headers={"Range": "bytes=0-3"})
    assert answer.status_code == 200
    assert answer.headers["Content-Length"] == str(len(BYTES))
    assert answer.data == b""
    assert downloads() == []


def test_a_download_that_goes_on_is_one_download(client, link):
    for start in (0, 5, 10):
        assert client.get(link, headers={"Range": f"bytes={start}-"}).status_code == 206
    (one,) = downloads()
    assert one.customer_id is not None
    assert one.file_title


def test_the_web_server_in_front_sends_the_bytes_where_the_owner_says_so(client, login, link):
    with transaction():
        save_plugin_settings("library", {"accel_prefix": "/library-files"})
    answer = client.get(link)
    assert answer.data == b""
    place = answer.headers["X-Accel-Redirect"]
    assert place.startswith("/library-files/")
    assert len(place.rpartition("/")[2]) == 32
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert len(downloads()) == 1
    assert client.get(place).status_code == 404


def test_the_web_server_is_told_nothing_before_the_gate(library, client):
    make_file()
    with transaction():
        save_plugin_settings("library", {"accel_prefix": "/library-files"})
    for tail in ("", "/download", "/get/x"):
        assert "X-Accel-Redirect" not in client.get(f"/library/secret{tail}").headers


def test_the_address_inside_the_web_server_is_plain(library, client, login):
    login(client, make_account("Owner"))
    values = {"max_mb": "20", "log_days": "30"}
    for wrong in ("files", "/x y", "//evil.example", "/../etc", "/a\nSet-Cookie: x"):
        answer = client.post("/admin/plugins/library/settings", data={**values, "accel_prefix": wrong})
        assert answer.status_code in (200, 422), wrong
        assert plugin_settings("library")["accel_prefix"] == ""
    client.post("/admin/plugins/library/settings", data={**values, "accel_prefix": "/x/"})
    assert plugin_settings("library")["accel_prefix"] == "/x"


def test_a_file_whose_bytes_are_gone_is_missing(client, link):
    for name in list(file_store("library").names(before=utcnow())):
        file_store("library").delete(name)
    assert client.get(link).status_code == 404
