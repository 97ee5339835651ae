"""How big a condition may be. Beyond these it is refused, and unknown when it is met anyway."""

MAX_DEPTH = 10
MAX_LEAVES = 200
MAX_NODES = 1_000
MAX_ITEMS = 1_000
MAX_TEXT = 500
MAX_JSON = 60_000
MAX_DAYS = 36_500
MAX_INTEGER = 2**63 - 1
