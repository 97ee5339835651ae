import datetime as dt

import pytest
from sqlalchemy import func, literal, select

from core.conditions import (
    OPERATORS,
    check_condition,
    compile_condition,
    describe,
    explain,
    operators_for,
    read_condition,
)
from core.conditions.fields import Choice, Field, FieldType
from core.conditions.limits import MAX_ITEMS, MAX_JSON, MAX_LEAVES
from core.customers.registry import customer_fields
from core.errors import ValidationFailed
from core.i18n import in_language
from core.testing.factories import make_custom_field, make_customer
from tests.core.conditions.condition_things import FIELDS, NOW


def leaf(field, op, value=None):
    return {"field": field, "op": op, "value": value}


def a_field(name, title, choices):
    return Field(name, title, FieldType.CHOICE, FIELDS["word"].expression, choices=choices)


def test_an_empty_any_is_false_and_an_empty_all_is_true(things):
    row = things.add()
    assert things.fitting({"any": []}) == set()
    assert things.fitting({"all": []}) == {row}
    assert things.fitting({"not": {"any": []}}) == {row}


@pytest.mark.parametrize(
    "nonsense",
    [
        *(None, [], {}, "text", 1, {"all": {}}, {"all": [], "any": []}, {"not": []}),
        *({"field": "word"}, {"field": 3, "op": "eq"}, {"field": "word", "op": "eq", "extra": 1}),
        *({"all": [None]}, {"field": "word", "op": {"a": 1}, "value": "a"}, {"field": "word", "op": "eq"}),
    ],
)
def test_what_cannot_be_read_grants_nothing_negated_or_not(things, nonsense):
    things.add(word="a", number=1)
    assert things.fitting(nonsense) == set()
    assert things.fitting({"not": nonsense}) == set()
    assert check_condition(nonsense, FIELDS)


@pytest.mark.parametrize("name", ["points", "tier"])
def test_a_field_whose_plugin_is_off_is_unknown(things, name):
    row = things.add(number=1)
    assert things.fitting(leaf(name, "is_empty")) == set()
    assert things.fitting({"not": leaf(name, "gte", 100)}) == set()
    assert things.fitting({"any": [leaf(name, "gte", 100), leaf("number", "eq", 1)]}) == {row}


def test_a_missing_value_is_unknown_but_can_be_asked_for(things):
    row = things.add(word="")
    assert things.fitting(leaf("word", "ne", "x")) == set()
    assert things.fitting({"not": leaf("word", "eq", "x")}) == set()
    assert things.fitting(leaf("word", "is_empty")) == {row}
    assert things.fitting({"not": leaf("word", "is_set")}) == {row}


def test_a_choice_that_no_longer_exists_grants_nothing(things):
    row = things.add(word="red")
    assert things.fitting(leaf("color", "ne", "green")) == set()
    assert things.fitting(leaf("color", "in", ["red", "green"])) == {row}
    assert things.fitting(leaf("color", "not_in", ["blue", "green"])) == set()
    assert things.fitting(leaf("color", "not_in", ["blue"])) == {row}


def test_too_deep_too_many_and_too_long_conditions_grant_nothing(things):
    row = things.add(number=1)
    good = leaf("number", "eq", 1)
    deep = good
    for _step in range(9):
        deep = {"all": [deep]}
    assert things.fitting(deep) == {row}
    assert things.fitting({"all": [deep]}) == set()
    assert things.fitting({"all": [good] * MAX_LEAVES}) == {row}
    assert things.fitting({"all": [good] * (MAX_LEAVES + 1)}) == set()
    assert things.fitting({"all": [{"all": [good] * 150}, {"all": [good] * 150}]}) == set()
    assert things.fitting(leaf("number", "in", [1] * MAX_ITEMS)) == {row}
    assert things.fitting(leaf("number", "in", [1] * (MAX_ITEMS + 1))) == set()
    assert (
        things.fitting({"all": [leaf("number", "in", [1] * 600), leaf("number", "in", [1] * 600)]}) == set()
    )
    assert things.fitting(leaf("word", "eq", "x" * 501)) == set()
    assert things.fitting({"any": [good, leaf("word", "eq", "x" * MAX_JSON)]}) == set()


def test_numbers_of_five_thousand_digits_and_odd_objects_grant_nothing(things):
    things.add(number=1)
    for value in (10**5000, -(2**63), 2**64, 1.5, True, "9" * 5000, "１", dt.date(2026, 1, 1), object()):
        assert things.fitting(leaf("number", "eq", value)) == set()
        assert things.fitting({"not": leaf("number", "eq", value)}) == set()


def test_values_never_become_sql(things):
    row = things.add(word="a' OR '1'='1")
    assert things.fitting(leaf("word", "eq", "x' OR '1'='1")) == set()
    assert things.fitting(leaf("word", "contains", "' OR '")) == {row}
    criterion = compile_condition(leaf("word", "eq", "secret"), FIELDS)
    assert "secret" not in str(criterion)


