"""Names and quotations for themes, from the words people wrote themselves."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from analysis import text
from analysis.text import Familiar

LONGEST_PHRASE = 4
LONGEST_LABEL = 4
"""Words of the two phrases of a label, without the “and” between them."""

BETWEEN = frozenset(["and", "of", "for", "to", "on", "in", "the", "with", "at", "from", "by"])
"""Little words that a phrase may hold between two that carry meaning."""

READ = 400
"""Words of a comment that are read for phrases; its first ones."""

SHORTEST_QUOTE = 40
WHOLE = 200


def name(comments: Sequence[str], groups: list[list[int]], keywords: list[list[str]]) -> list[str]:
    """A distinct label of two to five words for each group of comments, in sentence case.

    The most typical phrase that several members wrote, joined with a second one where the first
    is a single word.
    """
    familiar = Familiar(comments)
    phrases = [_phrases(comment) for comment in comments]
    overall: Counter[str] = Counter()
    for found in phrases:
        overall.update(found)
    labels: list[str] = []
    for members, words in zip(groups, keywords, strict=True):
        inside: Counter[str] = Counter()
        for i in members:
            inside.update(phrases[i])
        ranked = _ranked(inside, overall, len(members), len(comments), words)
        labels.append(_label(ranked, words, familiar, labels))
    return labels


def _phrases(comment: str) -> set[str]:
    """Runs of up to four words that begin and end with a meaningful one, within a clause."""
    stop = text.stop_words()
    found: set[str] = set()
    read = 0
    for clause in text.clauses(comment):
        here = text.words(clause)
        for start, first in enumerate(here):
            if first in stop or first.isdigit() or len(first) < 2:
                continue
            for length in range(1, min(LONGEST_PHRASE, len(here) - start) + 1):
                last = here[start + length - 1]
                if length > 1 and last in stop and last not in BETWEEN:
                    break
                if last not in stop and not last.isdigit() and len(last) > 1:
                    found.add(" ".join(here[start : start + length]))
        read += len(here)
        if read > READ:
            break
    return found


def _ranked(
    inside: Counter[str], overall: Counter[str], members: int, comments: int, keywords: list[str]
) -> list[tuple[float, str]]:
    """Phrases of a group with their scores, the most typical first.

    Often in it, seldom outside, and made of its own words and little words between them.
    """
    weight: dict[str, float] = {}
    for k, keyword in enumerate(keywords):
        for word in keyword.split():
            weight.setdefault(text.stem(word), 1 / (1 + k / 3))
    least = 2 if members < 60 else 3
    scored = []
    for phrase, n in inside.items():
        about = _about(phrase, weight)
        if n < least or about == 0:
            continue
        outside = (overall[phrase] - n + 0.5) / (comments - members + 1)
        typical = math.log2(1 + (n / members) / outside)
        scored.append(((n**0.6) * typical * about * _shape(phrase), phrase))
    ranked = sorted(scored, key=lambda pair: (-pair[0], pair[1]))
    return [pair for pair in ranked if not _fragment(pair[1], inside)]


def _about(phrase: str, weight: dict[str, float]) -> float:
    """How much of a phrase is the theme's own words; 0 where “and” joins any other."""
    parts = [weight.get(text.stem(w), 0.0) for w in phrase.split() if w not in BETWEEN]
    if " and " in phrase and not all(parts):
        return 0.0
    return (max(parts) + sum(parts) / len(parts)) / 2


def _shape(phrase: str) -> float:
    """Names of things read better than what was done to them: “foot patrols”, not “patrolled”."""
    parts = phrase.split()
    fit = {1: 0.45, 2: 1.0, 3: 0.9}.get(len(parts), 0.6)
    if parts[-1].endswith(("ed", "ly")) or (len(parts) > 1 and parts[0].endswith("ly")):
        fit *= 0.35
    if len(parts) > 1 and parts[0].endswith(("ing", "ed")):
        fit *= 0.7
    return fit


def _fragment(phrase: str, inside: Counter[str]) -> bool:
    """Whether a phrase is hardly ever written but as part of one that is a word longer."""
    n, size = inside[phrase], len(phrase.split())
    if size >= 3:
        return False
    return any(
        m > 0.75 * n and len(longer.split()) == size + 1 and f" {phrase} " in f" {longer} "
        for longer, m in inside.items()
    )


def _label(
    ranked: list[tuple[float, str]], keywords: list[str], familiar: Familiar, taken: list[str]
) -> str:
    used = {text.stem(w) for label in taken for w in text.words(label)}
    # Words of earlier labels come last, so that no two themes sound alike.
    pool = sorted(
        [*ranked[:60], *((0.0, k) for k in keywords)],
        key=lambda pair: (_fresh(pair[1], used) < 0.5, -pair[0]),
    )
    first = pool[0] if pool else (0.0, "comments alike")
    if " " not in first[1]:
        fuller = (p for p in pool if p[0] and " " in p[1] and _overlap(p[1], first[1]))
        first = next(fuller, first)
    parts = [first[1]]
    second = next((p for p in pool if _joins(p[1], first[1])), None)
    if second is not None and (
        " " not in first[1] or (" " in second[1] and second[0] >= 0.6 * first[0] > 0)
    ):
        parts.append(second[1])
    label = _sentence_case(" and ".join(parts), familiar)
    number = 2
    while label in taken:
        label, number = f"{label.removesuffix(f' ({number - 1})')} ({number})", number + 1
    return label


def _joins(second: str, first: str) -> bool:
    """Whether two phrases make one label: neither says the other again, and it stays short."""
    short = len(second.split()) + len(first.split()) <= LONGEST_LABEL
    return short and not _overlap(second, first) and " and " not in f"{second} {first}"


def _fresh(phrase: str, used: set[str]) -> float:
    """The share of a phrase's words that no earlier label has."""
    found = [text.stem(w) for w in phrase.split() if w not in BETWEEN]
    return sum(w not in used for w in found) / max(len(found), 1)


def _overlap(one: str, other: str) -> bool:
    """Whether two phrases share a word, or the beginning of one."""
    stems = {text.stem(w)[:5] for w in one.split()}
    return any(text.stem(w)[:5] in stems for w in other.split() if w not in BETWEEN)


def _sentence_case(phrase: str, familiar: Familiar) -> str:
    shown = " ".join(familiar.surface(word) for word in phrase.split())
    return shown[:1].upper() + shown[1:]


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
