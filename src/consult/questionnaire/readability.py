"""How long a text takes to read, and from what age.

The reading age is the Flesch–Kincaid grade (Kincaid et al. 1975) plus five: a pupil of the first
American grade is six. It is a measure of English alone.
"""

from __future__ import annotations

import re

#: Words a minute: the mean of 190 studies of silent reading (Brysbaert 2019).
PACE = 238
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_SENTENCE = re.compile(r"[.!?:;]+(?:\s|$)|\n+")
_GROUP = re.compile(r"[aeiouy]+")
#: A last e that is not spoken (rate, rates, rated), and endings in which it is (wanted, houses).
_SILENT = re.compile(r"[^aeiouy]e[sd]?$")
_SPOKEN = re.compile(r"([td]ed|[sxzcg]es|[cs]hes|[^aeiouyl]le[sd]?)$")
#: Fewer words than this make no sentence whose age could be told.
FEWEST = 20


def words(text: str) -> list[str]:
    """The words of a text."""
    return _WORD.findall(text)


def reading_seconds(text: str) -> float:
    """How long ``text`` takes to read."""
    return len(text.split()) * 60 / PACE


def syllables(word: str) -> int:
    """How many syllables an English word has, by its groups of vowels."""
    plain = re.sub(r"[^a-z]", "", word.lower())
    count = len(_GROUP.findall(plain))
    if count > 1 and _SILENT.search(plain) and not _SPOKEN.search(plain):
        count -= 1
    # "science", "area", "video": two vowels that are two syllables.
    count += len(re.findall(r"ia[^nl]|io[^nu]|eo[^unp]|iu|ua[^r]|ea$|ien", plain)) if count else 0
    return max(count, 1)


def reading_age(text: str) -> float | None:
    """The age from which ``text`` (English) reads easily; None where it is too short to tell."""
    found = words(text)
    if len(found) < FEWEST:
        return None
    sentences = max(sum(1 for part in _SENTENCE.split(text) if words(part)), 1)
    each = sum(map(syllables, found)) / len(found)
    grade = 0.39 * len(found) / sentences + 11.8 * each - 15.59
    return max(grade + 5, 5.0)
