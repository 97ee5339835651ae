"""PDFs with the member's number and the day on each page; never one without, and never two alike."""

import io

import pytest
from library_kit import downloads, link_of, make_file, make_member, pdf
from pypdf import PdfReader

from core.testing.factories import make_account
from core.testing.fixtures import Client
from plugins.library.downloads.sending import stamp_line
from plugins.library.stamping import pdf as stamping

pytestmark = pytest.mark.usefixtures("library")


def get_pdf(browser):
    answer = browser.get(link_of(browser))
    assert answer.status_code == 200
    return answer


def texts(data):
    return [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]


def test_each_member_gets_a_copy_with_their_number_on_each_page(library, login):
    make_file(name="会報.pdf", content=pdf("one", "two", "three"), is_stamped=True)
    copies = []
    for member in (make_member(), make_member()):
        browser = Client(library)
        login(browser, member)
        answer = get_pdf(browser)
        assert answer.headers["Content-Type"] == "application/pdf"
        pages = texts(answer.data)
        assert [any(word in page for word in ("one", "two", "three")) for page in pages] == [True] * 3
        assert all(f"{member.customer_id:08d}" in page for page in pages), pages
        copies.append(answer.data)
    assert copies[0] != copies[1]
    assert all(one.is_stamped for one in downloads())


def test_a_stamped_download_can_go_on_where_it_stopped(library, client, login):
    make_file(name="会報.pdf", content=pdf("one"), is_stamped=True)
    login(client, make_member())
    whole = get_pdf(client)
    link = link_of(client)
    half = len(whole.data) // 2
    parts = [
        client.get(link, headers={"Range": asked, "If-Range": whole.headers["ETag"]})
        for asked in (f"bytes=0-{half - 1}", f"bytes={half}-")
    ]
    assert [part.status_code for part in parts] == [206, 206]
    assert b"".join(part.data for part in parts) == whole.data


def test_pages_that_lie_on_their_side_or_are_cut_are_stamped_where_one_reads(library):
    from pypdf import PdfWriter

    writer = PdfWriter(clone_from=io.BytesIO(pdf("sideways", "cut")))
    writer.pages[0].rotate(90)
    writer.pages[1].cropbox.lower_left = (50, 200)
    held = io.BytesIO()
    writer.write(held)
    file = make_file(name="a.pdf", content=held.getvalue(), is_stamped=True)
    with stamping.stamped(file.stored, "STAMP-1") as copy:
        pages = PdfReader(copy).pages
        for page in pages:
            assert "STAMP-1" in page.extract_text()
        assert pages[0].rotation == 0


def test_a_copy_that_cannot_be_stamped_is_not_handed_out_bare(library, client, login, monkeypatch):
    make_file(name="会報.pdf", content=pdf("secret words"), is_stamped=True)

    def fails(_stored, _line):
        raise stamping.CannotStamp("no")

    monkeypatch.setattr("plugins.library.downloads.sending.stamped", fails)
    login(client, make_member())
    answer = client.get(link_of(client))
    assert answer.status_code == 409
    assert b"%PDF" not in answer.data


@pytest.mark.parametrize("content", [pdf("x", encrypt="secret"), b"%PDF-1.4 broken"])
def test_what_cannot_be_stamped_is_refused_when_it_is_asked_for(library, client, login, content):
    file = make_file(name="a.pdf", content=content)
    login(client, make_account("Owner"))
    values = {"title": "a", "slug": "secret", "visibility": "members", "rule_mode": "rows", "is_stamped": "y"}
    answer = client.post(f"/admin/library/{file.id}", data=values)
    assert answer.status_code == 422
    assert 'id="is_stamped-error"' in answer.text


def test_the_stamp_names_the_number_and_the_day(library):
    assert "00000042" in stamp_line(42)
    assert "年" in stamp_line(42)
