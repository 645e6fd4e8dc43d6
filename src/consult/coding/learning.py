"""What the machine makes of comments after what people coded: in a process of its own.

That process keeps the comments of a question as numbers, which takes seconds to make, so that
each answer takes less than one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

from anyio import CapacityLimiter, to_process

from consult.coding.frame import Code, Frame
from consult.coding.model import Assignment, Comment, Place, candidate
from consult.errors import ConsultError

Answer = TypeVar("Answer")
#: Questions whose comments a process keeps.
KEPT = 3
UNSURE = 0.5
_limit: CapacityLimiter | None = None
_prepared: OrderedDict[tuple[Any, ...], Prepared] = OrderedDict()


@dataclass(frozen=True)
class Prepared:
    """Comments as numbers, and the place of the comment that each is a copy of."""

    answers: Any
    first: Any


@dataclass(frozen=True)
class Task:
    """What is asked: the codes that may be given, and those that people gave, by place.

    ``settled``: all comments that people coded, those too of which nothing is learnt. ``by`` is of
    the check sample, by coder, and may have codes that are people's alone. ``members`` are, by
    code, the comments of the candidates it was made of.
    """

    codes: tuple[Code, ...]
    coded: Mapping[int, frozenset[str]]
    settled: frozenset[int]
    by: Mapping[int, Mapping[str, frozenset[str]]]
    members: Mapping[str, frozenset[int]]


@dataclass(frozen=True)
class Suggested:
    """A code for a comment: how likely, and the words that spoke for it."""

    code: str
    chance: float
    why: tuple[str, ...]


@dataclass(frozen=True)
class Proposal:
    """A comment to code, why this one, and codes for it, the likeliest first."""

    place: int
    why: str
    codes: tuple[Suggested, ...]


class Learner:
    """The comments on a question that can be read, and what people said of them."""

    def __init__(
        self, place: Place, stamp: tuple[int, int], comments: Sequence[Comment], frame: Frame
    ) -> None:
        self.comments = [c for c in comments if not c.apart]
        self.place_of = {c.id: k for k, c in enumerate(self.comments)}
        self.frame = frame
        self._key = (place, stamp)

    def task(
        self,
        people: Mapping[UUID, Assignment],
        blind: Mapping[UUID, Mapping[str, Assignment]] | None = None,
    ) -> Task:
        """What people said, by the frame as it is now; codes that have parts are people's alone."""
        whole = {c.parent for c in self.frame.codes}
        codes = tuple(c for c in self.frame.codes if c.id not in whole)
        known, every = {c.id for c in codes}, {c.id for c in self.frame.codes}
        coded: dict[int, frozenset[str]] = {}
        by: dict[int, dict[str, frozenset[str]]] = {}
        for one, assignment in people.items():
            k, now = self.place_of.get(one), self._now(assignment, known)
            if k is not None and now is not None:
                coded[k] = now
        for one, many in (blind or {}).items():
            said = {who: now for who, a in many.items() if (now := self._now(a, every)) is not None}
            k = self.place_of.get(one)
            if k is not None and said:
                by[k] = said
        settled = frozenset(
            self.place_of[one]
            for one, said_last in people.items()
            if one in self.place_of and self._now(said_last, every) is not None
        )
        return Task(codes, coded, settled, by, self._members(codes))

    def _members(self, codes: Sequence[Code]) -> dict[str, frozenset[int]]:
        """By code the comments of its candidates, as long as they have not been read anew."""
        of = {one: code.id for code in codes for one in code.candidates}
        found: dict[str, set[int]] = {}
        reading = self._key[1][0]
        for k, comment in enumerate(self.comments) if of else ():
            for theme in comment.themes:
                if (code := of.get(candidate(reading, theme))) is not None:
                    found.setdefault(code, set()).add(k)
        return {code: frozenset(places) for code, places in found.items()}

    def _now(self, said: Assignment, known: set[str]) -> frozenset[str] | None:
        """What an assignment says today; None where its codes were deleted: nothing is learnt."""
        now = frozenset(self.frame.now(said.codes)) & known
        return now if now or not said.codes else None

    async def ask(self, question: Callable[..., Answer], task: Task, *more: Any) -> Answer:
        """Ask the process; it is given the comments where it does not have them. ConsultError."""
        if not task.codes:
            raise ConsultError("The code frame is empty. Add codes to it, then come back.")
        asked = (self._key, question, task, more)
        told = await _in_process(None, *asked)
        if told is None:
            told = await _in_process([c.text for c in self.comments], *asked)
        answer: Answer = told[0]
        return answer


