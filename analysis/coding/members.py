"""What codes made of a machine's candidates start from: how like their members answers are.

Members are no marks of people's: they only say where each code's regression begins, and where
codes are given from on. Both fade as people code.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve

from analysis.coding.answers import Answers
from analysis.coding.frame import Code, Coded, Doubles, Marks, Places

FADING = 50
"""After so many coded answers being like members counts half of what it does at first, which is
half of what being near a code's name does."""

WORTH = 10
"""As many coded answers as members are worth in saying from where on a code is given."""

RIDGE, DRAWN = 10.0, 3_000
"""The penalty on the weights of a regression on members, and the answers it is made of."""


@dataclass(frozen=True, slots=True)
class Start:
    """(features, codes) `weights` and (codes,) `level` that codes start from.

    `rows` (drawn,) are the answers they are made of, `marks` (drawn, codes) says which are members,
    `known` (codes,) which codes have any.
    """

    weights: Doubles
    level: Doubles
    rows: Places
    marks: Doubles
    known: Marks


def start(answers: Answers, frame: Sequence[Code], coded: Coded) -> Start | None:
    """What codes start from; None where none was made of a candidate."""
    rows = np.flatnonzero(answers.said)
    rows = rows[:: max(1, -(-len(rows) // DRAWN))]
    marks = np.zeros((len(rows), len(frame)))
    for j, code in enumerate(frame):
        marks[:, j] = np.isin(rows, list(coded.members.get(code.id, ())))
    known: Marks = np.asarray(marks.any(axis=0))
    if not known.any():
        return None
    points = answers.points[rows].astype(np.float64)
    mean = points.mean(axis=0)
    points -= mean
    curved = points.T @ points
    curved[np.diag_indices_from(curved)] += RIDGE
    weights = solve(curved, points.T @ (marks - marks.mean(axis=0)), assume_a="pos")
    spread = (points @ weights).std(axis=0)
    weights *= FADING / (FADING + len(coded.codes)) / np.where(spread > 0, spread, np.inf)
    return Start(weights, -(mean @ weights), rows, marks, known)
