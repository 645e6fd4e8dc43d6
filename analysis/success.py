"""Success measures: where each stood and should stand, where it is, and whether that is more than
chance.

The figure of now is the published one; only the test beside it is made of the exact responses, and
there is none where the figure is hidden.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from analysis import estimates, measures
from analysis.codebook import Codebook, Question, Tracked
from analysis.compare import waves
from analysis.compare.means import independent
from analysis.compare.results import Test, adjusted
from analysis.dataset import Dataset
from analysis.disclosure import Publishable, PublishedCell
from analysis.estimates import Design, Estimate
from analysis.marks import WAVE
from analysis.measures import MEAN
from analysis.weighting import WeightedDataset
from analysis.wording import HIDDEN

CHANNEL = "channel"
NO_ERROR = (
    "The baseline’s own error is not known, so only that of this survey is counted in saying "
    "whether “{name}” changed by more than chance."
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a measure stands, in percent of a net, else in the question's own unit.

    `now` is None where it may not be shown or nobody answered. `certain` is None where a change
    cannot be told from chance.
    """

    name: str
    what: str
    tracked: Tracked
    since: str
    baseline: float | None
    now: float | None
    hidden: bool
    change: float | None
    distance: float | None
    reached: bool | None
    certain: bool | None
    cautions: tuple[str, ...]


def standings(
    data: WeightedDataset, tables: Sequence[Publishable], sample: Design | None
) -> tuple[Standing, ...]:
    """The measures of all tables whose question is tracked and has a figure to follow.

    With waves in the dataset the last one is now, and its test is against the one before; without,
    against the baseline. p-values are adjusted by Holm's method for the number of measures.
    """
    found, tests = [], []
    for table in tables:
        category = followed(table.question)
        if category is not None and table.question.tracked is not None:
            standing, test = _standing(data, table, table.question.tracked, category, sample)
            found.append(standing)
            tests.append(None if standing.hidden or test is None else test.p)
    return tuple(
        replace(standing, certain=None if p is None else p < waves.LEVEL)
        for standing, p in zip(found, adjusted(tests), strict=True)
    )


def followed(question: Question) -> str | None:
    """The row of a question's table that is tracked: a net, or the mean of numbers."""
    if question.tracked is None:
        return None
    if question.numeric:
        return MEAN
    return next((net.id for net in question.nets if net.id == question.tracked.net), None)


def wave_question(book: Codebook) -> Question | None:
    """The question that says which wave a response is of."""
    return next((q for q in book.questions if q.role == WAVE), None)


def changed_meanwhile(
    data: WeightedDataset, question: Question, sample: Design | None
) -> list[str]:
    """What to know before the last two waves of a question are compared, a sentence each."""
    wave = wave_question(data.dataset.codebook)
    if wave is None:
        return []
    by, codes = measures.groups_of(data.dataset, wave.id)
    last = _last_two(codes, len(by.options))
    if last is None:
        return []
    pair = np.where(codes == last[1], 1, np.where(codes == last[0], 0, -1))
    asked = [
        waves.Wave(
            by.options[k].label,
            dict(question.text_in).get(by.options[k].code, question.text),
            _mode(data.dataset, pair == n),
        )
        for n, k in enumerate(last)
    ]
    profile = {}
    for about in data.dataset.codebook.people:
        if about.id not in (wave.id, question.id):
            named, places = measures.groups_of(data.dataset, about.id)
            size = len(named.options)
            own = np.where(places < size, places.astype(np.int64), -1)
            profile[about.short] = (own, [o.label for o in named.options])
    return waves.cautions(asked[0], asked[1], pair, data.weights, profile, sample)


def _last_two(codes: np.ndarray, size: int) -> tuple[int, int] | None:
    there = [k for k in range(size) if (codes == k).any()]
    return (there[-2], there[-1]) if len(there) > 1 else None


def _mode(dataset: Dataset, rows: np.ndarray) -> str:
    """How most of the responses came; nothing where that is not known."""
    if CHANNEL not in dataset.frame.columns or not rows.any():
        return ""
    counts = dataset.frame[CHANNEL].filter(rows).drop_nulls().value_counts(sort=True)
    return str(counts[CHANNEL][0]) if len(counts) else ""


def _standing(
    data: WeightedDataset,
    table: Publishable,
    tracked: Tracked,
    category: str,
    sample: Design | None,
) -> tuple[Standing, Test | None]:
    question = table.question
    percent = 1.0 if question.numeric else 100.0
    cell, before, test, cautions = _compared(data, table, tracked, category, sample)
    baseline = tracked.baseline
    since = tracked.baseline_when
    if baseline is None and before is not None:
        since, first = before
        baseline = None if first is None else first * percent
    now = None if cell.suppressed or cell.estimate is None else cell.estimate * percent
    measure = waves.Measure(
        question.short, baseline, tracked.target, tracked.direction, tracked.tolerance
    )
    told = waves.progress(measure, Estimate(None), Estimate(now), test)
    label = "average" if question.numeric else cell.label
    standing = Standing(
        f"{question.short}: {label}", category, tracked, since, baseline, told.value,
        cell.suppressed, told.from_baseline, told.to_target, told.reached, None, tuple(cautions),
    )  # fmt: skip
    return standing, test


