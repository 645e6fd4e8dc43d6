"""Orders of chance: options, questions and sections, the same again from the same seed.

The place of a thing is the SHA-256 of ``seed:what:its name``, sorted: no generator of any one
language, so that an analyst can work out in any other what a respondent was shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from itertools import groupby
from typing import TypeVar

from consult.questionnaire.answers import Option, Optioned, Question
from consult.questionnaire.model import Page
from consult.questionnaire.survey import Place, Survey

Thing = TypeVar("Thing")


def by_chance(
    things: Iterable[Thing], seed: int, what: str, name: Callable[[Thing], str]
) -> list[Thing]:
    """``things`` in the order that ``seed`` makes."""
    return sorted(things, key=lambda it: sha256(f"{seed}:{what}:{name(it)}".encode()).digest())


def options(question: Optioned, seed: int | None) -> Sequence[Option]:
    """A question's options as one respondent sees them; fixed ones keep their places."""
    if seed is None or not question.shuffle:
        return question.options
    moving = [option for option in question.options if not question.stays(option)]
    shuffled = iter(by_chance(moving, seed, question.id, lambda option: option.code))
    return [o if question.stays(o) else next(shuffled) for o in question.options]


def questions(page: Page, seed: int | None) -> Sequence[Question]:
    """A page's questions as one respondent sees them; statements keep their places."""
    if seed is None or not page.shuffle:
        return page.questions
    moving = [question for question in page.questions if question.takes_answer]
    shuffled = iter(by_chance(moving, seed, page.id, lambda question: question.id))
    return [next(shuffled) if q.takes_answer else q for q in page.questions]


def shuffled(page: Page) -> bool:
    """Whether a page looks different to different respondents by chance."""
    return page.shuffle or any(getattr(question, "shuffle", False) for question in page.questions)


def pages(survey: Survey, seed: int | None) -> Sequence[Page]:
    """The pages in the order in which one respondent is led through them."""
    definition = survey.definition
    if seed is None or not survey.moves:
        return survey.pages
    shuffled = {section.id for section in definition.sections if section.shuffle}
    first = {place.number: place for place in reversed(survey.places)}
    numbered = [(page, first[number]) for number, page in enumerate(survey.pages)]
    runs = [(key, list(run)) for key, run in groupby(numbered, key=lambda pair: pair[0].section)]
    arranged = [_within(run, key, seed, key in shuffled) for key, run in runs]
    moving = [n for n, (key, _) in enumerate(runs) if key in definition.shuffle_sections]
    taken = by_chance(moving, seed, "sections", lambda n: str(runs[n][0]))
    swapped = dict(zip(moving, taken, strict=True))
    return [page for n in range(len(runs)) for page in arranged[swapped.get(n, n)]]


def _within(
    run: Sequence[tuple[Page, Place]], section: str | None, seed: int, shuffled: bool
) -> list[Page]:
    """The pages of one section; the rows of a shuffled grid move among themselves."""
    groups: list[list[Page]] = []
    for _, together in groupby(run, key=lambda pair: (pair[1].where, pair[1].written.id)):
        found = list(together)
        rows = [page for page, _ in found]
        if found[0][1].moves:
            rows = by_chance(rows, seed, found[0][1].written.id, lambda page: page.id)
        groups.append(rows)
    if shuffled:
        groups = by_chance(groups, seed, str(section), lambda rows: min(p.id for p in rows))
    return [page for rows in groups for page in rows]
