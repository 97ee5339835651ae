"""The admin's screens of customers: one blueprint, its views in the modules imported here."""

from core.customer_files import views as views_customer_files
from core.customers import (
    views_cells,
    views_companies,
    views_company_people,
    views_customers,
    views_field_fill,
    views_field_groups,
    views_field_rights,
    views_fields,
    views_labels,
    views_merge,
    views_points,
    views_reveal,
    views_timeline,
    views_touch_kinds,
)
from core.customers.blueprint import blueprint
from core.customers.company_group import views as views_company_group
from core.customers.company_merges import views as views_company_merges
from core.customers.duplicates import views as views_duplicates
from core.customers.freshness import views as views_freshness
from core.customers.merges import views as views_merges
from core.customers.relations import views as views_relations
from core.letters import views as views_letters
from core.next_actions import views as views_next_actions

__all__ = [
    "blueprint",
    "views_cells",
    "views_companies",
    "views_company_group",
    "views_company_merges",
    "views_company_people",
    "views_customer_files",
    "views_customers",
    "views_duplicates",
    "views_field_fill",
    "views_field_groups",
    "views_field_rights",
    "views_fields",
    "views_freshness",
    "views_labels",
    "views_letters",
    "views_merge",
    "views_merges",
    "views_next_actions",
    "views_points",
    "views_relations",
    "views_reveal",
    "views_timeline",
    "views_touch_kinds",
]
