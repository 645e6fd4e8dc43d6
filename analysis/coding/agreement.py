"""How far the machine agrees with people, and people with one another."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from threadpoolctl import threadpool_limits

from analysis.coding.answers import Answers
from analysis.coding.frame import NONE, Code, Coded, Marks, Places
from analysis.coding.learning import always_given, learn, probability

DRAWS = 500


def agreement(
    answers: Answers,
    frame: Sequence[Code],
    coded: Coded,
    blind: Mapping[int, frozenset[str]] | None = None,
) -> dict[str, object]:
    """How far the machine agrees with people, and people with one another.

    F1 of answers left out in turn, with the interval of 95% of bootstrap draws: of all that are
    coded, or of those that people coded `blind`, not knowing what the machine says; these are among
    the coded ones. Krippendorff's alpha with MASI distance (Passonneau 2006) over answers that two
    or more coded.
    """
    places, given = coded.places, coded.marks(frame)
    with threadpool_limits(1):
        near, _ = answers.nearness(frame, bool(len(places)))
        found = learn(answers, near, coded, frame)
    told = probability(found.held_out - found.cut, always_given(given)) >= 0.5
    if blind is not None:
        seen = Coded(blind, {})
        told, given = told[np.searchsorted(places, seen.places)], seen.marks(frame)
    dice = np.random.default_rng(0)
    draws = [dice.integers(len(given), size=len(given)) for _ in range(DRAWS if len(given) else 0)]
    return {
        "coded": len(given),
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
    draws: Sequence[Places],
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
