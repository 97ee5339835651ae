"""A plain-Python reading of conditions, written apart from the compiler, to compare with it.

True, False and None (unknown) are combined by Kleene's rules.
"""

import datetime as dt
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")


def evaluate(condition, types, row, today):
    if not isinstance(condition, dict):
        return None
    if "all" in condition:
        return conjunction([evaluate(child, types, row, today) for child in condition["all"]])
    if "any" in condition:
        return disjunction([evaluate(child, types, row, today) for child in condition["any"]])
    if "not" in condition:
        inner = evaluate(condition["not"], types, row, today)
        return None if inner is None else not inner
    return test(condition, types, row, today)


def conjunction(states):
    if False in states:
        return False
    return None if None in states else True


def disjunction(states):
    if True in states:
        return True
    return None if None in states else False


def test(leaf, types, row, today):
    kind = types.get(leaf["field"])
    if kind is None or not knows(kind, leaf["op"]):
        return None
    have, op, value = row[leaf["field"]], leaf["op"], leaf.get("value")
    missing = have in (None, "", [])
    if op in ("is_set", "is_empty"):
        return missing is (op == "is_empty")
    if kind == "multi":
        return several(have, op, value, missing)
    if missing:
        return None
    return one(kind, have, op, value, today)


def knows(kind, op):
    text = {"eq", "ne", "contains", "starts_with", "in", "not_in", "is_set", "is_empty"}
    number = {"eq", "ne", "lt", "lte", "gt", "gte", "between", "in", "not_in", "is_set", "is_empty"}
    time = {
        *("eq", "ne", "lt", "lte", "gt", "gte", "before", "after", "between"),
        *("within_last", "older_than", "within_next", "is_set", "is_empty"),
    }
    several_ops = {"eq", "ne", "in", "not_in", "contains", "is_set", "is_empty"}
    boolean = {"eq", "ne", "is_set", "is_empty"}
    allowed = {"text": text, "integer": number, "date": time, "datetime": time, "multi": several_ops}
    return op in allowed.get(kind, boolean)


def several(have, op, value, missing):
    if op in ("eq", "ne", "contains"):
        if missing or typed("text", value) is None:
            return None
        return (value in have) is (op != "ne")
    if not isinstance(value, list) or not value:
        return None
    states = [None if missing or typed("text", v) is None else v in have for v in value]
    found = disjunction(states)
    return found if op == "in" else None if found is None else not found


def one(kind, have, op, value, today):
    if op in ("in", "not_in"):
        if not isinstance(value, list) or not value:
            return None
        found = disjunction([one(kind, have, "eq", item, today) for item in value])
        return found if op == "in" else None if found is None else not found
    if op in ("within_last", "older_than", "within_next"):
        return within(kind, have, op, value, today)
    if op == "between":
        if not isinstance(value, list) or len(value) != 2:
            return None
        low, high = (one(kind, have, name, v, today) for name, v in zip(("gte", "lte"), value, strict=True))
        return None if low is None or high is None else low and high
    wanted = typed(kind, value)
    if wanted is None:
        return None
    if kind == "text" and op in ("contains", "starts_with"):
        inside, outside = ascii_lower(wanted), ascii_lower(have)
        return inside in outside if op == "contains" else outside.startswith(inside)
    if kind == "datetime" and isinstance(wanted, dt.date) and not isinstance(wanted, dt.datetime):
        have = have.astimezone(TOKYO).date()
    same = {"before": "lt", "after": "gt"}.get(op, op)
    return {
        "eq": have == wanted,
        "ne": have != wanted,
        "lt": kind in ("integer", "date", "datetime") and have < wanted,
        "lte": kind in ("integer", "date", "datetime") and have <= wanted,
        "gt": kind in ("integer", "date", "datetime") and have > wanted,
        "gte": kind in ("integer", "date", "datetime") and have >= wanted,
    }[same]


def within(kind, have, op, value, today):
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 36_500:
        return None
    day = have.astimezone(TOKYO).date() if kind == "datetime" else have
    if op == "older_than":
        return day < today - dt.timedelta(days=value)
    if op == "within_last":
        return today - dt.timedelta(days=value) <= day <= today
    return today <= day <= today + dt.timedelta(days=value)


def typed(kind, value):
    if kind == "integer":
        is_number = isinstance(value, int) and not isinstance(value, bool)
        return value if is_number and abs(value) < 2**63 else None
    if kind == "boolean":
        return value if isinstance(value, bool) else None
    if not isinstance(value, str) or value in ("", "\x00", "\ud800"):
        return None
    if kind == "text":
        return value
    try:
        if kind == "date" or len(value) == 10:
            return dt.date.fromisoformat(value)
        moment = dt.datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=TOKYO)


def ascii_lower(text):
    return "".join(c.lower() if c.isascii() else c for c in text)
