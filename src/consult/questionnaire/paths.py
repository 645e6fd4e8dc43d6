"""Every way through a questionnaire: what is never asked, how long it takes, how hard it reads.

A survey is walked page by page. Of the answers so far only those that a later condition looks at
are kept, and each such question is answered in every way that its conditions can tell apart; two
ways that agree in them are one from there on. So the walk is whole without listing every path,
whose number doubles with each question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations, product
from typing import Any

from consult.questionnaire.answers import (
    BestWorstSet,
    Choices,
    Date,
    Numeric,
    OneOf,
    Points,
    Question,
    Ranking,
    Value,
)
from consult.questionnaire.conditions import holds, literals, names
from consult.questionnaire.model import Page
from consult.questionnaire.readability import reading_age, reading_seconds
from consult.questionnaire.survey import Survey

#: Ways kept at once, and answers tried of one question; past them the report says so.
MOST_WAYS, MOST_ANSWERS = 4_000, 64
#: A list of options from here on is long.
MANY = 12


@dataclass(frozen=True)
class Way:
    """One way through: answers that chose it, pages it asks, and how long they take."""

    answers: Mapping[str, Value | None]
    pages: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class Paths:
    """What a walk found. ``unreachable`` are ids of questions that nobody can be asked."""

    shortest: Way
    longest: Way
    quickest: float
    slowest: float
    unreachable: tuple[str, ...]
    whole: bool


@dataclass(frozen=True)
class _State:
    """Ways that agree in every answer which still matters."""

    kept: Mapping[str, Value | None]
    shortest: Way
    longest: Way
    quickest: float
    slowest: float


def paths(survey: Survey) -> Paths:
    """Walk a survey that passed ``check``, in the order as written."""
    conditions = _conditions(survey)
    last = _last_use(survey, conditions)
    tried = {qid: answers_told_apart(survey.questions[qid], conditions) for qid in last}
    whole = all(len(values) <= MOST_ANSWERS for values in tried.values())
    begin = Way({}, (), 0.0)
    states = [_State({}, begin, begin, 0.0, 0.0)]
    reached: set[str] = set()
    for number, page in enumerate(survey.pages):
        after: dict[tuple[Any, ...], _State] = {}
        for state in states:
            for following in _through(survey, page, state, tried, reached):
                kept = {q: v for q, v in following.kept.items() if last[q] > number}
                key = tuple(sorted((q, repr(v)) for q, v in kept.items()))
                following = replace(following, kept=kept)
                after[key] = _merged(after[key], following) if key in after else following
        whole = whole and len(after) <= MOST_WAYS
        states = list(after.values())[:MOST_WAYS]
    end = states[0]
    for state in states[1:]:
        end = _merged(end, state)
    asked = {place.question.id for place in survey.places}
    unreachable = tuple(q for q in _in_order(survey) if q in asked and q not in reached)
    return Paths(end.shortest, end.longest, end.quickest, end.slowest, unreachable, whole)


def walks(survey: Survey, most: int = 200) -> list[Way]:
    """The different ways through, as lists of pages, each with answers that lead along it.

    At most ``most`` of them, from the shortest.
    """
    conditions = _conditions(survey)
    last = _last_use(survey, conditions)
    tried = {qid: answers_told_apart(survey.questions[qid], conditions) for qid in last}
    states = [_State({}, Way({}, (), 0.0), Way({}, (), 0.0), 0.0, 0.0)]
    for number, page in enumerate(survey.pages):
        after: dict[tuple[Any, ...], _State] = {}
        for state in states:
            for following in _through(survey, page, state, tried, set()):
                kept = {q: v for q, v in following.kept.items() if last[q] > number}
                matters = tuple(sorted((q, repr(v)) for q, v in kept.items()))
                key = (following.shortest.pages, matters)
                after.setdefault(key, replace(following, kept=kept))
        states = list(after.values())[:MOST_WAYS]
    ways = {state.shortest.pages: state.shortest for state in reversed(states)}
    return sorted(ways.values(), key=lambda way: len(way.pages))[:most]


def _in_order(survey: Survey) -> Iterator[str]:
    for place in survey.places:
        yield place.question.id


def _conditions(survey: Survey) -> list[str]:
    found = [page.when for page in survey.pages]
    found += [place.question.when for place in survey.places]
    return list(dict.fromkeys(condition for condition in found if condition))


def _last_use(survey: Survey, conditions: Sequence[str]) -> dict[str, int]:
    """The last page whose conditions look at each question that any looks at."""
    last: dict[str, int] = {}
    for number, page in enumerate(survey.pages):
        for condition in (page.when, *(question.when for question in page.questions)):
            last |= dict.fromkeys(names(condition or ""), number)
    return last


def _through(
    survey: Survey,
    page: Page,
    state: _State,
    tried: Mapping[str, Sequence[Value | None]],
    reached: set[str],
) -> Iterator[_State]:
    """The states after a page, one for each way its answers can be told apart."""
    live = {qid: value for qid, value in state.kept.items() if value is not None}

    def met(condition: str | None) -> bool:
        return condition is None or holds(condition, survey.questions, live)

    asked = [q for q in page.questions if met(page.when) and met(q.when)]
    if not asked:
        yield state
        return
    reached |= {question.id for question in asked}
    seconds = sum(_seconds(survey, question) for question in asked)
    told = [
        made
        for question in asked
        for made in (question, *question.companions())
        if made.id in tried
    ]
    values = [tried[question.id][:MOST_ANSWERS] for question in told]
    for chosen in product(*values):
        given = dict(zip((question.id for question in told), chosen, strict=True))
        yield _State(
            {**state.kept, **given},
            _longer(state.shortest, page, given, seconds),
            _longer(state.longest, page, given, seconds),
            state.quickest + seconds,
            state.slowest + seconds,
        )


def _longer(way: Way, page: Page, given: Mapping[str, Value | None], seconds: float) -> Way:
    return Way({**way.answers, **given}, (*way.pages, page.id), way.seconds + seconds)


def _merged(one: _State, other: _State) -> _State:
    return replace(
        one,
        shortest=min(one.shortest, other.shortest, key=lambda way: len(way.pages)),
        longest=max(one.longest, other.longest, key=lambda way: len(way.pages)),
        quickest=min(one.quickest, other.quickest),
        slowest=max(one.slowest, other.slowest),
    )


def _seconds(survey: Survey, question: Question) -> float:
    labels = survey.labels(question.id, survey.languages[0])
    words = [labels.stem, labels.ask, labels.hint, labels.body, *labels.options.values()]
    return question.seconds + reading_seconds(" ".join(words))


def reading_ages(survey: Survey) -> dict[str, float | None]:
    """The age from which each language's wording reads easily; None where there is no measure."""
    return {
        language: reading_age(wording_of(survey, language)) if language == "en" else None
        for language in survey.languages
    }


