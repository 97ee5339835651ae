"""Further contact points of the demo's customers: a second address, the work's number, one that died."""

from collections.abc import Mapping, Sequence
from random import Random

from core.customers.contact_points.services import add_point, describe_point, mark_point

SHARE = 12


def add_contacts(rng: Random, people: Sequence[int], named: Mapping[str, int]) -> None:
    """Give the named customers, and one in twelve of the others, more ways to be reached."""
    chosen = [*named.values(), *people[::SHARE]]
    for number, customer_id in enumerate(chosen):
        phone = f"090-{rng.randint(1000, 9999)}-{rng.randint(1000, 9999)}"
        add_point(customer_id, "phone", {"value": phone, "label": "携帯"})
        if number % 2 == 0:
            values = {"value": f"work{number}@office.example", "label": "勤務先", "note": "平日の昼のみ"}
            add_point(customer_id, "email", values)
        if number % 3 == 0:
            point = add_point(customer_id, "email", {"value": f"tea..{number}@docomo.ne.jp", "label": "携帯"})
            if point is not None and number % 2 == 0:
                mark_point(customer_id, point.id, "failing")
        if number % 4 == 0:
            address = {"postal_code": "604-8005", "prefecture": "26", "city": "京都市中京区"}
            values = {**address, "address_line": f"恵比須町{number + 1}-2", "label": "実家"}
            add_point(customer_id, "address", values)
    for customer_id in named.values():
        describe_point(customer_id, ("email", ""), {"label": "自宅"})
