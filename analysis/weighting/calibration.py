"""Calibration with bounded weights (Deville and Särndal 1992, JASA 87:376–382).

The ratio of weight to base weight of a cell is F(u), u being the sum of one multiplier per margin
it belongs to. The multipliers minimise a convex function whose gradient is the distance from the
margins, so a damped Newton iteration finds them whenever the bounds allow any answer at all.
F is that of R's `survey::calibrate`: `linear` 1+u cut off at the bounds, `rake` exp(u) cut off at
the bounds, `logit` a smooth curve between them.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

MAX_ROUNDS = 300
GOOD = 1e-15

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Curve = Callable[[Floats], tuple[Floats, Floats, Floats]]


def solve(
    mass: Floats,
    codes: list[Codes],
    wanted: list[Floats],
    method: str,
    bounds: tuple[float, float] | None,
) -> tuple[Floats, int]:
    """Ratios weight ÷ base weight per cell, shape of `mass`, and the Newton steps taken.

    `codes[m]` is each cell's category in margin m, `wanted[m]` that margin's totals. Whether the
    margins are met is for the caller to check: where they cannot be, the nearest try comes back.
    """
    design = _design(codes, [len(w) for w in wanted])
    totals: Floats = np.concatenate(wanted)
    curve = _curve(method, bounds)
    multipliers = np.zeros(design.shape[1])
    value, slope, potential = curve(design @ multipliers)
    height = float(mass @ potential - totals @ multipliers)
    best_gap, best = math.inf, value
    # Newton's matrix loses the cells held at a bound, and a step could then be far too long. This
    # much of the base totals is added to it, less and less as the margins come near.
    damping = 0.01 * (mass @ design)
    rounds = idle = 0
    while rounds < MAX_ROUNDS:
        rounds += 1
        gradient: Floats = design.T @ (mass * value) - totals
        gap = float(np.max(np.abs(gradient) / totals))
        idle = 0 if gap < best_gap else idle + 1
        if gap < best_gap:
            best_gap, best = gap, value
        if gap <= GOOD or (best_gap <= 1e-13 and idle >= 3):
            break
        step = _newton_step(design, mass * slope, gradient, damping * min(gap, 1.0))
        scale = 1.0
        while True:
            tried = multipliers - scale * step
            value, slope, potential = curve(design @ tried)
            new_height = float(mass @ potential - totals @ tried)
            slack = 1e-4 * scale * float(gradient @ step)
            if new_height <= height - slack + 1e-13 * abs(height) or scale < 1e-8:
                break
            scale /= 2
        multipliers, height = tried, new_height
    return best, rounds


def _design(codes: list[Codes], sizes: list[int]) -> Floats:
    blocks = [np.eye(size)[code] for code, size in zip(codes, sizes, strict=True)]
    return np.concatenate(blocks, axis=1).astype(np.float64)


def _newton_step(design: Floats, slopes: Floats, gradient: Floats, damping: Floats) -> Floats:
    """The margins share one total, so the matrix is singular: the shortest step will do."""
    hessian: Floats = design.T @ (slopes[:, None] * design) + np.diag(damping)
    return np.asarray(np.linalg.lstsq(hessian, gradient, rcond=1e-14)[0], dtype=np.float64)


def _curve(method: str, bounds: tuple[float, float] | None) -> Curve:
    """F, its derivative and its integral."""
    low, high = bounds if bounds is not None else (-math.inf, math.inf)
    if method == "linear":
        return lambda u: _linear(u, low, high)
    if method == "rake":
        return lambda u: _exponential(u, low, high)
    return lambda u: _logit(u, low, high)


def _linear(u: Floats, low: float, high: float) -> tuple[Floats, Floats, Floats]:
    value = np.clip(1 + u, low, high)
    inside = (value > low) & (value < high)
    # Beyond a bound the integral goes on as a straight line that touches the parabola there.
    return value, inside.astype(np.float64), value * (1 + u) - value * value / 2


def _exponential(u: Floats, low: float, high: float) -> tuple[Floats, Floats, Floats]:
    floor = math.log(low) if low > 0 else -700.0
    ceiling = math.log(high) if math.isfinite(high) else 700.0
    held = np.clip(u, floor, ceiling)
    value = np.exp(held)
    return value, np.where(held == u, value, 0.0), value + value * (u - held)


def _logit(u: Floats, low: float, high: float) -> tuple[Floats, Floats, Floats]:
    width = high - low
    rate = width / ((high - 1) * (1 - low))
    # Written with the share of the way from low to high, which cannot overflow.
    t = rate * u + math.log((1 - low) / (high - 1))
    tail = np.exp(-np.abs(t))
    share = np.where(t >= 0, 1, tail) / (1 + tail)
    value = low + width * share
    slope = width * rate * share * (1 - share)
    return value, slope, low * u + width / rate * np.logaddexp(0, t)