def test_percent_and_underscore_are_ordinary_signs(things):
    row = things.add(word="50%off_now/then")
    things.add(word="500 off now then")
    for part in ("50%", "off_now", "/then", "OFF_"):
        assert things.fitting(leaf("word", "contains", part)) == {row}
    assert things.fitting(leaf("word", "starts_with", "50%O")) == {row}


def test_days_are_days_of_the_sites_zone(things):
    before = things.add(moment=dt.datetime(2026, 3, 9, 14, 59, 59, tzinfo=dt.UTC))
    midnight = things.add(moment=dt.datetime(2026, 3, 9, 15, 0, tzinfo=dt.UTC))
    assert things.fitting(leaf("moment", "eq", "2026-03-10")) == {midnight}
    assert things.fitting(leaf("moment", "before", "2026-03-10")) == {before}
    assert things.fitting(leaf("moment", "lte", "2026-03-09")) == {before}
    assert things.fitting(leaf("moment", "after", "2026-03-09")) == {midnight}
    assert things.fitting(leaf("moment", "within_last", 0)) == {midnight}
    assert things.fitting(leaf("moment", "within_last", 1)) == {before, midnight}
    assert things.fitting(leaf("moment", "older_than", 0)) == {before}
    assert things.fitting(leaf("moment", "older_than", 1)) == set()
    assert things.fitting(leaf("moment", "gt", "2026-03-09T23:59:58")) == {before, midnight}


def test_dates_at_the_edge_of_time_are_no_error(things):
    row = things.add(moment=NOW, day=NOW.date())
    for edge in ("0001-01-01", "9999-12-31", "2026-02-30", "10000-01-01"):
        things.fitting(leaf("moment", "lte", edge))
        things.fitting(leaf("day", "gte", edge))
    assert things.fitting(leaf("day", "gte", "0001-01-01")) == {row}
    assert things.fitting(leaf("day", "within_last", 36_501)) == set()
    assert things.fitting(leaf("day", "older_than", 36_501)) == set()


def test_between_takes_both_ends(things):
    rows = [things.add(number=number) for number in (1, 2, 3, 4)]
    assert things.fitting(leaf("number", "between", [2, 3])) == {rows[1], rows[2]}
    assert things.fitting({"not": leaf("number", "between", [2, 3])}) == {rows[0], rows[3]}
    assert things.fitting(leaf("number", "between", [2])) == set()


def test_a_field_that_may_not_be_filtered_is_unknown(things):
    things.add(number=1)
    hidden = Field("number", "N", FieldType.INTEGER, FIELDS["number"].expression, filterable=False)
    assert things.fitting(leaf("number", "eq", 1), {"number": hidden}) == set()


def test_every_operator_of_every_type_has_words(app):
    for language in ("en", "ja"):
        with in_language(language):
            for operators in OPERATORS.values():
                for operator in operators:
                    assert str(operator.title)
                    sentence = str(operator.sentence) % {"field": "F", "value": "V", "low": "L", "high": "H"}
                    assert "F" in sentence
                    if language == "ja":
                        assert not any("a" <= sign <= "z" for sign in sentence)


def test_the_filter_builder_is_not_offered_two_names_for_one_operator(app):
    for field in FIELDS.values():
        titles = [str(operator.title) for operator in operators_for(field)]
        assert len(titles) == len(set(titles))


def test_a_condition_is_said_in_plain_words(app):
    fields = {
        **FIELDS,
        "tier": Field(
            "tier",
            "会員ランク",
            FieldType.CHOICE,
            FIELDS["word"].expression,
            choices=lambda: [Choice("gold", "ゴールド")],
        ),
    }
    rule = {
        "any": [leaf("tier", "eq", "gold"), {"all": [leaf("number", "gte", 5000), leaf("day", "is_set")]}]
    }
    with in_language("ja"):
        assert describe(leaf("tier", "eq", "gold"), fields) == "会員ランクがゴールド"
        said = describe(rule, fields)
        assert said == "「会員ランクがゴールド」または（「Numberが5,000以上」かつ「Dayが入力されている」）"
        assert (
            describe({"not": leaf("points", "gte", 1)}, fields)
            == "「「points」についての不明な条件」ではない"
        )
    with in_language("en"):
        assert (
            describe(rule, fields)
            == "“会員ランク is ゴールド” or (“Number is at least 5,000” and “Day is filled in”)"
        )
        assert describe(leaf("moment", "before", "2026-03-10"), fields) == "Moment is before 10 Mar 2026"
        assert describe(leaf("number", "in", [1, 2]), fields) == "Number is one of 1, 2"
        assert describe({"any": []}, fields) == "never"


def test_checking_names_what_is_wrong(app):
    with in_language("en"):
        assert check_condition(leaf("number", "gte", 5), FIELDS) == []
        assert check_condition(leaf("points", "gte", 5), FIELDS) == ["There is no field “points”."]
        assert check_condition(leaf("number", "contains", 5), FIELDS) == [
            "“Number” cannot be tested with “contains”."
        ]
        assert check_condition(leaf("number", "gte", "many"), FIELDS) == ["Number: Give a whole number."]
        assert check_condition(leaf("color", "in", ["red", "green"]), FIELDS) == [
            "Colour: “green” is not one of the choices."
        ]