async def _in_process(texts: list[str] | None, *asked: Any) -> Any:
    """What `_asked` says, in the one process that keeps comments."""
    global _limit
    _limit = _limit or CapacityLimiter(1)
    return await to_process.run_sync(_asked, texts, *asked, limiter=_limit)


def _asked(
    texts: list[str] | None, key: tuple[Any, ...], question: Callable[..., Any], task: Task,
    more: tuple[Any, ...],
) -> tuple[Any] | None:  # fmt: skip
    """The answer, in brackets; None where the comments have to be given first."""
    from analysis.errors import DataError

    if key not in _prepared:
        if texts is None:
            return None
        try:
            _prepared[key] = _prepare(texts)
        except DataError as error:
            raise ConsultError(str(error)) from None
        while len(_prepared) > KEPT:
            _prepared.popitem(last=False)
    _prepared.move_to_end(key)
    return (question(_prepared[key], task, *more),)


def _prepare(texts: Sequence[str]) -> Prepared:
    from analysis import coding, duplicates, redaction

    plain = [redaction.unmarked(text) for text in texts]
    return Prepared(coding.Answers.of(plain), duplicates.find(plain).first)


# -- what may be asked; each runs in the process that has the comments ----------------------------


def proposal(
    known: Prepared, task: Task, at: int | None, aside: frozenset[int], turn: int
) -> Proposal | None:
    """The comment at a place, or one of those to code next; None when none is left.

    ``turn``, by who asks, says which of them: two people are seldom given the same.
    """
    from analysis import coding

    frame, predicted = _predicted(known, task)
    why = ""
    if at is None:
        left_out = {k: frozenset[str]() for k in (*aside, *task.settled)}
        done = {**left_out, **task.coded}
        following = coding.following(predicted, coding.Coded(done, {}), known.first)
        first = list(islice(following, turn + 1))
        if not first:
            return None
        at, why = first[-1].place, first[-1].why
    chances = predicted.probability[at].tolist()
    ranked = sorted(range(len(frame)), key=lambda j: (-chances[j], j))
    codes = (
        Suggested(
            frame[j].id,
            chances[j],
            coding.why(known.answers, frame, predicted, at, frame[j].id) if chances[j] else (),
        )
        for j in ranked[:5]
    )
    return Proposal(at, why, tuple(codes))


def similar(known: Prepared, task: Task, at: int, count: int) -> list[int]:
    """The comments nearest to one."""
    from analysis import coding

    return list(coding.similar(known.answers, at, count))


def everything(known: Prepared, task: Task) -> list[tuple[tuple[str, ...], float]]:
    """Per comment the codes that the machine gives it, and how sure it is of the whole."""
    frame, predicted = _predicted(known, task)
    chances = predicted.probability
    sure = abs(chances - UNSURE).min(axis=1) + UNSURE
    return [
        (tuple(code.id for code, p in zip(frame, row, strict=True) if p >= UNSURE), float(s))
        for row, s in zip(chances.tolist(), sure.tolist(), strict=True)
    ]


def agreement(known: Prepared, task: Task) -> dict[str, Any]:
    """How far machine and people agree on the check sample, and people with one another."""
    from analysis import coding

    frame = [coding.Code(c.id, c.name, c.description) for c in task.codes]
    # A comment with nothing but a code that is people's alone cannot be held against the machine.
    given = {code.id for code in task.codes}
    first = {k: next(iter(many.values())) for k, many in task.by.items() if k in task.coded}
    blind = {k: codes & given for k, codes in first.items() if codes & given or not codes}
    coded = coding.Coded(task.coded, task.by, task.members)
    return coding.agreement(known.answers, frame, coded, blind)


def _predicted(known: Prepared, task: Task) -> tuple[list[Any], Any]:
    from analysis import coding

    frame = [coding.Code(c.id, c.name, c.description) for c in task.codes]
    return frame, coding.predict(known.answers, frame, coding.Coded(task.coded, {}, task.members))
