"""The order of answers that an export gives without one."""

import re
from collections.abc import Iterable

_SCALES = tuple(
    tuple(scale.split(", "))
    for scale in (
        "strongly agree, agree, tend to agree, slightly agree, somewhat agree, neutral, "
        "neither agree nor disagree, neither agree or disagree, neither, undecided, "
        "slightly disagree, somewhat disagree, tend to disagree, disagree, strongly disagree",
        "strongly support, support, tend to support, neutral, neither support nor oppose, "
        "tend to oppose, oppose, strongly oppose",
        "extremely satisfied, very satisfied, satisfied, fairly satisfied, somewhat satisfied, "
        "neutral, neither satisfied nor dissatisfied, neither, somewhat dissatisfied, "
        "fairly dissatisfied, dissatisfied, very dissatisfied, extremely dissatisfied",
        "very safe, safe, fairly safe, somewhat safe, neutral, neither safe nor unsafe, neither, "
        "a bit unsafe, somewhat unsafe, fairly unsafe, unsafe, very unsafe",
        "extremely important, very important, important, quite important, fairly important, "
        "somewhat important, moderately important, neutral, neither important nor unimportant, "
        "slightly important, not very important, not so important, unimportant, not important, "
        "not at all important",
        "extremely likely, very likely, likely, fairly likely, somewhat likely, neutral, "
        "neither likely nor unlikely, somewhat unlikely, fairly unlikely, unlikely, "
        "not very likely, very unlikely, not at all likely, extremely unlikely",
        "excellent, very good, good, fairly good, average, fair, neutral, neither good nor poor, "
        "neither good nor bad, fairly poor, poor, bad, very poor, very bad",
        "extremely confident, very confident, confident, fairly confident, somewhat confident, "
        "not very confident, not so confident, not confident, not at all confident",
        "extremely well, very well, well, fairly well, somewhat well, not very well, not so well, "
        "not at all well",
        "always, very often, often, usually, sometimes, occasionally, rarely, hardly ever, never",
        "every day, daily, most days, several times a week, weekly, at least once a week, "
        "once a week, fortnightly, monthly, once a month, a few times a year, yearly, "
        "once a year, less often, never",
        "a great deal, a lot, quite a lot, a fair amount, a moderate amount, some, not very much, "
        "a little, not much, none at all, none, not at all",
        "increase, stay the same, decrease",
        "yes definitely, yes, yes to some extent, to some extent, partly, partially, maybe, no",
    )
)
_LAST = re.compile(
    r"other\b.*|none of (these|the above)|don['’]?t know.*|do not know|not sure|unsure|no opinion.*"
    r"|not applicable|n/?a|prefer not to (say|answer)|rather not say|i['’]?d rather not say",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?:under|below|less than|up to|over|aged)?\s*[£$€]?(-?[\d,]+(?:\.\d+)?)")


def known(values: Iterable[str]) -> bool:
    """Whether all values are of one known scale."""
    return _place(_rest(values)[0]) is not None


def ordered(values: Iterable[str]) -> list[str]:
    """By a known scale, else by the numbers they begin with, else by the alphabet.

    “Other”, “don't know” and the like come last.
    """
    rest, last = _rest(values)
    scale = _place(rest)
    if scale is not None:
        return [*sorted(rest, key=lambda v: (scale.index(_plain(v)), v)), *last]
    numbers = {value: _NUMBER.match(value.lower()) for value in rest}
    if all(numbers.values()):
        figures = {v: float(m[1].replace(",", "") or 0) for v, m in numbers.items() if m}
        # “Under 18” comes before “18-24”, “over 65” after “65”.
        low = ("under", "below", "less", "up to")
        rest.sort(key=lambda v: (figures[v], -v.lower().startswith(low), v))
        return [*rest, *last]
    return [*sorted(rest, key=lambda v: (v.lower(), v)), *last]


def _rest(values: Iterable[str]) -> tuple[list[str], list[str]]:
    each = list(values)
    last = [v for v in each if _LAST.fullmatch(v)]
    rank = [r"other", r"none", r"don|do not|not sure|unsure|no op", r"n", r""]
    last.sort(key=lambda v: (next(k for k, r in enumerate(rank) if re.match(r, v.lower())), v))
    return [v for v in each if not _LAST.fullmatch(v)], last


def _plain(value: str) -> str:
    return " ".join(re.sub(r"[^\w/ ]", " ", value.lower()).split())


def _place(values: list[str]) -> tuple[str, ...] | None:
    plain = {_plain(value) for value in values}
    return next((scale for scale in _SCALES if plain and plain <= set(scale)), None)