def test_checking_also_looks_into_lists_that_the_owner_edits(app):
    tiers = Field(
        "tier", "Tier", FieldType.CHOICE, FIELDS["word"].expression, choices=lambda: [Choice("gold", "G")]
    )
    assert check_condition(leaf("tier", "eq", "gold"), {"tier": tiers}) == []
    assert check_condition(leaf("tier", "eq", "lead"), {"tier": tiers})


def test_compiling_does_not_read_the_owners_lists(app):
    def list_choices():
        raise AssertionError("a query for each gated page")

    tiers = a_field("tier", "Tier", list_choices)
    compile_condition(leaf("tier", "eq", "gold"), {"tier": tiers})


def test_a_compiled_condition_is_kept_for_the_day_when_its_fields_allow(app):
    rule = {"all": [leaf("day", "within_last", 3)]}
    today = compile_condition(rule, FIELDS, now=NOW)
    assert compile_condition(rule, dict(FIELDS), now=NOW + dt.timedelta(hours=1)) is today
    assert compile_condition(rule, FIELDS, now=NOW + dt.timedelta(days=1)) is not today


def test_a_field_that_knows_the_hour_is_compiled_each_time(app):
    calls = []

    def expression():
        calls.append(1)
        return literal(len(calls))

    fields = {"hour": Field("hour", "Hour", FieldType.INTEGER, expression)}
    compile_condition(leaf("hour", "eq", 1), fields)
    compile_condition(leaf("hour", "eq", 1), fields)
    assert len(calls) == 2


def test_a_changed_field_is_not_served_from_what_was_kept(things):
    row = things.add(number=1, word="1")
    rule = leaf("number", "eq", 1)
    assert things.fitting(rule) == {row}
    other = Field("number", "N", FieldType.INTEGER, lambda: func.abs(-5), cacheable=True)
    assert things.fitting(rule, {"number": other}) == set()


def test_json_from_outside_is_read_or_refused():
    assert read_condition('{"any": []}') == {"any": []}
    for text in ("{", "[" * 100_000, '{"any": [' + "1" * 5000 + "]}", "x" * (MAX_JSON + 1)):
        with pytest.raises(ValidationFailed):
            read_condition(text)


def test_the_builtin_fields_of_customers_can_all_be_filtered(app):
    from core.customers.models import Customer
    from core.db import db

    samples = {
        FieldType.TEXT: "a",
        FieldType.EMAIL: "a@example.jp",
        FieldType.PHONE: "03-1234-5678",
        FieldType.INTEGER: 1,
        FieldType.MONEY: 1,
        FieldType.DATE: "2026-01-01",
        FieldType.DATETIME: "2026-01-01",
        FieldType.PREFECTURE: "13",
        FieldType.BOOLEAN: True,
        FieldType.MULTI: "a",
    }
    make_customer()
    for kind in FieldType:
        make_custom_field(f"own_{kind.value}", kind.value, choices=["a", "b"])
    fields = customer_fields()
    for field in fields.values():
        sample = samples.get(field.type) or next(iter(field.list_choices()), Choice("x", "x")).value
        for operator in OPERATORS[field.type]:
            value = {"many": [sample], "range": [sample, sample], "days": 3}.get(operator.shape.value, sample)
            rule = leaf(field.name, operator.name, value)
            for either in (rule, {"not": rule}):
                db.session.execute(select(Customer.id).where(compile_condition(either, fields))).all()


def test_explaining_names_the_test_that_failed_and_what_is_there_instead(app):
    hanako = make_customer(prefecture="13", birthday="2000-01-01", interests="茶道")
    rule = {
        "all": [
            leaf("prefecture", "in", ["27"]),
            {"any": [leaf("interests", "eq", "茶道"), leaf("points", "gte", 100)]},
            {"not": leaf("occupation", "eq", "学生")},
        ]
    }
    with in_language("en"):
        told = explain(rule, customer_fields(), hanako.id)
    assert not told.granted
    assert [(line.depth, line.state) for line in told.lines] == [
        *((0, False), (1, False), (1, True), (2, True), (2, None), (1, None), (2, None)),
    ]
    failed = {line.text: line.reason for line in told.failed}
    assert failed["Prefecture is one of Osaka"] == "it is Tokyo"
    assert failed["Occupation is 学生"] == "nothing is entered"
    assert failed["something unknown about “points”"] == "There is no field “points”."


def test_explaining_a_good_rule_grants_in_one_query(app, query_counter):
    customer_id = make_customer(prefecture="13").id
    fields = customer_fields()
    with query_counter() as queries:
        told = explain({"all": [leaf("prefecture", "eq", "13")] * 50}, fields, customer_id)
    assert told.granted
    assert told.failed == ()
    assert queries.count == 1


def test_explaining_for_a_customer_who_is_not_there_grants_nothing(app):
    told = explain({"all": []}, customer_fields(), 4711)
    assert not told.granted
