"""`slot(name)`."""

from markupsafe import Markup

from core.theming import slots


class _Snapshot:
    @staticmethod
    def implementations(_hook: str) -> tuple[str, ...]:
        return ("one",)


def test_pieces_are_joined_and_plain_text_is_escaped(app, monkeypatch) -> None:
    asked = []

    def collect(hook, **values):
        asked.append((hook, values))
        return [("a", Markup("<p>x</p>")), ("b", "<script>")]

    monkeypatch.setattr(slots, "collect", collect)
    monkeypatch.setattr(slots, "current_snapshot", _Snapshot)
    assert slots.slot("footer") == "<p>x</p>&lt;script&gt;"
    assert asked == [("render_slot", {"slot": "footer", "context": {"member": None}})]
    assert slots.slot("unknown") == ""
    assert len(asked) == 1


def test_a_site_without_such_plugins_has_empty_slots(app) -> None:
    assert [slots.slot(name) for name in slots.SLOTS] == [""] * len(slots.SLOTS)
