"""Acts on the rules of a form when a message is accepted."""

from collections.abc import Iterable

from sqlalchemy import bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from core.api import ValidationFailed, db, get_customer, staff_choices, update_customer

from ..definition.definitions import FormDefinition
from ..models import Submission
from ..models_pipeline import RoutingTurn
from .routing_rules import RoutingRule


def _counting(insert: postgresql.Insert | sqlite.Insert) -> ReturningInsert[int]:
    return (
        insert.values(form_id=bindparam("form"), rule=bindparam("token"), turns=1)
        .on_conflict_do_update(index_elements=["form_id", "rule"], set_={"turns": RoutingTurn.turns + 1})
        .returning(RoutingTurn.turns)
    )


_NEXT = {
    "sqlite": _counting(sqlite.insert(RoutingTurn)),
    "postgresql": _counting(postgresql.insert(RoutingTurn)),
}


def apply_rules(definition: FormDefinition, submission: Submission, rules: Iterable[RoutingRule]) -> None:
    """Put somebody in charge of the message, and give its customer labels and stage."""
    rules = tuple(rules)
    for rule in rules:
        if submission.assignee_id is None:
            submission.assignee_id = _whose_turn(definition.id, rule)
    if submission.customer_id is not None:
        for rule in rules:
            _change_customer(submission.customer_id, rule)


def _whose_turn(form_id: int, rule: RoutingRule) -> int | None:
    if not rule.assignees:
        return None
    # Who left since the rule was written is passed over.
    staff = {choice.value for choice in staff_choices()}
    there = [account_id for account_id in rule.assignees if str(account_id) in staff]
    if len(there) < 2:
        return there[0] if there else None
    connection = db.session.connection()
    values = {"form": form_id, "token": rule.token}
    turn = connection.execute(_NEXT[connection.dialect.name], values).scalar_one()
    return there[(turn - 1) % len(there)]


def _change_customer(customer_id: int, rule: RoutingRule) -> None:
    customer = get_customer(customer_id)
    labels = [label.key for label in customer.labels]
    changes: dict[str, object] = {}
    if rule.label and rule.label not in labels:
        changes["labels"] = [*labels, rule.label]
    # A customer who asks something is not a lead again.
    if rule.stage and not (rule.stage == "lead" and customer.stage == "customer"):
        changes["stage"] = rule.stage
    for name, value in changes.items():
        try:
            update_customer(customer_id, {name: value})
        except ValidationFailed:
            # The label was deleted since the rule was written.
            continue
