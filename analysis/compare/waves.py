"""A tracked measure from wave to wave: its change, how far it is from its target, and what else
changed meanwhile.

A change is only as good as the two waves are alike: another wording, another mode or another kind
of respondent can make one where nobody changed their mind. Each is stated in words.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analysis.compare.association import rao_scott
from analysis.compare.means import independent, t_test
from analysis.compare.results import Test
from analysis.errors import DataError, listed
from analysis.estimates import Design, Estimate
from analysis.estimates.arrays import Codes, Floats

SHIFT = 0.05
"""A profile's category has moved when its share has by this much."""
LEVEL = 0.05
ROUNDING = 1e-9

NO_SIGNIFICANCE = (
    "Respondents chose themselves, so there is no sampling error to hold a difference against: "
    "whether it is more than chance cannot be said."
)

MODES = {"web": "the web"}
DIRECTIONS = ("up", "down", "hold")


@dataclass(frozen=True, slots=True)
class Wave:
    """How a wave was asked: its name, the question's wording and the mode (web, telephone, …)."""

    name: str
    wording: str
    mode: str


@dataclass(frozen=True, slots=True)
class Measure:
    """A success measure: where it started, where it should be (None: not said), and which way is
    better.

    With the direction `hold` the measure should stay within `tolerance` of the target.
    """

    name: str
    baseline: float | None
    target: float | None
    direction: str = "up"
    tolerance: float = 0.0

    def __post_init__(self) -> None:
        if self.direction not in DIRECTIONS:
            raise DataError(
                f"The measure “{self.name}” has no direction that is one of "
                f"{listed([*DIRECTIONS])}. Say which way is better."
            )


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a measure stands. `more_than_noise` is None where no significance can be given."""

    value: float | None
    from_baseline: float | None
    to_target: float | None
    reached: bool | None
    change: Test
    more_than_noise: bool | None
    note: str


def change(values: Floats, weights: Floats, waves: Codes, sample: Design | None) -> Test:
    """Wave 1 less wave 0 of one file, weighted to the same margins: the waves covary by design."""
    found = t_test(values, weights, waves, sample)
    if sample is None:
        return Test(found.name, None, (), None, found.estimate, warnings=(NO_SIGNIFICANCE,))
    return found


def progress(
    measure: Measure, before: Estimate, now: Estimate, tested: Test | None = None
) -> Progress:
    """A measure against its baseline and target, and whether its last change is more than noise.

    `tested` is the change where both waves are in one file; else the two are taken as samples drawn
    separately. Without standard errors no significance is given, and the note says why.
    """
    found = independent(before, now) if tested is None else tested
    sure = None if found.p is None else found.p < LEVEL
    note = "" if found.p is not None else NO_SIGNIFICANCE
    if now.value is None:
        return Progress(None, None, None, None, found, sure, "Nobody has answered in this wave.")
    since = None if measure.baseline is None else now.value - measure.baseline
    if measure.target is None:
        return Progress(now.value, since, None, None, found, sure, note)
    left = measure.target - now.value
    reached = {
        "up": left <= ROUNDING,
        "down": left >= -ROUNDING,
        "hold": abs(left) <= measure.tolerance + ROUNDING,
    }[measure.direction]
    return Progress(now.value, since, 0.0 if reached else left, reached, found, sure, note)


def cautions(
    before: Wave,
    after: Wave,
    waves: Codes,
    weights: Floats,
    profile: Mapping[str, tuple[Codes, list[str]]],
    sample: Design | None,
) -> list[str]:
    """What to know before a change is believed, a sentence each; empty where the waves are alike.

    `profile` gives for each question about the respondents their codes (−1 = none) and labels.
    """
    told = []
    if before.wording != after.wording:
        told.append(
            f"The question was worded differently in {after.name} than in {before.name}: the "
            "change may come from that."
        )
    if before.mode and after.mode and before.mode != after.mode:
        told.append(
            f"Most answers of {before.name} came by {MODES.get(before.mode, before.mode)}, most "
            f"of {after.name} by {MODES.get(after.mode, after.mode)}: people answer otherwise to "
            "a screen than to a voice."
        )
    for question, (codes, labels) in profile.items():
        sentence = profile_shift(question, codes, labels, waves, weights, sample)
        if sentence:
            told.append(sentence)
    return told


def profile_shift(
    question: str,
    codes: Codes,
    labels: list[str],
    waves: Codes,
    weights: Floats,
    sample: Design | None,
) -> str:
    """How the respondents' make-up moved, in words; empty where it did not.

    It has moved where a category's weighted share did by five points and, in a sample, the waves
    differ by more than chance (Rao and Scott's test). No figure is given: small ones may be hidden.
    """
    shares = [_shares(codes, weights, waves == wave, len(labels)) for wave in (0, 1)]
    moved = shares[1] - shares[0]
    if np.isnan(moved).any():
        return f"“{question}” was answered in one wave only, so profiles cannot be compared."
    if np.abs(moved).max() < SHIFT:
        return ""
    certain = ""
    if sample is not None:
        known = (codes >= 0) & (weights > 0) & (waves >= 0)
        p = rao_scott(codes, waves, weights, sample, known).p
        if p is None or p >= LEVEL:
            return ""
        certain = ", more than chance would"
    return (
        f"The respondents of the two waves differ in “{question}”, by five points or more of a "
        f"share{certain}: a change may come from who answered."
    )


def _shares(codes: Codes, weights: Floats, inside: np.ndarray, size: int) -> Floats:
    known = inside & (codes >= 0)
    sums = np.bincount(codes[known], weights[known], size)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(sums / sums.sum())
