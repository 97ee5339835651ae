"""The test vectors that the server's and the browser's rules must judge alike."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from plugins.contact_forms.definition.definitions import FieldDefinition, FormDefinition, Kind
from plugins.contact_forms.definition.options import FieldOptions

TODAY = "2026-11-21"


def vectors() -> Iterator[tuple[FormDefinition, str, list[Any]]]:
    """Yield each form of the vectors with its day and its cases of (answers, codes)."""
    text = (Path(__file__).parent / "vectors.json").read_text(encoding="utf-8")
    for vector in json.loads(text):
        fields = tuple(map(_field, vector["fields"]))
        definition = FormDefinition(0, "vector", "vector", fields=fields)
        yield definition, vector.get("today", TODAY), vector["cases"]


def _field(data: dict[str, Any]) -> FieldDefinition:
    return FieldDefinition(
        data["key"],
        Kind(data["kind"]),
        data["key"],
        required=data.get("required", False),
        choices=tuple(data.get("choices", ())),
        options=FieldOptions.from_json(data.get("options", {})),
    )
