"""What whoever reads all printed figures can know of a sum of counts."""

import numpy as np
from scipy.optimize import linprog


def knows(who: np.ndarray, limits: np.ndarray, ends: np.ndarray) -> tuple[float, float]:
    """The least and the most that `who` can add up to, where `limits` of all are below `ends`."""
    found = []
    for sign in (1, -1):
        best = linprog(sign * who, A_ub=limits, b_ub=ends, bounds=(0, 600), method="highs")
        assert best.x is not None, best.message
        found.append(float(who @ best.x))
    return found[0], found[1]
