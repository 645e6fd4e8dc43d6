"""A code frame learnt from answers that people have coded, and from what its codes are called.

Each code is a logistic regression on what answers mean, what words they use and who is near them
(`analysis.topics`), whose starting point is how near an answer is to the code's name and
description: without any coded answer that is all there is, and each coded one moves it.
"""

import csv
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import TfidfVectorizer
from threadpoolctl import threadpool_limits

from analysis import text, topics, vectors
from analysis.errors import DataError
from analysis.vectors import Floats

NONE = "(none)"
"""Marks an answer that was read and found to have no code."""

NAME_WEIGHT, WORDS_WEIGHT = 2.0, 0.5
"""How much a code's name counts, in standard deviations of nearness; how much words that name and
answer share count beside what they mean."""

SCALE, SHRINK, ROUNDS = 3.0, 0.3, 150
"""The length of an answer's features, the penalty on weights, the steps of the fit."""

DRAWN = 12_000
FOLDS = 5
DRAWS = 500

Doubles = NDArray[np.float64]
Marks = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Code:
    """A code of a frame."""

    id: str
    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Coded:
    """Answers that people have coded.

    `codes[i]` are those of the answer at place i, over all coders; `by` has what each coder gave
    it, where the file says who coded.
    """

    codes: Mapping[int, frozenset[str]]
    by: Mapping[int, Mapping[str, frozenset[str]]]


def read_frame(path: Path) -> list[Code]:
    """The codes of a CSV file `code,name,description`, of which only `code` must be there."""
    codes: list[Code] = []
    for line, row in _rows(path, ["code"]):
        code = row["code"]
        if not code or code == NONE:
            raise DataError(f"{path.name}: line {line} has no code. Give every code a name.")
        if any(code == other.id for other in codes):
            raise DataError(f"{path.name}: line {line}: the code “{code}” stands there twice.")
        codes.append(Code(code, row.get("name") or code, row.get("description") or ""))
    return codes


def read_coded(path: Path, places: Mapping[str, int], frame: Sequence[Code]) -> Coded:
    """Coded answers from a CSV file `id,code`, with `coder` where several coded.

    Raises DataError for an id that no response has, and a code that the frame lacks.
    """
    known = {code.id for code in frame}
    given: dict[int, dict[str, set[str]]] = {}
    for line, row in _rows(path, ["id", "code"]):
        place, code = places.get(row["id"]), row["code"]
        if place is None:
            raise DataError(f"{path.name}: line {line}: no response has the id “{row['id']}”.")
        if not code:
            raise DataError(f"{path.name}: line {line} has no code. For none write “{NONE}”.")
        if known and code not in known and code != NONE:
            raise DataError(f"{path.name}: line {line}: the frame has no code “{code}”.")
        found = given.setdefault(place, {}).setdefault(row.get("coder") or "", set())
        found |= set() if code == NONE else {code}
    by = {k: {who: frozenset(c) for who, c in many.items()} for k, many in given.items()}
    codes = {k: frozenset[str]().union(*many.values()) for k, many in by.items()}
    return Coded(codes, by)


