"""Every blueprint of core and where it is mounted."""

import importlib

from flask import Blueprint

PLACES = (
    ("core.health", None),
    ("core.accounts.views_site", None),
    ("core.customers.views_admin", "/admin"),
    ("core.content.views_admin", "/admin"),
    ("core.jobs.views_admin", "/admin/jobs"),
    ("core.mail.views_admin", "/admin/mail"),
    ("core.content.views_site", None),
)


def blueprints() -> list[tuple[Blueprint, str | None]]:
    """Return core's blueprints with their prefixes, the catch-all site last."""
    found = []
    for module, prefix in PLACES:
        try:
            found.append((importlib.import_module(module).blueprint, prefix))
        except ImportError as e:
            print("TEMP missing", module, e)
    try:
        from core.admin.registry import blueprints as admin
        found[2:2] = [(b, "/admin") for b in admin()]
    except ImportError as e:
        print("TEMP missing admin", e)
    return found
