"""What `kaiin check` looks at: configuration, database, plugins, theme, mail."""

from core.accounts.queries import site_is_claimed
from core.plugin_host.checks import check_plugins, schema_differences
from core.plugin_host.host import current_host
from core.plugin_host.schema_version import CORE, is_current
from core.plugin_host.snapshot import use_current_snapshot
from core.theming.themes import list_themes


def run_checks() -> list[str]:
    """Return a sentence for each problem, an empty list when all is well."""
    if not is_current(CORE):
        return ["The database is not up to date: run `kaiin upgrade`."]
    problems = [f"Plugin {name}: {problem}" for name, problem in check_plugins()]
    problems += [f"Core: {difference}" for difference in schema_differences(CORE)]
    snapshot = use_current_snapshot()
    if not site_is_claimed():
        problems.append("The site has no owner: run `kaiin init`.")
    if snapshot.theme not in {theme.name for theme in list_themes()}:
        problems.append(f"The theme {snapshot.theme} is not installed.")
    configuration = current_host().configuration
    if not configuration.is_local and snapshot.site.mail_backend == "file":
        problems.append("Mail is written to files: set a mail server in the settings.")
    return problems
