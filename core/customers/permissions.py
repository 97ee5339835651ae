"""The rights about customers that an owner gives to staff."""

from core.i18n import _l
from core.security.permissions import Permission

SEE = "customers.see"
EDIT = "customers.edit"
ERASE = "customers.erase"
EXPORT = "customers.export"
IMPORT = "customers.import"
FIELDS = "customers.fields"
REVEAL = "customers.reveal"

CORE_PERMISSIONS = [
    Permission(SEE, _l("See customers"), _l("Lists, pages and timelines of customers and companies.")),
    Permission(EDIT, _l("Edit customers"), _l("Add and change customers and companies, write notes, merge.")),
    Permission(ERASE, _l("Erase customers"), _l("Delete a person's data for good, and companies.")),
    Permission(EXPORT, _l("Take customers out"), _l("Download customers and companies as files.")),
    Permission(
        IMPORT,
        _l("Bring customers in"),
        _l("Import files of customers, and undo imports. It changes many customers at once."),
    ),
    Permission(
        REVEAL,
        _l("Show what is masked"),
        _l("One value at a time; each time it is noted who looked at whose."),
    ),
    Permission(FIELDS, _l("Define fields and labels"), _l("Add, change and delete own fields and labels.")),
]
