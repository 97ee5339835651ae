import pytest

from core.errors import PluginError
from core.plugin_host.manifest import read_manifest

GOOD = """
name = "guests"
version = "1.2"
requires_core = ">=0.1,<1"
[title]
en = "Guests"
ja = "来客"
[description]
en = "Keeps a guest book."
ja = "芳名帳をつけます。"
"""


def read(tmp_path, text, name="guests"):
    file = tmp_path / "plugin.toml"
    file.write_text(text, encoding="utf-8")
    return read_manifest(file, f"plugins.{name}", name)


def test_a_manifest_gives_titles_in_both_languages(tmp_path):
    manifest = read(tmp_path, GOOD)
    assert manifest.text(manifest.title, "ja") == "来客"
    assert manifest.text(manifest.title, "en") == "Guests"
    assert manifest.url_prefix == "guests"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('name = "guests"', 'name = "others"', "like the folder"),
        ('version = "1.2"', 'version = "one"', "version must look like"),
        ('requires_core = ">=0.1,<1"', 'requires_core = "latest"', "version range"),
        ('ja = "来客"', "", "title.ja"),
        ('version = "1.2"', 'version = "1.2"\nurl_prefix = "admin"', "url_prefix 'admin'"),
        ('version = "1.2"', 'version = "1.2"\nurl_prefix = "a/b"', "url_prefix"),
        ('version = "1.2"', 'version = "1.2"\nicon = "x"', "unknown key icon"),
        ("[title]", "[title", "cannot be read"),
    ],
)
def test_a_wrong_manifest_is_refused_with_the_key_that_is_wrong(tmp_path, old, new, reason):
    with pytest.raises(PluginError, match=r"plugin\.toml") as refused:
        read(tmp_path, GOOD.replace(old, new))
    assert reason in str(refused.value)


def test_reserved_names_are_refused(tmp_path):
    with pytest.raises(PluginError, match="not allowed"):
        read(tmp_path, GOOD.replace('name = "guests"', 'name = "core"'), "core")
