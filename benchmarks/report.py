"""What was measured, as a table for people and as JSON for programs."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

LATEST = Path(__file__).parent / "latest.json"


@dataclass(frozen=True)
class Result:
    """One line: Kaiin's values and the floor's, one for each round."""

    name: str
    unit: str
    values: Sequence[float]
    floors: Sequence[float] = ()
    floor_name: str = ""
    at_least: float | None = None
    at_most: float | None = None
    more: dict[str, float] = field(default_factory=dict)

    @property
    def value(self) -> float:
        return statistics.median(self.values)

    @property
    def floor(self) -> float | None:
        return statistics.median(self.floors) if self.floors else None

    @property
    def ratios(self) -> list[float]:
        """Kaiin to floor, round by round: both of a round met the same machine."""
        return [value / floor for value, floor in zip(self.values, self.floors, strict=False)]

    @property
    def judged(self) -> float:
        """The number that the target is about."""
        return statistics.median(self.ratios) if self.floors else self.value

    @property
    def target(self) -> float | None:
        return self.at_least if self.at_least is not None else self.at_most

    @property
    def is_met(self) -> bool | None:
        if self.at_least is not None:
            return self.judged >= self.at_least
        return self.judged <= self.at_most if self.at_most is not None else None

    def as_json(self) -> dict[str, object]:
        return {
            "value": round(self.value, 3),
            "floor": round(self.floor, 3) if self.floor is not None else None,
            "ratio": round(self.judged, 3) if self.floors else None,
            "target": self.target,
            "target_means": "at most" if self.at_most is not None else "at least" if self.at_least else None,
            "is_met": self.is_met,
            "unit": self.unit,
            "values": [round(v, 3) for v in self.values],
            "floors": [round(v, 3) for v in self.floors],
            **{name: round(v, 3) for name, v in self.more.items()},
        }


def print_table(results: Sequence[Result]) -> None:
    print(f"\n{'':34}{'Kaiin':>12}{'spread':>17}{'floor':>12}{'ratio':>8}{'target':>9}")
    for r in results:
        spread = f"{_number(min(r.values))}–{_number(max(r.values))}"
        floor = _number(r.floor) if r.floor is not None else "–"
        ratio = f"{r.judged:.2f}" if r.floors else "–"
        sign = "≥" if r.at_least is not None else "≤"
        target = f"{sign} {r.target:g}" if r.target is not None else "–"
        verdict = {True: "met", False: "MISSED", None: ""}[r.is_met]
        print(f"{r.name:34}{_number(r.value):>12}{spread:>17}{floor:>12}{ratio:>8}{target:>9}  {verdict}")
        notes = [r.unit, f"floor: {r.floor_name}" if r.floor_name else ""]
        notes += [f"{name.replace('_', ' ')} {_number(value)}" for name, value in r.more.items()]
        print(f"    {', '.join(note for note in notes if note)}")


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"


def write_json(results: Sequence[Result]) -> None:
    LATEST.write_text(
        json.dumps({r.name: r.as_json() for r in results}, indent=2, ensure_ascii=False) + "\n",
        encoding="utf-8",
    )