def wording_of(survey: Survey, language: str) -> str:
    """All that a respondent reads, each question on lines of its own."""
    words = survey.words[language]
    lines = [words.title, words.summary, words.contact, words.thanks, *words.pages.values()]
    if survey.definition.sensitive:
        lines += [words.staying_safe]
        lines += [text for each in words.support.values() for text in (each.name, each.about)]
    if "prize_draw" in survey.definition.offers:
        lines += [words.draw]
    for place in survey.places:
        labels = survey.labels(place.question.id, language)
        lines += [labels.ask, labels.hint, labels.body]
    return "\n".join(line for line in lines if line)


# -- before the first page and after the last ----------------------------------------------------

OFFERED = {"updates": "to tell people what was decided", "prize_draw": "for a prize draw"}


def around(survey: Survey, neutral: str) -> list[tuple[str, str]]:
    """What meets everyone apart from the questions, as (when, what).

    ``neutral`` is where a sensitive survey is left to that names no place of its own.
    """
    definition = survey.definition
    said: list[tuple[str, str]] = []
    if definition.sensitive:
        own = [code for code in survey.languages if survey.words[code].staying_safe]
        ours = [code for code in survey.languages if code not in own]
        whose = [f"in your words ({', '.join(own)})"] if own else []
        whose += [f"in consult's ({', '.join(ours)})"] if ours else []
        said.append(("Begins with", f"how to stay safe, {' and '.join(whose)}"))
        leads = definition.exit_to or f"{neutral}, as exit_to names nothing else"
        said.append(("Exit leads to", leads))
        listed = ", ".join(service.id for service in definition.support)
        said.append(("Help lists", listed or "nobody: name who helps under support"))
    if definition.offers:
        wanted = " and ".join(OFFERED[offer] for offer in definition.offers)
        said.append(("When sent", f"asks for contact details, {wanted}, apart from the answers"))
    return said


