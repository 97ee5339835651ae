import pytest
from sqlalchemy import select

from core.customers.label_services import create_label, delete_label
from core.customers.models import Customer
from core.db import db, transaction
from core.mail.models import OutboxMail
from core.testing.factories import make_account, make_customer, make_staff
from plugins.contact_forms.builder.building import get_form
from plugins.contact_forms.definition.definitions import get_definition
from plugins.contact_forms.pipeline.handling import save_routing
from plugins.contact_forms.pipeline.mails import may_auto_reply
from plugins.contact_forms.pipeline.routing_rules import Criterion, Routing, RoutingRule, new_token
from tests.plugins.contact_forms.forms_kit import OWNER, make_form, send, submissions, work

QUOTE = (Criterion("topic", "is", "お見積り"),)


def rule(*criteria, **values):
    return RoutingRule(new_token(), criteria=criteria, **values)


def set_rules(definition, *rules, all_matching=False):
    with transaction():
        save_routing(get_form(definition.id), Routing(all_matching, rules), by=None)


def told():
    return list(db.session.scalars(select(OutboxMail.to_address).order_by(OutboxMail.id)))


@pytest.mark.parametrize(
    ("criterion", "fits"),
    [
        (Criterion("topic", "is", "お見積り"), True),
        (Criterion("topic", "is_not", "お見積り"), False),
        (Criterion("name", "contains", "ｶﾌﾞｼｷ"), True),
        (Criterion("name", "contains_not", "有限"), True),
        (Criterion("wishes", "is", "電話"), True),
        (Criterion("wishes", "is_not", "来店"), True),
        (Criterion("wishes", "contains", "メ"), False),
        (Criterion("empty", "empty"), True),
        (Criterion("missing", "filled"), False),
        (Criterion("consent", "is", "１"), True),
    ],
)
def test_an_answer_is_compared_whatever_its_width_and_kana(criterion, fits):
    answers = {
        "topic": "お見積り",
        "name": "かぶしき会社",
        "wishes": ["電話"],
        "empty": "",
        "consent": True,
    }
    assert criterion.fits(answers) is fits


def test_a_rule_wants_all_of_its_criteria_or_one_and_without_any_fits_everything():
    criteria = (Criterion("a", "is", "1"), Criterion("b", "is", "1"))
    assert not rule(*criteria).fits({"a": "1", "b": "2"})
    assert rule(*criteria, match_any=True).fits({"a": "1", "b": "2"})
    assert rule().fits({}) and rule(match_any=True).fits({})


def test_the_first_rule_that_fits_tells_its_people_instead_of_the_usual_ones(client, contact):
    set_rules(
        contact,
        rule(*QUOTE, recipients=("sales@shop.example.com",)),
        rule(recipients=("desk@shop.example.com",)),
    )
    send(client, topic="お見積り")
    send(client)
    work()
    assert told() == ["sales@shop.example.com", "desk@shop.example.com"]


def test_all_rules_that_fit_may_act_and_tell_nobody_twice(client, contact):
    both = ("sales@shop.example.com", "boss@shop.example.com")
    set_rules(contact, rule(recipients=both), rule(recipients=both[:1]), all_matching=True)
    send(client)
    work()
    assert told() == list(both)


def test_a_rule_without_addresses_leaves_the_usual_ones(client, contact):
    set_rules(contact, rule())
    send(client)
    work()
    assert told() == [OWNER]


def test_people_take_turns_and_who_left_is_passed_over(client, contact):
    one, two = make_staff("contact_forms.inbox.see"), make_staff("contact_forms.inbox.see")
    set_rules(contact, rule(assignees=(one.id, 999_999, two.id)))
    for number in range(3):
        send(client, message=f"その {number}")
    work()
    assert [s.assignee_id for s in submissions()] == [one.id, two.id, one.id]


