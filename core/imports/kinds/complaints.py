"""What keeps an import of a plugin's kind from being carried out."""

from core.i18n import _
from core.imports.kinds.registry import columns_of, find_kind
from core.imports.settings import Mode, Settings


def complaints_of_kind(settings: Settings) -> dict[str, str]:
    """Return what is missing, by the step to correct."""
    kind = find_kind(settings.into)
    columns = columns_of(kind)
    if not settings.targets:
        return {"columns": _("Choose a field for at least one column.")}
    match = next((match for match in kind.matches if match.name == settings.match), None)
    if match is None:
        return {"rules": _("Choose one from the list.")}
    lacking = [names for names in match.needs if not settings.targets.intersection(names)]
    if settings.mode != Mode.UPDATE:
        asked = [name for name, column in columns.items() if column.required]
        lacking += [(name,) for name in asked if name not in settings.targets and (name,) not in lacking]
    if not lacking:
        return {}
    said = [_(" or ").join(str(columns[name].title) for name in names) for names in lacking]
    return {"columns": _("The file must bring these, too: %(names)s", names=_(", ").join(said))}
