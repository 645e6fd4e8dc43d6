"""What is learnt of codes from coded answers, and what the machine makes of the others.

Each code is a ridge logistic regression with nearness to the code's name as offset, solved by
Newton's method, so that the same coded answers give the same predictions whatever came before.
Of a code that was made of a machine's candidate its members say where it starts too (`members`).
What would be predicted of a coded answer without it is approximated by one more step of Newton's
(approximate leave-one-out; Rad and Maleki 2020).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve, cholesky, qr, solve_triangular
from scipy.special import expit
from threadpoolctl import threadpool_limits

from analysis.coding.answers import Answers, Named
from analysis.coding.frame import Code, Coded, Doubles, Marks
from analysis.coding.members import WORTH, start

NAME_WEIGHT = 2.0
"""How much a code's name counts, in standard deviations of nearness."""

SHRINK, SHRINK_LEVEL = 0.8, 3.0
"""The penalties on weights, and on how far a code's level is from its share of coded answers."""

ROUNDS, CLOSE = 50, 1e-8
"""The most steps of Newton's; what the next one may still gain when it is left (likelihood)."""

DRAWS = 20

DOUBTFUL = (0.35, 0.65)
"""Between these the likeliest code of an answer could as well be given as not."""


@dataclass(frozen=True, slots=True)
class Predicted:
    """(answers, codes) `probability`; from a half on the machine would give the code.

    `weights` (features, codes) and `named` are what it is made of, for `why`.
    """

    frame: tuple[Code, ...]
    probability: Doubles
    weights: Doubles
    named: Named

    @property
    def doubtful(self) -> Marks:
        """(answers,): those whose likeliest code is doubtful."""
        best = self.probability.max(axis=1)
        found: Marks = (best > DOUBTFUL[0]) & (best < DOUBTFUL[1])
        return found


@dataclass(frozen=True, slots=True)
class Learnt:
    """(features, codes) `weights`, (codes,) `level`, and the logit from which on codes are given.

    `held_out` (coded, codes) are the logits of each coded answer as if it had not been coded.
    """

    weights: Doubles
    level: Doubles
    held_out: Doubles
    cut: float


def predict(answers: Answers, frame: Sequence[Code], coded: Coded) -> Predicted:
    """What the machine makes of every answer after those that people have coded."""
    given = coded.marks(frame)
    # One thread: sums in another order differ in their last digits, and predictions with them.
    with threadpool_limits(1):
        near, named = answers.nearness(frame, bool(coded.codes))
        found = learn(answers, near, coded, frame)
        learnt = answers.points @ found.weights.astype(np.float32)
    logit = learnt + found.level + NAME_WEIGHT * near
    chance = probability(logit - found.cut, always_given(given))
    return Predicted(tuple(frame), chance * answers.said[:, None], found.weights, named)


def learn(answers: Answers, near: Doubles, coded: Coded, frame: Sequence[Code]) -> Learnt:
    """What coded answers teach beyond how near, (answers, codes), they are to codes' names."""
    given, begun = coded.marks(frame), start(answers, frame, coded)
    rows = answers.points[coded.places].astype(np.float64)
    offset = NAME_WEIGHT * near[coded.places]
    if begun:
        offset += rows @ begun.weights + begun.level
    weights, level, held_out = _moved(rows, offset, given)
    least = cut(held_out, given)
    if begun:
        weights, level = weights + begun.weights, level + begun.level
        logit = answers.points[begun.rows] @ weights + level + NAME_WEIGHT * near[begun.rows]
        by_members = _best_cut(logit[:, begun.known], begun.marks[:, begun.known])
        least = (len(rows) * least + WORTH * by_members) / (len(rows) + WORTH)
    return Learnt(weights, level, held_out, least)


