"""How many digits our figures share with those of R's survey package.

    python -m benchmarks.digits

Runs the tests against R (`tests/reference/`, which need `../shared` beside the project) and prints
the largest relative difference of all numbers they compare, by what is compared.
"""

from __future__ import annotations

import math
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

TESTS = Path(__file__).resolve().parents[1] / "tests"
FILES = ("estimates", "comparisons", "designs", "weighting")
WHAT = {
    ("estimates", 1e-12): "means, shares, totals, ratios, quantiles and their ends",
    ("estimates", 1e-11): "standard errors, design effects, covariances",
    ("estimates", 1e-10): "intervals (xlogit, beta, t); standard errors of quantiles",
    ("estimates", 1e-8): "shares that R iterates",
    ("estimates", 1e-6): "intervals that R iterates (logit)",
    ("estimates", 1e-4): "intervals that R interpolates (likelihood)",
    ("comparisons", 1e-10): "tests: statistics, degrees of freedom, coefficients, intervals",
    ("comparisons", 1e-11): "differences from a published figure, their errors",
    ("comparisons", 1e-8): "tests: p-values",
    ("comparisons", 1e-3): "ordinal regression: errors (R's own optimiser)",
    ("designs", 1e-11): "stages, calibration, replicates: figures, errors, design effects",
    ("designs", 1e-10): "the same: intervals of shares, errors of models",
    ("designs", 1e-9): "the same: tests, models; raked replicates",
    ("designs", 1e-8): "the same: p-values",
}


class Digits:
    """Stands in for the tests' comparisons and notes the largest difference of each kind."""

    def __init__(self) -> None:
        self.largest: dict[str, float] = defaultdict(float)
        self.numbers: dict[str, int] = defaultdict(int)

    def note(self, what: str, difference: float, numbers: int) -> None:
        """Keep the larger."""
        self.largest[what] = max(self.largest[what], difference)
        self.numbers[what] += numbers

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Put ourselves between the tests and their comparisons."""
        for module in {item.module for item in items if isinstance(item, pytest.Function)}:
            name = module.__name__.rpartition("test_")[2].partition("_")[0]
            if hasattr(module, "close"):
                module.close = self.close(name, module.close)
            if hasattr(module, "gap"):
                module.gap = self.gap(module.gap)

    def close(self, name: str, check: Callable[..., None]) -> Callable[..., None]:
        """`close(found, wanted, rel)` with a note of its numbers."""

        def noted(found: Any, wanted: Any, rel: float) -> None:
            check(found, wanted, rel)
            ours = np.array(found, dtype=np.float64).reshape(-1)
            theirs = np.array(wanted, dtype=np.float64).reshape(-1)
            there = ~np.isnan(theirs) & (theirs != 0)
            apart = np.abs(ours[there] / theirs[there] - 1)
            what = WHAT.get((name, rel), f"{name}, asked {rel:g}")
            self.note(what, float(apart.max(initial=0)), len(apart))

        return noted

    def gap(self, check: Callable[[Any, Any], float]) -> Callable[[Any, Any], float]:
        """`gap(found, wanted)` of weights with a note of it."""

        def noted(found: Any, wanted: Any) -> float:
            difference = check(found, wanted)
            bounded = found.diagnostics.bounds is not None
            what = "weights of bounded calibration" if bounded else "raked weights"
            self.note(what, difference, len(found.weights))
            return difference

        return noted


def main() -> None:
    """Run the tests and print the table."""
    sys.path[:0] = [str(TESTS / "reference"), str(TESTS / "unit" / "analysis")]
    files = [str(TESTS / "reference" / f"test_{name}_against_r.py") for name in FILES]
    digits = Digits()
    # Without the tests' conftest, which would start a database.
    options = ["-q", "--noconftest", "-o", "addopts=", "--import-mode=importlib", "-W", "error"]
    failed = pytest.main([*options, *files], plugins=[digits])
    print(f"\n{'':<70}{'numbers':>9}{'largest':>10}{'digits':>8}")
    for what in [*WHAT.values(), *sorted(set(digits.largest) - set(WHAT.values()))]:
        if what in digits.largest:
            largest = digits.largest[what]
            good = f"{-math.log10(largest):.1f}" if largest else "all"
            print(f"{what:<70}{digits.numbers[what]:>9,}{largest:>10.0e}{good:>8}")
    raise SystemExit(failed)


if __name__ == "__main__":
    main()
