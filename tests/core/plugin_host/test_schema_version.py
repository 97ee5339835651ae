"""What the code's newest revision is, read without Alembic."""

import subprocess
import sys

import pytest
from alembic.script import ScriptDirectory

from core.plugin_host.host import current_host
from core.plugin_host.schema_version import CORE, ENVIRONMENT, Owner, head


def revision(folder, name, down):
    (folder / f"{name}_some.py").write_text(f'revision = "{name}"\ndown_revision = {down!r}\n')


def test_it_is_what_alembic_says_for_core_and_every_plugin(app):
    owners = [CORE, *(p.owner for p in current_host().plugins.loaded.values() if p.schema_head is not None)]
    assert len(owners) > 2
    for owner in owners:
        script = ScriptDirectory(str(ENVIRONMENT), version_locations=[str(owner.versions)])
        assert head(owner) == script.get_current_head()


def test_a_plugin_without_migrations_has_none(tmp_path):
    assert head(Owner("empty", tmp_path)) is None
    assert head(Owner("absent", tmp_path / "absent")) is None


def test_the_order_is_that_of_the_chain_not_of_the_names(tmp_path):
    revision(tmp_path, "0001", None)
    revision(tmp_path, "0003", "0001")
    revision(tmp_path, "0002", "0003")
    assert head(Owner("odd", tmp_path)) == "0002"


def test_two_newest_revisions_are_refused(tmp_path):
    revision(tmp_path, "0001", None)
    revision(tmp_path, "0002", "0001")
    revision(tmp_path, "0003", "0001")
    with pytest.raises(RuntimeError, match="0002, 0003"):
        head(Owner("forked", tmp_path))


def test_a_process_that_serves_does_not_load_alembic():
    code = "import core.app, core.site_map, core.hooks, sys; print('alembic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
