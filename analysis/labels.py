"""Names and quotations for themes, from the words people wrote themselves."""

import math
from collections import Counter
from collections.abc import Sequence

from analysis import text
from analysis.text import Familiar

LONGEST_PHRASE = 4
READ = 400
"""Words of a comment that are read for phrases; its first ones."""

SHORTEST_QUOTE = 40


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
                if last not in stop and not last.isdigit() and len(last) > 1:
                    found.add(" ".join(here[start : start + length]))
        read += len(here)
        if read > READ:
            break
    return found


def _ranked(
    inside: Counter[str], overall: Counter[str], members: int, comments: int, keywords: list[str]
) -> list[str]:
    """Phrases of a group, the most typical first: often in it, seldom outside, with its words."""
    weight = {word: 1 / (1 + k / 3) for k, word in reversed(list(enumerate(keywords)))}
    least = 2 if members < 60 else 3
    scored = []
    for phrase, n in inside.items():
        if n < least:
            continue
        parts = phrase.split()
        outside = (overall[phrase] - n + 0.5) / (comments - members + 1)
        typical = math.log2(1 + (n / members) / outside)
        about = max([weight.get(phrase, 0.0), *(weight.get(p, 0.0) for p in parts)])
        if not about:
            continue
        scored.append((-(n**0.6) * typical * about * (1 + 0.5 * (len(parts) in (2, 3))), phrase))
    return [phrase for _, phrase in sorted(scored)]


def _label(ranked: list[str], keywords: list[str], familiar: Familiar, taken: list[str]) -> str:
    pool = [*ranked[:40], *keywords] or [""]
    first = pool[0]
    parts = [first]
    if " " not in first:
        second = next((p for p in pool[1:] if not _overlap(p, first) and p.count(" ") < 3), "")
        fuller = next((p for p in ranked if first in p.split() and 1 <= p.count(" ") <= 2), "")
        parts = [fuller] if fuller else [first, second]
    label = _sentence_case(" and ".join(p for p in parts if p), familiar)
    for extra in pool[1:]:
        if label not in taken and " " in label:
            return label
        if not any(_overlap(extra, part) for part in parts):
            label = _sentence_case(" and ".join([*parts[:1], extra]), familiar)
    label = label or "Comments alike"
    number = 2
    while label in taken:
        label, number = f"{label.removesuffix(f' ({number - 1})')} ({number})", number + 1
    return label


def _overlap(one: str, other: str) -> bool:
    """Whether two phrases share a word, or the beginning of one."""
    return any(a[:5] == b[:5] for a in one.split() for b in other.split())


def _sentence_case(phrase: str, familiar: Familiar) -> str:
    shown = " ".join(familiar.surface(word) for word in phrase.split())
    return shown[:1].upper() + shown[1:]


def examples(comments: Sequence[str], familiar: Familiar, most: int) -> tuple[str, ...]:
    """Up to `most` quotations that differ, from comments in falling order of typicality.

    A comment is quoted whole where it is short, else one or two whole sentences of it.
    """
    chosen: list[str] = []
    seen: list[set[str]] = []
    for comment in comments:
        passage = _passage(comment, familiar)
        if passage is None:
            continue
        here = {w for w in text.words(passage) if w not in text.stop_words()}
        if any(len(here & old) > 0.35 * min(len(here), len(old)) for old in seen):
            continue
        chosen.append(passage)
        seen.append(here)
        if len(chosen) == most:
            break
    return tuple(chosen)


def _passage(comment: str, familiar: Familiar) -> str | None:
    whole = " ".join(comment.split())
    if SHORTEST_QUOTE <= len(whole) <= text.QUOTE_LENGTH:
        return whole if text.quotable(whole, familiar) else None
    parts = text.sentences(comment[:5000])
    for start in range(len(parts)):
        for stop in (start + 2, start + 1):
            passage = " ".join(" ".join(parts[start:stop]).split())
            finished = passage[-1:] in ".!?…"
            if finished and len(passage) >= SHORTEST_QUOTE and text.quotable(passage, familiar):
                return passage
    return None
