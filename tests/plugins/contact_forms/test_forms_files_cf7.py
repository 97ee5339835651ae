"""What a file tag of Contact Form 7 says of its files is taken over."""

import pytest

from plugins.contact_forms.cf7.importing import read_definition
from plugins.contact_forms.cf7.pasted import read_pasted
from plugins.contact_forms.cf7.report import Fate

KB, MB = 1024, 1024 * 1024
USUAL = ("images", "pdf", "documents", "presentations", "audio", "video")


def read(tag):
    imported = read_definition(read_pasted(f"<label>図面 {tag}</label>[submit]", "", "", ""), "ja")
    return imported.fields[0], list(imported.report.originals(Fate.LEFT))


@pytest.mark.parametrize(
    ("tag", "groups", "endings", "size"),
    [
        ("[file plan]", USUAL, (), MB),
        ("[file plan filetypes:pdf|jpg|.PNG limit:2mb]", (), ("pdf", "jpg", "png"), 2 * MB),
        ("[file plan filetypes:image/*|application/pdf limit:500kb]", ("images", "pdf"), (), 500 * KB),
        ("[file plan filetypes:jpg,gif limit:1048576]", (), ("jpg", "gif"), MB),
        ("[file plan filetypes:audio/*|psd limit:9999999mb]", ("audio",), ("psd",), 200 * MB),
        ("[file plan limit:0]", USUAL, (), MB),
        ("[file plan limit:big]", USUAL, (), MB),
    ],
)
def test_types_and_limit_of_a_file_tag_go_on(forms_enabled, tag, groups, endings, size):
    field, left = read(tag)
    assert (field.options.file_groups, field.options.file_endings, field.options.file_size) == (
        groups,
        endings,
        size,
    )
    assert left == []


def test_what_runs_is_left_and_named(forms_enabled):
    field, left = read("[file* plan filetypes:pdf|exe|text/html limit:1mb]")
    assert field.required
    assert field.options.file_endings == ("pdf",)
    assert [one.split(" ")[0] for one in left] == ["filetypes:exe", "filetypes:text/html"]
