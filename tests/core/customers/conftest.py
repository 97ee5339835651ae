import pytest


@pytest.fixture
def events(monkeypatch):
    """The events that were told once their transaction was durable."""
    from core.customers import merging, services
    from core.customers.merges import undoing
    from core.db import after_commit

    told = []

    def note(hook, **values):
        after_commit(lambda: told.append((hook, values)))

    monkeypatch.setattr(services, "notify", note)
    monkeypatch.setattr(merging, "notify", note)
    monkeypatch.setattr(undoing, "notify", note)
    return told