def _rows(path: Path, needed: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in needed if name not in (reader.fieldnames or ())]
        if missing:
            raise DataError(
                f"{path.name}: there is no column “{missing[0]}”. It needs {', '.join(needed)}."
            )
        return [
            (number, {k: (v or "").strip() for k, v in row.items() if isinstance(k, str)})
            for number, row in enumerate(reader, start=2)
        ]


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers as numbers, and what codes' names are held to.

    `points` (answers, features); `meaning` (answers, dimensions) and `stems` (answers, stems),
    TF-IDF by `read`, have rows of length 1; `mean` is the average meaning; `said` whether there is
    a word.
    """

    points: Floats
    meaning: Floats
    mean: Floats
    read: TfidfVectorizer
    stems: csr_array
    said: Marks

    @classmethod
    def of(cls, texts: Sequence[str], seed: int = 0) -> "Answers":
        """The answers of redacted texts; an empty one is never given a code."""
        drawn = [t for t in texts if t.strip()]
        if not drawn:
            raise DataError("There is no answer to code: every one is empty.")
        drawn = drawn[:: max(1, -(-len(drawn) // DRAWN))]
        with threadpool_limits(1):
            space, found = topics.Space.of(drawn, vectors.bags(drawn), seed), vectors.bags(texts)
            points = space.place(texts, found)
            near = topics.smoothed(points) if len(points) <= 2 * DRAWN else points
        meaning = vectors.unit(points[:, : len(space.mean)])
        read = TfidfVectorizer(analyzer=_stems, sublinear_tf=True)
        try:
            read.fit(drawn)
        except ValueError:
            raise DataError("There is no answer to code: none has a word with meaning.") from None
        said = np.array([bool(t.strip()) for t in texts], dtype=bool)
        features = np.hstack([points, near]) * np.float32(SCALE)
        return cls(features, meaning, space.mean, read, read.transform(texts), said)

    def nearness(self, frame: Sequence[Code], between: bool) -> Doubles:
        """(answers, codes): how near each is to a code's name, in standard deviations of all.

        With `between` half of it is in those of the code alone: what is learnt says how common
        each code is, and only which answers are nearer counts.
        """
        # The name twice: a description explains it, often with words of other codes.
        names = [code.name.replace("_", " ") for code in frame]
        told = [f"{n}. {n}. {c.description}" for n, c in zip(names, frame, strict=True)]
        found = vectors.bags(told)
        named = vectors.meanings(told, found, vectors.shipped())
        named = vectors.unit(named - (named.mean(axis=0) if len(frame) > 2 else self.mean))
        shared = (self.stems @ self.read.transform(told).T).toarray()
        near = np.asarray(self.meaning @ named.T + WORDS_WEIGHT * shared, dtype=np.float64)
        overall: Doubles = (near - near.mean()) / (near.std() or 1)
        if not between:
            return overall
        apart = near.std(axis=0)
        alone: Doubles = (near - near.mean(axis=0)) / np.where(apart > 0, apart, 1)
        return (overall + alone) / 2


def _stems(told: str) -> list[str]:
    return [text.stem(w) for w in text.words(told) if w not in text.stop_words() and len(w) > 1]


@dataclass(frozen=True, slots=True)
class Predicted:
    """(answers, codes) `probability`; from a half on the machine would give the code."""

    frame: tuple[Code, ...]
    probability: Doubles


def predict(answers: Answers, frame: Sequence[Code], coded: Coded) -> Predicted:
    """What the machine makes of every answer after those that people have coded."""
    places = np.array(sorted(coded.codes), dtype=np.int64)
    given = _marks(places, coded, frame)
    near = NAME_WEIGHT * answers.nearness(frame, bool(len(places)))
    with threadpool_limits(1):
        logit = _learnt(answers, near, places, given)
        cut = _cut(_held_out(answers, near, places, given), given)
    always = bool(len(places)) and bool(given.any(axis=1).all())
    return Predicted(tuple(frame), _probability(logit - cut, always) * answers.said[:, None])


def _marks(places: NDArray[np.int64], coded: Coded, frame: Sequence[Code]) -> Doubles:
    ids = [code.id for code in frame]
    return np.array([[i in coded.codes[k] for i in ids] for k in places.tolist()], float).reshape(
        len(places), len(ids)
    )


def _learnt(answers: Answers, near: Doubles, places: NDArray[np.int64], given: Doubles) -> Doubles:
    """(answers, codes): logits of a ridge logistic regression with `near` as offset.

    Nesterov's accelerated gradient, all codes at once.
    """
    share = (given.sum(axis=0) + 0.5) / (len(places) + 1)
    level = np.log(share / (1 - share))
    if not len(places):
        return near
    rows, offset = answers.points[places].astype(np.float64), near[places]
    step = 1 / (0.25 * np.linalg.norm(rows, 2) ** 2 + SHRINK)
    weights = ahead = np.zeros((rows.shape[1], given.shape[1]))
    pace = 1.0
    for _ in range(ROUNDS):
        off = _sigmoid(rows @ ahead + level + offset) - given
        moved = ahead - step * (rows.T @ off + SHRINK * ahead)
        level = level - off.mean(axis=0)
        faster = (1 + np.sqrt(1 + 4 * pace * pace)) / 2
        ahead = moved + (pace - 1) / faster * (moved - weights)
        weights, pace = moved, faster
    found: Doubles = answers.points @ weights + level + near
    return found


def _held_out(
    answers: Answers, near: Doubles, places: NDArray[np.int64], given: Doubles
) -> Doubles:
    """(coded, codes): what is predicted of each coded answer without it."""
    fold = np.random.default_rng(0).permutation(len(places)) % FOLDS
    found = np.zeros_like(given)
    for k in range(FOLDS):
        out, rest = fold == k, fold != k
        if out.any() and rest.any():
            found[out] = _learnt(answers, near, places[rest], given[rest])[places[out]]
        else:
            found[out] = near[places[out]]
    return found


def _cut(logit: Doubles, given: Doubles) -> float:
    """The logit from which on giving codes agrees best with people (F1 over all)."""
    if not given.any():
        return 0.0
    order = np.argsort(-logit, axis=None)
    right = np.cumsum(given.ravel()[order])
    f1 = 2 * right / (np.arange(1, len(order) + 1) + given.sum())
    return float(logit.ravel()[order[int(np.argmax(f1))]])


def _sigmoid(values: Doubles) -> Doubles:
    found: Doubles = 1 / (1 + np.exp(-np.clip(values, -40, 40)))
    return found


def _probability(logit: Doubles, always: bool) -> Doubles:
    """From logits; where people gave every answer a code, its likeliest is given too."""
    if always:
        best = logit.max(axis=1)
        rows = np.flatnonzero(best < 0)
        logit = logit.copy()
        logit[rows, logit[rows].argmax(axis=1)] = 0
    return _sigmoid(logit)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An answer that a person should code next, and why: the code it may teach, or doubt."""

    place: int
    code: str
    why: str