# -- answers that conditions can tell apart ------------------------------------------------------


def answers_told_apart(question: Question, conditions: Sequence[str]) -> list[Value | None]:
    """One answer of each kind that ``conditions`` can tell apart; None is no answer."""
    values = [] if question.required else [None]
    match question:
        case OneOf():
            named = [code for code in question.codes if code in _texts(question.id, conditions)]
            others = [code for code in question.codes if code not in named]
            # Of a long list, those that no condition names are all the same.
            return [*values, *named, *(others if len(question.codes) < MANY else others[:1])]
        case Choices() | Ranking() | Points() | BestWorstSet():
            return [*values, *_several(question, conditions)]
        case Numeric():
            return [*values, *_numbers(question, conditions)]
        case Date():
            return [*values, *_dates(question, conditions)]
    texts = _texts(question.id, conditions)
    # A text that no condition waits for, and each that one does; alone and inside another.
    return [*values, "…", *texts, *(f"{text} …" for text in texts)]


def _mentioned(question_id: str, conditions: Sequence[str]) -> Iterator[str]:
    return (condition for condition in conditions if question_id in names(condition))


def _texts(question_id: str, conditions: Sequence[str]) -> list[str]:
    found = [text for c in _mentioned(question_id, conditions) for text in literals(c)]
    return list(dict.fromkeys(found))


def _several(question: Any, conditions: Sequence[str]) -> list[Value]:
    """Sets of options: every set of those that conditions name, filled up to be an answer."""
    named = [code for code in question.codes if code in _texts(question.id, conditions)]
    others = [code for code in question.codes if code not in named]
    found: dict[Any, Value] = {}
    for size in range(len(named) + 1):
        for chosen in combinations(named, size):
            for filled in (chosen, (*chosen, *others[:1]), (*chosen, *others)):
                value = _valid(question, filled)
                if value is not None:
                    found.setdefault(repr(value), value)
            if len(found) > MOST_ANSWERS:
                return list(found.values())
    return list(found.values())


def _valid(question: Any, codes: Sequence[str]) -> Value | None:
    """``codes`` as an answer of the question's own kind, None where it cannot be one."""
    if not codes:
        return None
    try:
        match question:
            case Choices():
                return question.parse(list(codes))
            case Ranking():
                return question.parse(question.raw(tuple(codes)[: question.places]))
            case Points():
                rest = question.total - (len(codes) - 1)
                shared = [f"{codes[0]}={rest}", *(f"{code}=1" for code in codes[1:])]
                return question.parse(shared)
        return question.parse([f"best={codes[0]}", f"worst={codes[1]}"])
    except (ValueError, IndexError):
        return None


_NUMBER = re.compile(r"(?<![\w.\"'-])-?\d+(?:\.\d+)?")


def _numbers(question: Numeric, conditions: Sequence[str]) -> list[Value]:
    """Each number that a condition names, what lies on either side, and the bounds."""
    unit = Decimal(1).scaleb(-question.places)
    found = {
        Decimal(text) for c in _mentioned(question.id, conditions) for text in _NUMBER.findall(c)
    }
    around = {number + step for number in found for step in (-unit, Decimal(0), unit)}
    around |= {bound for bound in (question.minimum, question.maximum) if bound is not None}
    around |= {Decimal(0)}
    valid = []
    for number in sorted(around):
        try:
            valid.append(question.parse([question.plain(number)]))
        except ValueError:
            continue
    return list(dict.fromkeys(valid))


def _dates(question: Date, conditions: Sequence[str]) -> list[Value]:
    found: set[date] = {question.minimum or date(1990, 1, 1), question.maximum or date(2030, 1, 1)}
    for text in _texts(question.id, conditions):
        try:
            day = date.fromisoformat(text)
        except ValueError:
            continue
        found |= {day - timedelta(days=1), day, day + timedelta(days=1)}
    low, high = question.minimum or date.min, question.maximum or date.max
    return [day for day in sorted(found) if low <= day <= high]
