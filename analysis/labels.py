"""Quotations for themes, from what people wrote themselves."""

from collections.abc import Mapping, Sequence

from analysis import text
from analysis.text import Familiar

SHORTEST_QUOTE = 40
WHOLE = 200


def examples(
    comments: Sequence[str], familiar: Familiar, keywords: Sequence[str], most: int
) -> tuple[str, ...]:
    """Up to `most` quotations that differ, from comments in falling order of typicality.

    A comment is quoted whole where it is short, else one or two whole sentences of it; either
    way the quotation holds a keyword of the theme.
    """
    telling = {
        text.stem(w): 1 / (1 + k)
        for k, key in reversed([*enumerate(keywords)])
        for w in key.split()
    }
    chosen: list[str] = []
    seen: list[set[str]] = []
    for comment in comments:
        passage = _passage(comment, familiar, telling)
        if passage is None:
            continue
        here = {text.stem(w) for w in text.words(passage) if w not in text.stop_words()}
        if any(len(here & old) > 0.35 * min(len(here), len(old)) for old in seen):
            continue
        chosen.append(passage)
        seen.append(here)
        if len(chosen) == most:
            break
    return tuple(chosen)


def _passage(comment: str, familiar: Familiar, telling: Mapping[str, float]) -> str | None:
    """The whole comment where it is short, else the sentence or two that say most of the theme."""
    whole = " ".join(comment.split())
    if SHORTEST_QUOTE <= len(whole) <= WHOLE:
        candidates = [whole]
    else:
        parts = text.sentences(comment[:5000])
        joined = (
            " ".join(" ".join(parts[k : k + n]).split()) for k in range(len(parts)) for n in (1, 2)
        )
        candidates = [c for c in joined if len(c) >= SHORTEST_QUOTE and c[-1:] in ".!?…"]
    said = [(-_tells(c, telling), len(c), c) for c in candidates]
    for worth, _, candidate in sorted(said):
        if worth < 0 and text.quotable(candidate, familiar):
            return candidate
    return None


def _tells(passage: str, telling: Mapping[str, float]) -> float:
    return sum(telling.get(stem, 0.0) for stem in {text.stem(w) for w in text.words(passage)})