def test_the_customer_gets_label_and_stage_but_never_becomes_a_lead_again(client, contact):
    with transaction():
        label = create_label("見積り")
    set_rules(contact, rule(label=label.key, stage="customer"))
    send(client)
    work()
    customer = db.session.scalars(select(Customer)).one()
    assert (customer.stage, [one.name for one in customer.labels]) == ("customer", ["見積り"])
    set_rules(contact, rule(label=label.key, stage="lead"))
    send(client)
    work()
    db.session.refresh(customer)
    assert (customer.stage, len(customer.labels)) == ("customer", 1)


def test_a_label_that_was_deleted_holds_no_message_up(client, contact):
    with transaction():
        label = create_label("古い")
    set_rules(contact, rule(label=label.key, stage="former"))
    with transaction():
        delete_label(label.id)
    known = make_customer(email="taro@example.jp")
    send(client)
    work()
    db.session.refresh(known)
    assert submissions()[0].accepted_at is not None
    assert known.stage == "former"


def test_the_owner_builds_a_rule_on_the_screen(client, login, contact):
    login(client, make_account("Owner"))
    someone = make_staff("contact_forms.inbox.see")
    url = f"/admin/forms/{contact.id}/routing"
    page = client.post(url, data={"do": "add"}).get_data(as_text=True)
    token = page.split('name="rule" value="')[1].split('"')[0]
    values = {
        "name": "見積り",
        "match": "all",
        "key_1": "topic",
        "op_1": "is",
        "value_1": "お見積り",
        "op_2": "is",
        "op_3": "is",
        "recipients": "sales@shop.example.com",
        "assignees": str(someone.id),
        **dict.fromkeys(("key_2", "key_3", "label", "stage"), ""),
    }
    data = {"rule": token, "act": "all", **{f"{token}-{name}": value for name, value in values.items()}}
    wrong = client.post(url, data={**data, f"{token}-recipients": "not-an-address"})
    assert wrong.status_code == 422
    assert "not-an-address" in wrong.get_data(as_text=True)
    assert client.post(url, data=data).status_code == 303
    saved = get_definition(contact.id).handling.routing
    assert saved == Routing(
        True,
        (
            RoutingRule(
                token,
                "見積り",
                criteria=QUOTE,
                recipients=("sales@shop.example.com",),
                assignees=(someone.id,),
            ),
        ),
    )
    assert "お見積り" in client.get(url).get_data(as_text=True)
    assert client.post(url, data={**data, "do": f"delete:{token}"}).status_code == 200


def test_whoever_edits_the_form_sends_a_test_to_themselves(client, login):
    form = make_form("reply", auto_reply=True)
    owner = make_account("Owner", email="me@shop.example.com")
    login(client, owner)
    answer = client.post(f"/admin/forms/{form.id}/routing/trial")
    assert answer.status_code == 303
    assert OWNER in client.get(answer.headers["Location"]).get_data(as_text=True)
    assert told() == ["me@shop.example.com", "me@shop.example.com"]
    assert not submissions()


@pytest.mark.parametrize(
    ("address", "replies"),
    [
        ("mailer-daemon@example.jp", False),
        ("no-reply@example.jp", False),
        ("noreply+1@example.jp", False),
        ("donotreply@example.jp", False),
        ("postmaster@example.jp", False),
        ("sales@shop.example.com", False),
        (OWNER, False),
        ("norio@example.jp", True),
        ("bounceland@example.jp", True),
    ],
)
def test_machines_and_our_own_addresses_get_no_automatic_reply(contact, address, replies):
    form = make_form("reply", auto_reply=True)
    set_rules(form, rule(recipients=("sales@shop.example.com",)))
    assert may_auto_reply(get_definition(form.id), address) is replies


def test_staff_who_build_no_forms_see_no_rules(client, login, contact):
    login(client, make_staff("contact_forms.inbox.see"))
    assert client.get(f"/admin/forms/{contact.id}/routing").status_code == 403
    assert client.post(f"/admin/forms/{contact.id}/routing/trial").status_code == 403
