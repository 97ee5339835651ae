"""Core's own hook implementations: core uses the same hooks as plugins do."""
import importlib

import pluggy

hookimpl = pluggy.HookimplMarker("kaiin")


def _opt(module, name):
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as e:
        print("TEMP missing", module, name, e)
        return None


def _list(*pairs):
    out = []
    for m, n in pairs:
        f = _opt(m, n)
        if f is not None:
            out += list(f() if callable(f) else f)
    return out


@hookimpl
def register_permissions():
    return _list(("core.admin.permissions", "CORE_PERMISSIONS"), ("core.customers.permissions", "CORE_PERMISSIONS"), ("core.content.permissions", "CORE_PERMISSIONS"))


@hookimpl
def register_menu_items():
    return _list(("core.admin.core_menu", "menu_items"), ("core.customers.menu", "menu_items"), ("core.content.menu", "menu_items"))


@hookimpl
def register_template_tags():
    return _list(("core.theming.core_tags", "core_tags"))


@hookimpl
def register_exports():
    return _list(("core.customers.exports", "core_exports"))


@hookimpl
def register_jobs():
    return _list(("core.jobs.core_jobs", "core_jobs"))


@hookimpl
def register_mail_templates():
    return _list(("core.mail.core_templates", "core_mail_templates"))