def suggest(
    predicted: Predicted, coded: Coded, first: NDArray[np.int64], count: int
) -> list[Suggestion]:
    """Answers to code next: in turn the likeliest for the code with the fewest, and a doubtful one.

    `first` (answers,) has for each the place of the answer that it is a copy of: one is enough.
    """
    done = {int(first[k]) for k in coded.codes}
    held = Counter(code for codes in coded.codes.values() for code in codes)
    chance = predicted.probability
    doubt = 1 - 2 * np.abs(chance - 0.5).min(axis=1)
    by_doubt = iter(np.argsort(-doubt, kind="stable").tolist())
    by_code = {
        code.id: iter(np.argsort(-chance[:, j], kind="stable").tolist())
        for j, code in enumerate(predicted.frame)
    }
    chosen: list[Suggestion] = []
    while len(chosen) < count:
        rare = min(predicted.frame, key=lambda code: (held[code.id], code.id))
        doubtful = len(chosen) % 2 == 1
        for place in by_doubt if doubtful else by_code[rare.id]:
            if int(first[place]) not in done and chance[place].any():
                break
        else:
            return chosen
        done.add(int(first[place]))
        code = predicted.frame[int(chance[place].argmax())] if doubtful else rare
        held[code.id] += 1
        chosen.append(Suggestion(place, code.id, "doubtful" if doubtful else "rare code"))
    return chosen


def agreement(answers: Answers, frame: Sequence[Code], coded: Coded) -> dict[str, object]:
    """How far the machine agrees with people, and people with one another.

    F1 of answers held out in turn, with the interval of 95% of bootstrap draws; Krippendorff's
    alpha with MASI distance (Passonneau 2006) over answers that two or more coded.
    """
    places = np.array(sorted(coded.codes), dtype=np.int64)
    given = _marks(places, coded, frame)
    near = NAME_WEIGHT * answers.nearness(frame, bool(len(places)))
    with threadpool_limits(1):
        logit = _held_out(answers, near, places, given)
    always = bool(len(places)) and bool(given.any(axis=1).all())
    told = _probability(logit - _cut(logit, given), always) >= 0.5
    dice = np.random.default_rng(0)
    draws = [
        dice.integers(len(places), size=len(places)) for _ in range(DRAWS if len(places) else 0)
    ]
    return {
        "coded": len(places),
        "macro_f1": _with_interval(_macro, given > 0, told, draws),
        "micro_f1": _with_interval(_micro, given > 0, told, draws),
        "people": _alpha(coded),
    }


def _macro(given: Marks, told: Marks) -> float:
    """The mean F1 of codes that were given to any."""
    there = given.any(axis=0)
    both = 2 * (given & told).sum(axis=0)
    every = given.sum(axis=0) + told.sum(axis=0)
    return float((both[there] / every[there]).mean()) if there.any() else 0.0


def _micro(given: Marks, told: Marks) -> float:
    """F1 over all codes together."""
    every = int(given.sum() + told.sum())
    return float(2 * (given & told).sum() / every) if every else 0.0


def _with_interval(
    measure: Callable[[Marks, Marks], float],
    given: Marks,
    told: Marks,
    draws: Sequence[NDArray[np.int64]],
) -> dict[str, float] | None:
    if not len(draws):
        return None
    low, high = np.quantile([measure(given[d], told[d]) for d in draws], [0.025, 0.975])
    return {"value": measure(given, told), "low": float(low), "high": float(high)}


def _alpha(coded: Coded) -> dict[str, object] | None:
    from nltk.metrics import masi_distance
    from nltk.metrics.agreement import AnnotationTask

    twice = {k: many for k, many in coded.by.items() if len(many) > 1}
    if not twice:
        return None
    # An empty set is as far from any other as can be, and the same as another empty one.
    data = [
        (who, place, codes or frozenset([NONE]))
        for place, many in sorted(twice.items())
        for who, codes in sorted(many.items())
    ]
    task = AnnotationTask(data=data, distance=masi_distance)
    return {"alpha": float(task.alpha()), "answers": len(twice), "coders": len(task.C)}
