"""`slot(name)`: the places of a theme where plugins may add output."""

from collections.abc import Iterable

from markupsafe import Markup

from core.plugin_host.guards import call_plugin, collect
from core.plugin_host.snapshot import current_snapshot
from core.security.sessions import current_member_id

SLOTS = ("head", "body_start", "body_end", "page_after", "account_panels", "account_links", "footer")


def any_output(names: Iterable[str]) -> bool:
    """Tell whether plugins put something into one of the places for the present viewer."""
    implementations = current_snapshot().implementations("render_slot")
    if not implementations:
        return False
    context = {"member": current_member_id()}
    for name in names:
        given = {"slot": name, "context": context}
        for found in implementations:
            arguments = {argument: given[argument] for argument in found.argnames}
            if call_plugin(found.plugin_name, found.function, **arguments):
                return True
    return False


def slot(name: str) -> Markup:
    """Return what active plugins put into a place; nothing for a name that is not a slot."""
    if name not in SLOTS or not current_snapshot().implementations("render_slot"):
        return Markup("")
    context = {"member": current_member_id()}
    found = collect("render_slot", slot=name, context=context)
    # Plain text is escaped: only Markup is HTML.
    return Markup("").join(piece for _plugin, piece in found)
