import io

import pytest

from core.db import db, transaction
from core.imports import jobs, services
from core.imports.queries import get_import
from core.imports.settings import Into, as_data, read_settings


class Bringing:
    """One file on its way in, without screens."""

    def __init__(self, content, name="people.csv", by=None, into=Into.CUSTOMERS, **choices):
        content = content.encode() if isinstance(content, str) else content
        kept = services.keep_file(io.BytesIO(content))
        with transaction():
            row = services.create_import(kept, name, by=by, into=into)
            self.id = row.id
        if choices:
            self.choose(**choices)

    @property
    def row(self):
        db.session.rollback()
        return get_import(self.id)

    @property
    def settings(self):
        return read_settings(self.row.settings)

    @property
    def counts(self):
        row = self.row
        return (row.created, row.changed, row.equal, row.refused)

    def choose(self, **choices):
        with transaction():
            row = get_import(self.id, for_change=True)
            services.save_settings(row, read_settings({**row.settings, **choices}))

    def check(self):
        with transaction():
            services.start_check(self.id, in_process=True)
        jobs.check(lambda *_: None, self.id)
        report = self.row.report
        assert report is not None, self.row.problem
        return tuple(report[name] for name in ("created", "changed", "equal", "refused"))

    def begin(self, by=None):
        with transaction():
            services.start_run(self.id, by=by, in_process=True)

    def run(self, by=None):
        self.check()
        self.begin(by)
        jobs.run(lambda *_: None, self.id)
        return self.counts

    def undo(self, by=None):
        with transaction():
            services.start_undo(self.id, by=by)
        jobs.undo(lambda *_: None, self.id)
        return (self.row.undone, self.row.kept)

    def problems(self):
        from core.imports.queries import first_problems

        db.session.rollback()
        return {p.number: " ".join(text for _heading, text in p.messages) for p in first_problems(self.id)}


@pytest.fixture
def bring(app):
    assert as_data
    return Bringing