def _compared(
    data: WeightedDataset,
    table: Publishable,
    tracked: Tracked,
    category: str,
    sample: Design | None,
) -> tuple[PublishedCell, tuple[str, float | None] | None, Test | None, list[str]]:
    """The figure of now, the wave before it by name, the test of the change, and cautions."""
    question = table.question
    asked = measures.asked(data.dataset, data.dataset.question(question.id))
    values = next(m for m in asked.measures if m.category == category).values()
    wave = wave_question(data.dataset.codebook)
    split = next((b for b in table.breakdowns if wave and b.by.id == wave.id), None)
    if wave is not None and split is not None and len(split.groups) > 1:
        then, now = split.groups[-2:]
        codes = data.dataset.coded(wave.column, [then.group, now.group]).astype(np.int64)
        told = _cell(then.cells, category)
        cell = _cell(now.cells, category)
        test = None
        if not told.suppressed and not cell.suppressed:
            pair = np.where(codes < 2, codes, -1)
            test = waves.change(values, data.weights, pair, sample)
        before = (then.label, None if told.suppressed else told.estimate)
        return cell, before, test, changed_meanwhile(data, question, sample)
    cell = _cell(table.everyone.cells, category)
    if tracked.baseline is None:
        return cell, None, None, []
    scale = 1.0 if question.numeric else 100.0
    everyone = np.ones(len(values), dtype=bool)
    exact = estimates.mean(values, data.weights, everyone, sample, share=not question.numeric)
    then_known = Estimate(tracked.baseline / scale, (tracked.baseline_error or 0.0) / scale)
    test = independent(then_known, exact)
    cautions = waves.cautions(
        waves.Wave(
            tracked.baseline_when or "the baseline",
            "" if tracked.reworded else question.text,
            tracked.baseline_channel,
        ),
        waves.Wave("this survey", question.text, _mode(data.dataset, everyone)),
        np.zeros(0, dtype=np.int64), np.zeros(0), {}, sample,
    )  # fmt: skip
    if sample is not None and tracked.baseline_error is None:
        cautions.append(NO_ERROR.format(name=question.short))
    return cell, None, test, cautions


def _cell(cells: Sequence[PublishedCell], category: str) -> PublishedCell:
    return next(cell for cell in cells if cell.category == category)


def view(standings: Sequence[Standing], *, sample: bool) -> dict[str, Any] | None:
    """The section of a report on success measures, in words; None where there are none."""
    if not standings:
        return None
    rows = []
    for one in standings:
        unit = "" if one.what == MEAN else "%"
        rows.append(
            {
                "name": one.name,
                "baseline": _figure(one.baseline, unit) + (f" ({one.since})" if one.since else ""),
                "now": HIDDEN if one.hidden else _figure(one.now, unit),
                "change": _change(one),
                "target": _target(one.tracked, unit),
                "stands": _stands(one),
            }
        )
    notes = [sentence for one in standings for sentence in one.cautions]
    return {
        "rows": rows,
        "notes": list(dict.fromkeys(notes)),
        "tests": sum(one.certain is not None for one in standings),
        "untested": not sample,
        "hidden": any(one.hidden for one in standings),
    }


def _figure(figure: float | None, unit: str, *, signed: bool = False) -> str:
    if figure is None:
        return "–"
    digits = f"{figure:+.1f}" if signed else f"{figure:.1f}"
    if not unit:
        digits = f"{figure:+,.2f}" if signed else f"{figure:,.2f}"
    return digits.replace("-", "−") + unit


def _change(one: Standing) -> str:
    if one.hidden or one.change is None:
        return HIDDEN if one.hidden else "–"
    said = _figure(one.change, "" if one.what == MEAN else " points", signed=True)
    if one.certain is None:
        return said
    return said + (", more than chance" if one.certain else ", may be chance")


def _target(tracked: Tracked, unit: str) -> str:
    if tracked.target is None:
        return "none set"
    goal = _figure(tracked.target, unit)
    if tracked.direction == "hold":
        spread = _figure(tracked.tolerance, " points" if unit else "")
        return f"{goal}, give or take {spread}"
    return f"{goal} or {'more' if tracked.direction == 'up' else 'less'}"


def _stands(one: Standing) -> str:
    if one.hidden:
        return "Not shown"
    if one.reached is None or one.distance is None:
        return _way(one)
    if one.reached:
        return "Target met"
    far = _figure(abs(one.distance), "" if one.what == MEAN else " points")
    return f"{far} {'below' if one.distance > 0 else 'above'} the target"


def _way(one: Standing) -> str:
    """Whether a measure without a target went the better way."""
    if one.change is None or one.tracked.direction == "hold":
        return "–"
    better = one.change > 0 if one.tracked.direction == "up" else one.change < 0
    if abs(one.change) < 0.05:  # as printed
        return "As before"
    return "Better than before" if better else "Worse than before"
