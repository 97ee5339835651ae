"""Sample rules for `kaiin demo`: named ones, a section's default, and metered reading."""

from ..rules.services import save_allowances, save_default, save_rule

SILVER = {"field": "tier_or_higher", "op": "eq", "value": "silver"}
RULES = (
    {
        "key": "silver-and-up",
        "title": "シルバー会員以上",
        "condition": SILVER,
        "message": "この先は、シルバー会員以上の方にお読みいただけます。",
        "offer_text": "年会費3,000円で、すべての炉辺だよりをお読みいただけます。",
        "offer_url": "/members",
        "is_metered": True,
    },
    {
        "key": "kanto-regulars",
        "title": "関東の常連の方",
        "condition": {
            "all": [
                {"field": "region", "op": "in", "value": ["kanto"]},
                {"any": [SILVER, {"field": "points", "op": "gte", "value": 300}]},
            ]
        },
        "message": "関東にお住まいの常連の方へのご案内です。",
    },
    {
        "key": "after-30-days",
        "title": "入会30日から",
        "condition": None,
        "drip_days": 30,
        "display": "redirect",
    },
    {
        "key": "board",
        "title": "世話人だけ",
        "condition": {
            "all": [{"field": "labels", "op": "is_set"}, {"field": "tier", "op": "eq", "value": "gold"}]
        },
        "display": "not_found",
    },
)


def fill_demo() -> None:
    """Make the rules; guests read two metered pages a month, members three."""
    made = {str(values["key"]): save_rule(values) for values in RULES}
    save_default("lounge-", made["after-30-days"].id)
    save_allowances({"guest": 2, "member": 3})
