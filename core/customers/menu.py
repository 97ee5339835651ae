"""The customers' lines of the admin's navigation."""

from core.admin.registrations import MenuItem
from core.customers import permissions
from core.i18n import _l


def menu_items() -> list[MenuItem]:
    """Return the lines for customers, companies, own fields and labels."""
    return [
        MenuItem(
            *("customers", _l("My day"), "customers_admin.my_day_page", permissions.SEE),
            icon="sun",
            order=5,
        ),
        MenuItem(
            *("customers", _l("Customers"), "customers_admin.list_customers", permissions.SEE),
            icon="users",
            order=10,
            add_endpoint="customers_admin.new_customer",
            add_title=_l("New customer"),
            add_permission=permissions.EDIT,
        ),
        MenuItem(
            *("customers", _l("To be confirmed"), "customers_admin.list_stale", permissions.SEE),
            icon="clock",
            order=15,
        ),
        MenuItem(
            *("customers", _l("Companies"), "customers_admin.list_companies", permissions.SEE),
            icon="building",
            order=20,
            add_endpoint="customers_admin.new_company",
            add_title=_l("New company"),
            add_permission=permissions.EDIT,
        ),
        MenuItem(
            *("customers", _l("Duplicates"), "customers_admin.duplicates", permissions.EDIT),
            icon="git-merge",
            order=70,
        ),
        MenuItem(
            *("customers", _l("Fields"), "customers_admin.list_fields", permissions.FIELDS),
            icon="forms",
            order=80,
        ),
        MenuItem(
            *("customers", _l("Labels"), "customers_admin.labels", permissions.FIELDS),
            icon="tag",
            order=85,
        ),
        MenuItem(
            *("settings", _l("Kinds of contact"), "customers_admin.touch_kinds", permissions.FIELDS),
            icon="messages",
            order=15,
        ),
    ]
