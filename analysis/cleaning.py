"""Which answers can be read for themes, in which language, and why others cannot."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from analysis import grammar, text, vectors

NOTHING, UNREADABLE, LANGUAGE = "says nothing", "unreadable", "language"
"""Reasons why an answer is not processed: there is nothing to read in it; its characters were lost
on the way to us; too few wrote in its language to find themes among them."""

ENGLISH = "en"
TELLING_WORDS = 4
"""Answers of fewer words are taken to be in the language of most."""

ENGLISH_SHARE = 0.25
"""Of an English text at least this share are words of `words/english.txt` …"""

SURE_SHARE = 0.4
"""… and with this share nothing else needs be looked at, …"""

KNOWN_SHARE = 0.7
"""… or, as in a headline, this share are English words of any kind."""

_LOST = re.compile("[\ufffd\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
_LATIN = re.compile(r"[a-zA-Z]")


def unprocessed(answer: str) -> str:
    """Why an answer cannot be read; empty where it can."""
    if _broken(answer):
        return UNREADABLE
    return NOTHING if text.says_nothing(answer) else ""


def _broken(answer: str) -> bool:
    """Whether a tenth of the characters are marks of a failed decoding or control codes."""
    return len(_LOST.findall(answer)) * 10 > len(answer)


def languages(answers: Sequence[str], most: str = "") -> list[str]:
    """Per answer the ISO 639-1 code of its language; brief ones have that of `most` others."""
    english = _surely_english(answers)
    told = [
        ENGLISH if sure else _language(answer)
        for sure, answer in zip(english, answers, strict=True)
    ]
    if most:
        return [code or most for code in told]
    sure = [code for code in told if code]
    most = max(sorted(set(sure)), key=sure.count) if sure else ENGLISH
    return [code or most for code in told]


def _surely_english(answers: Sequence[str]) -> list[bool]:
    """Those with so many English words that nobody need look twice; all at once."""
    found = vectors.bags(answers)
    if not found.words:
        return [False] * len(answers)
    known = np.isin(found.words, list(text.english()))
    total = np.diff(found.starts)
    before = np.concatenate([[0], np.cumsum(known[found.codes])])
    held = before[found.starts[1:]] - before[found.starts[:-1]]
    sure = (held >= SURE_SHARE * total) & (total >= 2 * TELLING_WORDS)
    return [bool(one) for one in sure]


def _language(answer: str) -> str:
    """The language of an answer; empty where it is too brief to tell."""
    found = text.words(answer[:2000])
    if not found:
        return ""
    if _LATIN.search(answer):
        if len(found) < TELLING_WORDS:
            return ""
        if sum(word in text.english() for word in found) >= ENGLISH_SHARE * len(found):
            return ENGLISH
        if sum(grammar.known(word) for word in found) >= KNOWN_SHARE * len(found):
            return ENGLISH
    code, _ = _identifier().classify(answer[:2000])
    return str(code)


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE)
