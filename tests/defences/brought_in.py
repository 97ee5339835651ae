"""Files of customers on their way in, and what they carry out again."""

import io
import zipfile

import xlsxwriter
from sqlalchemy import func, select

from core.exports import columns
from core.imports import reading, services
from core.imports.models import Import
from core.testing.exports import take_out
from core.testing.factories import make_account, make_customer
from tests.core.customers.reach.kit import make_restricted
from tests.defences.switchboard import Defence, Site, answering, read, replaced

NEW = "/admin/imports/new"
_WIDE, _BOMB = 5_000, 30_000_000


def _was_taken(site: Site, content: bytes, name: str) -> bool:
    owner = site.browser(make_account("Owner"))
    owner.post(NEW, data={"file": (io.BytesIO(content), name)}, content_type="multipart/form-data")
    return bool(read(select(func.count()).select_from(Import)))


def workbook_bomb(site: Site) -> bool:
    """Send staff a small workbook that unpacks to a thousand times its size, to be imported."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["姓", "メール"])
    sheet.write_row(1, 0, ["山田", "a@example.jp"])
    book.close()
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.png", b"\0" * _BOMB)
    return _was_taken(site, out.getvalue(), "people.xlsx")


def endless_row(site: Site) -> bool:
    """Send staff a file whose heading has thousands of columns, each of which fills screens with choices."""
    heading = ",".join(f"列{number}" for number in range(_WIDE))
    return _was_taken(site, f"{heading}\n{',' * (_WIDE - 1)}\n".encode(), "people.csv")


def formula_in_export(site: Site) -> bool:
    """Put a formula into one's own name, and wait until staff open the exported customers."""
    make_customer(family_name="=HYPERLINK(1)", email="a@example.jp")
    text = take_out(site.browser(make_account("Owner")), "/admin/customers/").get_data(as_text=True)
    return "\n=HYPERLINK" in text or ",=HYPERLINK" in text


def companies_of_everybody(site: Site) -> bool:
    """Import companies with a role that reaches only some customers."""
    browser = site.browser(make_restricted("own"))
    form = {"file": (io.BytesIO("会社名\nみどり\n".encode()), "companies.csv"), "into": "companies"}
    browser.post(NEW, data=form, content_type="multipart/form-data")
    return bool(read(select(func.count()).select_from(Import)))


DEFENCES = (
    Defence(
        "import-bomb",
        "A workbook that unpacks to far more than it is gets nowhere.",
        answering(services, "refuse_bomb", None),
        workbook_bomb,
    ),
    Defence(
        "import-width",
        "A file has as many columns as anybody can choose from.",
        replaced(reading, "MOST_COLUMNS", 10**9),
        endless_row,
    ),
    Defence(
        "import-companies",
        "Only who reaches all customers imports companies.",
        answering(services, "refuse_rows", None),
        companies_of_everybody,
    ),
    Defence(
        "export-formula",
        "No cell of exported customers is run as a formula.",
        replaced(columns, "guard_cell", str),
        formula_in_export,
    ),
)