def _moved(rows: Doubles, offset: Doubles, given: Doubles) -> tuple[Doubles, Doubles, Doubles]:
    """The weights and levels beyond where codes start, and the held-out logits, as `Learnt`'s."""
    if not len(rows):
        codes = given.shape[1]
        return np.zeros((rows.shape[1], codes)), np.zeros(codes), offset
    share = (given.sum(axis=0) + 0.5) / (len(rows) + 1)
    level = np.log(share / (1 - share))
    turn = None
    if len(rows) < rows.shape[1]:
        # Weights are sums of coded answers: fewer of these than features are less work.
        turn, short = qr(rows.T, mode="economic")
        rows = short.T
    rows = np.hstack([rows, np.ones((len(rows), 1))])
    each = [_one(rows, offset[:, j] + level[j], given[:, j]) for j in range(given.shape[1])]
    weights = np.array([found for found, _ in each]).T
    level = level + weights[-1]
    weights = weights[:-1] if turn is None else turn @ weights[:-1]
    return weights, level, np.array([out for _, out in each]).T


def _one(rows: Doubles, offset: Doubles, given: Doubles) -> tuple[Doubles, Doubles]:
    """The weights of one code, the last its level's, and (coded,) the logits without each."""
    penalty = np.full(rows.shape[1], SHRINK)
    penalty[-1] = SHRINK_LEVEL
    weights, logit = np.zeros(rows.shape[1]), offset
    loss = _loss(logit, given, 0.0)
    for _ in range(ROUNDS):
        chance = expit(logit)
        slope = rows.T @ (chance - given) + penalty * weights
        root = _root(rows, chance, penalty)
        step = cho_solve((root, True), slope, check_finite=False)
        gain = slope @ step
        if gain < CLOSE:
            break
        before, start = loss, weights
        for pace in 0.5 ** np.arange(ROUNDS):
            weights = start - pace * step
            logit = rows @ weights + offset
            loss = _loss(logit, given, penalty @ (weights * weights) / 2)
            if loss <= before - pace * gain / 4:
                break
    near = solve_triangular(root, rows.T, lower=True, check_finite=False)
    pull = (near * near).sum(axis=0)
    off = (chance - given) / (1 - pull * chance * (1 - chance))
    return weights, logit + pull * off


def _loss(logit: Doubles, given: Doubles, penalty: float) -> float:
    """How unlikely the marks are, and the penalty."""
    return float(np.logaddexp(0, logit).sum() - logit @ given + penalty)


def _root(rows: Doubles, chance: Doubles, penalty: Doubles) -> Doubles:
    """(features, features): the Cholesky factor of the curvature of the loss."""
    weighed = rows * np.sqrt(chance * (1 - chance))[:, None]
    curved = weighed.T @ weighed
    curved[np.diag_indices_from(curved)] += penalty
    found: Doubles = cholesky(curved, lower=True, overwrite_a=True, check_finite=False)
    return found


def cut(logit: Doubles, given: Doubles) -> float:
    """The logit from which on giving codes agrees best with people (F1 over all).

    The mean over bootstrap draws: of few answers, one more or less moves the best a long way.
    """
    dice = np.random.default_rng(0)
    draws = [dice.integers(len(given), size=len(given)) for _ in range(DRAWS)]
    found = [_best_cut(logit[d], given[d]) for d in draws if given[d].any()]
    return float(np.mean(found)) if found else 0.0


def _best_cut(logit: Doubles, given: Doubles) -> float:
    order = np.argsort(-logit, axis=None)
    right = np.cumsum(given.ravel()[order])
    f1 = 2 * right / (np.arange(1, len(order) + 1) + given.sum())
    return float(logit.ravel()[order[int(np.argmax(f1))]])


def always_given(given: Doubles) -> bool:
    """Whether people gave every answer a code."""
    return bool(len(given)) and bool(given.any(axis=1).all())


def probability(logit: Doubles, always: bool) -> Doubles:
    """From logits; where people gave every answer a code, its likeliest is given too."""
    if always:
        best = logit.max(axis=1)
        rows = np.flatnonzero(best < 0)
        logit = logit.copy()
        logit[rows, logit[rows].argmax(axis=1)] = 0
    found: Doubles = expit(logit)
    return found
