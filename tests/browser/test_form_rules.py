import json
from pathlib import Path

from plugins.contact_forms.schema import schema_of
from tests.plugins.contact_forms.schema_kit import vectors

SCRIPT = Path("plugins/contact_forms/static/schema.js").resolve()


def test_the_browser_judges_the_shared_vectors_as_the_server_does(chromium):
    page = chromium.new_page()
    page.add_script_tag(path=str(SCRIPT))
    wrong = []
    for definition, today, cases in vectors():
        told = page.evaluate(
            """([schema, cases, today]) => cases.map(([given]) =>
                 window.kaiinFormSchema.check(schema, given, today).problems)""",
            [json.loads(json.dumps(schema_of(definition).as_json())), cases, today],
        )
        for (given, codes), problems in zip(cases, told, strict=True):
            if {key: problem["code"] for key, problem in problems.items()} != codes:
                wrong.append((given, codes, problems))
    page.close()
    assert not wrong
