"""Learns from staff what spam and sales pitches look like: a small naive Bayes classifier.

A text is taken apart into tokens: pairs of neighbouring signs where it is Japanese, whole words
where it is Latin. For each token a table counts in how many messages of each kind (real, spam,
pitch) it stood. The chance that a text is of a kind is the product of its tokens' shares in that
kind, all kinds being equally likely before; only the most telling tokens count, so that a long
text is no surer than a short one. A kind with fewer than `ENOUGH` messages is never guessed.
Numbers and addresses are no tokens, so nobody can be found in the table.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from core.api import db, fold

from ..models import Submission
from ..models_pipeline import LearnedToken
from .texts import own_words

KINDS = ("real", "spam", "pitch")
ENOUGH = 5
MOST_TELLING = 30
REASONS = 5
MAX_TOKENS = 600
_TOTALS = ""
_BATCH = 200
_ADDRESS = re.compile(r"\S*[@\d]\S*")
_RUN = re.compile(r"[a-z]{2,30}|[぀-ヿ㐀-鿿々]+")

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Reason:
    """A token that spoke for the kind: in how many messages of it it stood, and in how many real ones."""

    token: str
    held: int
    real: int


@dataclass(frozen=True, slots=True)
class Score:
    """The likeliest kind of a text, how likely it is, and the strongest reasons."""

    kind: str
    certainty: float
    reasons: tuple[Reason, ...]
    messages: int
    real_messages: int

    def as_detail(self) -> dict[str, Any]:
        """Return what is kept with a message that is held back."""
        return {
            "certainty": round(self.certainty * 100, 1),
            "messages": self.messages,
            "real_messages": self.real_messages,
            "reasons": [[reason.token, reason.held, reason.real] for reason in self.reasons],
        }


def tokens_of(text: str) -> Sequence[str]:
    """Return the text's tokens, each once, in a stable order."""
    found: dict[str, None] = {}
    for run in _RUN.findall(_ADDRESS.sub(" ", fold(text))):
        pieces = [run] if run.isascii() else [run[n : n + 2] for n in range(len(run) - 1)]
        found.update(dict.fromkeys(pieces))
    return list(found)[:MAX_TOKENS]


def is_sure(score: Score, percent: int) -> bool:
    """Tell whether a guess is to be acted upon."""
    return score.kind != "real" and percent < 100 and score.certainty * 100 >= percent


def score_text(text: str) -> Score | None:
    """Return what the text looks like, None while too little was learned or the text is too short."""
    tokens = tokens_of(text)
    known = _counts([_TOTALS, *tokens]) if tokens else {}
    totals = known.pop(_TOTALS, None)
    if totals is None or totals["real"] < ENOUGH:
        return None
    kinds = [kind for kind in KINDS if totals[kind] >= ENOUGH]
    if len(kinds) < 2 or not known:
        return None
    shares = {token: {k: _share(counts[k], totals[k]) for k in kinds} for token, counts in known.items()}
    chances = _chances(kinds, shares)
    best = max(kinds, key=lambda kind: chances[kind])
    return Score(best, chances[best], _reasons(best, known, shares), totals[best], totals["real"])


def _share(count: int, total: int) -> float:
    return (count + 0.5) / (total + 1)


def _chances(kinds: Sequence[str], shares: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    logs = [{kind: math.log(of[kind]) for kind in kinds} for of in shares.values()]
    logs.sort(key=lambda of: max(of.values()) - min(of.values()), reverse=True)
    sums = {kind: sum(of[kind] for of in logs[:MOST_TELLING]) for kind in kinds}
    highest = max(sums.values())
    weights = {kind: math.exp(value - highest) for kind, value in sums.items()}
    whole = sum(weights.values())
    return {kind: weight / whole for kind, weight in weights.items()}


def _reasons(
    kind: str, known: Mapping[str, Counts], shares: Mapping[str, Mapping[str, float]]
) -> tuple[Reason, ...]:
    strongest = sorted(shares, key=lambda token: shares[token][kind] / shares[token]["real"], reverse=True)
    return tuple(Reason(t, known[t][kind], known[t]["real"]) for t in strongest[:REASONS])


def _counts(tokens: Sequence[str]) -> dict[str, Counts]:
    found: dict[str, Counts] = {}
    for start in range(0, len(tokens), _BATCH):
        rows = db.session.execute(
            select(LearnedToken.token, LearnedToken.real, LearnedToken.spam, LearnedToken.pitch).where(
                LearnedToken.token.in_(tokens[start : start + _BATCH])
            )
        )
        found.update((row.token, {"real": row.real, "spam": row.spam, "pitch": row.pitch}) for row in rows)
    return found


def learn(submission: Submission, kind: str) -> None:
    """Remember what staff called a message; what it taught before is taken back first."""
    if submission.learned == kind or submission.erased_at is not None:
        return
    # In one order everywhere, so that two who teach at once do not wait for each other in a circle.
    tokens = sorted([_TOTALS, *tokens_of(own_words(submission.answers))])
    if submission.learned:
        _add(tokens, submission.learned, -1)
    _add(tokens, kind, 1)
    submission.learned = kind
    db.session.flush()


def _add(tokens: Sequence[str], kind: str, step: int) -> None:
    on_postgresql = db.engine.dialect.name == "postgresql"
    insert = (postgresql if on_postgresql else sqlite).insert(LearnedToken)
    column = getattr(LearnedToken, kind)
    zeros = dict.fromkeys(KINDS, 0)

    for start in range(0, len(tokens), _BATCH):
        batch = tokens[start : start + _BATCH]
        rows = [{"token": token, **zeros, kind: max(step, 0)} for token in batch]
        statement = insert.values(rows).on_conflict_do_update(
            index_elements=["token"], set_={kind: column + step}
        )
        db.session.execute(statement.execution_options(synchronize_session=False))


def count_learned() -> Counts:
    """Return how many messages of each kind were learned from."""
    return _counts([_TOTALS]).get(_TOTALS, dict.fromkeys(KINDS, 0))
