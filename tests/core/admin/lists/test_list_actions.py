"""Bulk actions touch what was chosen, and nothing else."""

import json
import re
from urllib.parse import quote

from people_list import SEE, people, set_stage
from sqlalchemy import func, select
from wtforms import SelectChoice, SelectField

from core.admin.forms import BaseForm
from core.admin.listing import BulkAction
from core.customers.models import Customer
from core.db import db
from core.testing.factories import make_customer, make_staff

TOKYO = "filter=" + quote(json.dumps({"all": [{"field": "prefecture", "op": "eq", "value": "13"}]}))


def former():
    return db.session.execute(select(func.count()).where(Customer.stage == "former")).scalar_one()


def test_an_action_on_chosen_rows(mount, client, owner, crowd):
    mount(people())
    answer = client.post("/people", data={"action": "close", "ids": crowd[:3]})
    assert answer.status_code == 303
    assert former() == 3


def test_an_action_on_all_results_of_the_filter(mount, client, owner, crowd):
    mount(people())
    client.post(f"/people?{TOKYO}", data={"action": "close", "scope": "all", "ids": crowd[:1]})
    assert former() == 10


def test_ids_outside_the_filter_are_not_touched(mount, client, owner, crowd):
    mount(people())
    client.post(f"/people?{TOKYO}", data={"action": "close", "ids": [crowd[0], crowd[30]]})
    assert former() == 1


def test_nothing_chosen_changes_nothing_and_says_so(mount, client, owner, crowd):
    mount(people())
    answer = client.post("/people", data={"action": "close"})
    assert former() == 0
    assert "k-message k-tone-danger" in client.get(answer.location).get_data(as_text=True)


def test_a_dangerous_action_asks_with_the_number_first(mount, client, owner, crowd):
    mount(people())
    answer = client.post(f"/people?{TOKYO}", data={"action": "wipe", "scope": "all"})
    html = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert former() == 0
    assert re.search(r'name="confirmed" value="10"', html)
    client.post(f"/people?{TOKYO}", data={"action": "wipe", "scope": "all", "confirmed": "10"})
    assert former() == 10


def test_it_asks_again_when_the_number_changed_meanwhile(mount, client, owner, crowd):
    mount(people())
    make_customer(prefecture="13")
    answer = client.post(f"/people?{TOKYO}", data={"action": "wipe", "scope": "all", "confirmed": "10"})
    assert 'name="confirmed" value="11"' in answer.get_data(as_text=True)
    assert former() == 0


def test_an_action_needs_its_own_permission(mount, client, login, crowd):
    mount(people())
    login(client, make_staff(SEE))
    assert 'value="wipe"' not in client.get("/people").get_data(as_text=True)
    answer = client.post("/people", data={"action": "wipe", "ids": crowd[:1], "confirmed": "1"})
    assert answer.status_code == 403
    assert former() == 0


def test_an_action_of_another_view_is_refused(mount, client, owner, crowd):
    mount(people())
    assert client.post("/people", data={"action": "only_leads", "ids": crowd[:1]}).status_code == 403
    assert (
        client.post("/people?view=leads", data={"action": "only_leads", "ids": crowd[1:2]}).status_code == 303
    )
    assert former() == 1


def test_an_unknown_action_and_a_missing_token_are_refused(mount, client, owner, crowd):
    mount(people())
    assert client.post("/people", data={"action": "nope", "ids": crowd[:1]}).status_code == 404
    assert client.post("/people", data={"action": "close", "ids": crowd[:1]}, csrf=False).status_code == 400
    assert former() == 0


def test_strange_ids_are_passed_over(mount, client, owner, crowd):
    mount(people())
    ids = ["9" * 5000, "x", "-1", "１", "1e9", str(2**62)]
    assert client.post("/people", data={"action": "close", "ids": ids}).status_code == 303
    assert former() == 0


def test_an_action_with_a_form_asks_for_its_values(mount, client, owner, crowd):
    class StageForm(BaseForm):
        stage = SelectField("Stage", choices=[SelectChoice("former"), SelectChoice("lead")])

    actions = (BulkAction("stage", "Change the stage", set_stage, form=lambda: StageForm),)
    mount(people(actions=actions))
    answer = client.post("/people", data={"action": "stage", "ids": crowd[:2]})
    assert '<select class="form-select" id="stage" name="stage">' in answer.get_data(as_text=True)
    wrong = {"action": "stage", "ids": crowd[:2], "confirmed": "2", "stage": "nope"}
    assert client.post("/people", data=wrong).status_code == 422
    assert former() == 0
    client.post("/people", data={**wrong, "stage": "former"})
    assert former() == 2
