"""An attacker's linear programme: what unknown counts can be, given all that is published.

HiGHS keeps its basis from one question to the next, so that each after the first takes a few steps.
"""

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]


class Programme:
    """Counts of which every row of `sums` (sums, counts) comes to nought, within bounds."""

    def __init__(self, sums: sparse.csr_matrix) -> None:
        height, width = sums.shape
        model = highspy.HighsLp()
        model.num_row_, model.num_col_ = height, width
        model.row_lower_ = model.row_upper_ = np.zeros(height)
        model.col_lower_ = model.col_upper_ = model.col_cost_ = np.zeros(width)
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_, model.a_matrix_.index_ = sums.indptr, sums.indices
        model.a_matrix_.value_ = sums.data
        self._columns = np.arange(width, dtype=np.int32)
        self._highs = highspy.Highs()
        options: dict[str, bool | int | str] = {
            "output_flag": False,
            "threads": 1,
            # Another goal, or wider bounds, leave the last answer feasible: the primal method goes
            # on from there; presolve would start anew.
            "presolve": "off",
            "solver": "simplex",
            "simplex_strategy": 4,
        }
        for option, value in options.items():
            self._highs.setOptionValue(option, value)
        self._highs.passModel(model)

    def best(self, goal: Floats, low: Floats, high: Floats) -> Floats:
        """Counts between `low` and `high` with the most of `goal`, one figure a count in each."""
        width = len(self._columns)
        self._highs.changeColsBounds(width, self._columns, low, high)
        self._highs.changeColsCost(width, self._columns, -goal)
        self._highs.run()
        status = self._highs.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal:  # cannot be: the true counts are feasible
            raise AssertionError(f"the audit of a release found no solution: {status}")
        return np.array(self._highs.getSolution().col_value)
