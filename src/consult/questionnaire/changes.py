"""What may have changed the meaning of an answer between two versions of a survey.

Staff decide, question by question, whether answers given before still mean the same. Whatever
cannot touch that (the order of pages, who is asked, what is required, nets) is not asked about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from consult.questionnaire.answers import Grid, Labels, Optioned, Question
from consult.questionnaire.languages import name as language_name
from consult.questionnaire.survey import Place, Survey

#: Keys whose change can change what an answer is.
KEYS = {
    "minimum": "the least that can be answered",
    "maximum": "the most that can be answered",
    "decimals": "decimals",
    "step": "the step",
    "total": "the points to share",
    "top": "how many places there are",
    "apart": "what stands outside the scale",
    "pattern": "the form that is asked for",
    "design": "the sets",
}
TEXTS = {"ask": "The question", "hint": "The hint", "body": "The text above"}


@dataclass(frozen=True)
class Change:
    """A written question that reads otherwise than before: what changed, a sentence each.

    ``asked`` are the questions of the dataset that it stands for; ``forced`` says that the old
    and the new answers cannot be counted together, whatever anybody decides.
    """

    question: str
    name: str
    sentences: tuple[str, ...]
    asked: tuple[str, ...]
    forced: bool = False


def changes(before: Survey, after: Survey) -> list[Change]:
    """The questions of both versions whose wording or answers changed, in the new order."""
    old, new = _written(before), _written(after)
    found = []
    for qid, places in new.items():
        if qid not in old:
            continue
        one, other = old[qid][0].written, places[0].written
        sentences = [*_question(before, after, one, other), *_wording(before, after, one, other)]
        if sentences:
            asked = [made.id for place in places for made in _all(place.question)]
            name = _labels(after, other).short or _labels(after, other).ask or qid
            forced = type(one) is not type(other)
            found.append(Change(qid, name, tuple(sentences), tuple(asked), forced))
    return found


def _all(question: Question) -> tuple[Question, ...]:
    return (question, *question.companions())


def _written(survey: Survey) -> dict[str, list[Place]]:
    """The places of each written question that takes answers."""
    found: dict[str, list[Place]] = {}
    for place in survey.places:
        if place.question.takes_answer:
            found.setdefault(place.written.id, []).append(place)
    return found


def _labels(survey: Survey, question: Question, language: str | None = None) -> Labels:
    return survey.own_labels(question.id, language or survey.languages[0]) or Labels()


def _question(before: Survey, after: Survey, one: Question, other: Question) -> Iterator[str]:
    """What changed of the answers there are to give."""
    if type(one) is not type(other):
        kinds = [question.type.replace("_", " ") for question in (one, other)]
        yield f"The kind of answer: {' became '.join(kinds)}"
        return
    for group in ("options", "rows"):
        yield from _codes(group, _named(before, one, group), _named(after, other, group))
    for key, called in KEYS.items():
        was, now = getattr(one, key, None), getattr(other, key, None)
        if was != now:
            shown = "" if key == "design" else f": {_shown(was)} became {_shown(now)}"
            yield f"{called[:1].upper()}{called[1:]}{shown}"


def _shown(value: object) -> str:
    if value is None or value == ():
        return "not set"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else f"{value}"


def _named(survey: Survey, question: Question, group: str) -> dict[str, str]:
    """Codes of a question's options or rows, and what they are called."""
    listed: tuple[object, ...] = ()
    if group == "options" and isinstance(question, Optioned | Grid):
        listed = question.options
    elif group == "rows" and isinstance(question, Grid):
        listed = question.rows
    said: Mapping[str, str] = getattr(_labels(survey, question), group)
    codes = [str(getattr(option, "code", "")) for option in listed]
    return {code: said.get(code, code) for code in codes}


def _codes(group: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    what = "Option" if group == "options" else "Row"
    yield from (f"{what} ‘{text}’ added" for code, text in new.items() if code not in old)
    yield from (f"{what} ‘{text}’ removed" for code, text in old.items() if code not in new)
    if [code for code in old if code in new] != [code for code in new if code in old]:
        yield f"{what}s in another order"


def _wording(before: Survey, after: Survey, one: Question, other: Question) -> Iterator[str]:
    """What changed of the words, in each language that both versions have."""
    common = [language for language in after.languages if language in before.languages]
    for language in common:
        old, new = _labels(before, one, language), _labels(after, other, language)
        where = f" ({language_name(language)})" if len(after.languages) > 1 else ""
        for key, called in TEXTS.items():
            was, now = getattr(old, key), getattr(new, key)
            if was != now:
                yield f"{called}{where}: {_quoted(was)} became {_quoted(now)}"
        for group in ("options", "rows", "words"):
            said, says = getattr(old, group), getattr(new, group)
            for code, text in says.items():
                if code in said and said[code] != text:
                    yield f"{_quoted(said[code])} became {_quoted(text)}{where}"


def _quoted(text: str) -> str:
    shown = " ".join(text.split())
    return f"‘{shown[:197]}…’" if len(shown) > 200 else f"‘{shown}’" if shown else "nothing"


def apart(found: list[Change], decided: Mapping[str, str]) -> tuple[set[str], list[Change]]:
    """The dataset's questions whose answers are kept apart, and the changes nobody decided on.

    ``decided`` holds, by written question, ``same`` or ``apart``.
    """
    kept: set[str] = set()
    open_: list[Change] = []
    for change in found:
        decision = "apart" if change.forced else decided.get(change.question, "")
        if decision == "apart":
            kept |= set(change.asked)
        elif decision != "same":
            open_.append(change)
    return kept, open_
