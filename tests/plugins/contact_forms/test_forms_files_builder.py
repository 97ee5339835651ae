"""A question for files in the builder."""

import pytest
from werkzeug.datastructures import MultiDict

from plugins.contact_forms.builder.forms_field import FieldForm
from plugins.contact_forms.definition.definitions import define_field
from plugins.contact_forms.definition.options import FieldOptions
from plugins.contact_forms.models import FormField

KB, MB = 1024, 1024 * 1024


def form_of(**typed):
    lists = {"type": "file", "label": "図面", "show_mode": "all", **typed}
    return FieldForm(MultiDict(lists))


def test_what_is_chosen_becomes_options():
    form = form_of(
        file_groups=["images", "pdf"],
        file_endings=".psd、AI  *.ai",
        file_size="2.5MB",
        file_count="3",
        file_total="５ ＭＢ",
    )
    assert form.validate(), form.errors
    assert form.options() == FieldOptions(
        file_groups=("images", "pdf"),
        file_endings=("psd", "ai"),
        file_size=int(2.5 * MB),
        file_count=3,
        file_total=5 * MB,
    )
    assert FieldOptions.from_json(form.options().as_json()) == form.options()


@pytest.mark.parametrize(
    ("typed", "size"), [("", None), ("10", 10 * MB), ("500 KB", 500 * KB), ("1 b", 1), ("1.5m", 1.5 * MB)]
)
def test_a_size_is_written_as_people_do(typed, size):
    form = form_of(file_size=typed)
    assert form.validate(), form.errors
    assert form.options().file_size == size


@pytest.mark.parametrize(
    "typed",
    [
        {"file_size": "big"},
        {"file_size": "0"},
        {"file_size": "201 MB"},
        {"file_size": "9" * 5_000},
        {"file_size": "1\0"},
        {"file_total": "-1 MB"},
        {"file_count": "0"},
        {"file_count": "21"},
        {"file_endings": "svg"},
        {"file_endings": "psd, EXE"},
        {"file_endings": "p/sd"},
        {"file_endings": "x" * 13},
        {"file_endings": "\ud800"},
        {"file_endings": " ".join(f"e{n}" for n in range(31))},
        {"file_groups": ["everything"]},
    ],
)
def test_what_cannot_be_is_named_at_its_input(app, typed):
    form = form_of(**typed)
    assert not form.validate()
    assert list(form.errors) == list(typed)
    form.options()


def test_only_questions_for_files_have_the_options_of_files():
    assert "file_size" not in FieldForm(MultiDict({"type": "text"}))
    assert "placeholder" not in form_of()


def test_a_question_without_options_takes_one_usual_file():
    usual = define_field(
        FormField(key="plan", type="file", label="図面", help="", saves_as="", required=True)
    )
    assert (usual.file_count, usual.file_size, usual.file_total) == (1, 10 * MB, 10 * MB)
    assert usual.takes_several is False
    assert {"jpg", "pdf", "docx"} <= set(usual.file_endings)
    assert "zip" not in usual.file_endings
