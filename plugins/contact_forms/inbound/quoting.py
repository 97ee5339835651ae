"""Splits an answer into what was written now and the history that mail programs quote below it."""

import re

_DAY = r"\d{4}[年/.\-]\s?\d{1,2}[月/.\-]\s?\d{1,2}日?"
_BEGINS = re.compile(
    "|".join(
        (
            r"^On (?=.*[\d@]).{5,200}\bwrote:$",
            r"^Le .{5,200} a écrit\s?:$",
            rf"^(?:于|在)?\s?{_DAY}.{{0,200}}(?:[:：]|のメール[:：]?|写道[:：])$",
            r"^-{2,}\s?(?:Original Message|Original Mail|Reply Message|元のメッセージ|転送メッセージ"
            r"|Forwarded message|オリジナルメッセージ|返信元メッセージ)\s?-{2,}$",
            r"^.{0,100}(?:さん|様)は書きました[:：]$",
            r"^Begin forwarded message:$",
        )
    )
)
_WRAPPED = re.compile(rf"^(?:On .{{5,200}}|{_DAY}.{{0,200}})$")
_HEAD = re.compile(r"^\*?(?:From|差出人|送信者|送信元)\*?\s?[:：]\*?\s?\S")
_NEXT_HEAD = re.compile(
    r"^\*?(?:Sent|Date|To|Cc|Subject|送信日時|日時|日付|宛先|件名|送信済み)\*?\s?[:：]", re.IGNORECASE
)
_RULE = re.compile(r"^[_\-=]{5,}$")
MAX_LINES = 20_000


def split_quote(text: str) -> tuple[str, str]:
    """Return the new text and the quoted history; without a new text, all of it is new."""
    lines = text.strip().split("\n")[:MAX_LINES]
    at = _begin_of_history(lines)
    if at is None:
        at = _begin_of_trailing_quote(lines)
    new, old = lines[:at], lines[at:]
    if not "\n".join(new).strip() or _is_one_quote_on_top(new):
        new, old = _below_the_quote(lines)
    return "\n".join(new).strip(), "\n".join(old).strip()


def _begin_of_history(lines: list[str]) -> int | None:
    for at, line in enumerate(lines):
        line = line.strip()
        if _BEGINS.match(line):
            return at
        # "On …" or a Japanese date may fill two lines.
        following = lines[at + 1].strip() if at + 1 < len(lines) else ""
        if _WRAPPED.match(line) and following and _BEGINS.match(f"{line} {following}"):
            return at
        if _HEAD.match(line) and any(_NEXT_HEAD.match(one.strip()) for one in lines[at + 1 : at + 4]):
            before = at - 1
            while before >= 0 and not lines[before].strip():
                before -= 1
            return before if before >= 0 and _RULE.match(lines[before].strip()) else at
    return None


def _begin_of_trailing_quote(lines: list[str]) -> int:
    at = len(lines)
    while at and (not lines[at - 1].strip() or _is_quoted(lines[at - 1])):
        at -= 1
    return at


def _is_one_quote_on_top(lines: list[str]) -> bool:
    """Tell whether all that is quoted stands together at the top; between answers it explains them."""
    quoted = [at for at, line in enumerate(lines) if _is_quoted(line)]
    above = lines[: quoted[-1] + 1] if quoted else []
    return bool(above) and all(_is_quoted(line) or not line.strip() for line in above)


def _below_the_quote(lines: list[str]) -> tuple[list[str], list[str]]:
    """Split an answer that was written below what it answers."""
    last = max((at for at, line in enumerate(lines) if _is_quoted(line)), default=None)
    if last is None or not "\n".join(lines[last + 1 :]).strip():
        return lines, []
    return lines[last + 1 :], lines[: last + 1]


def _is_quoted(line: str) -> bool:
    return line.lstrip().startswith((">", "＞", "|"))
