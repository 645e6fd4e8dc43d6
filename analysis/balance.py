"""The weighting report: who was missing, what weights put right, what they cost, what they change.

For the analyst and for whoever has to defend the figures. Everything counted in it goes through
disclosure control as one release.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import numpy as np

from analysis import charts, crosstabs, disclosure, pages, population, weighting, wording
from analysis.codebook import TABLED
from analysis.crosstabs import Table
from analysis.dataset import Dataset
from analysis.disclosure import Publishable, Rules
from analysis.errors import DataError
from analysis.population import Margin, Population
from analysis.weighting import Join, WeightedDataset
from analysis.weighting.cells import Floats

EDGES = (0.0, 0.2, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 3.0, 5.0, np.inf)
"""Bins of weight ÷ mean weight; a bin of few responses is joined to the next one inwards."""

LIMIT = (
    "Weights put right who answered by the margins named here, and by nothing else. Where people "
    "who did not answer think differently from people of the same {names} who did, the weighted "
    "figures are wrong by as much, and nothing in these responses can show it."
)


@dataclass(frozen=True, slots=True)
class Left:
    """What happens without one margin: the largest change of a share, and the effective base."""

    margin: str
    change: float | None
    question: str
    category: str
    effective: float
    note: str = ""


def html(
    data: WeightedDataset,
    targets: Population,
    questions: Sequence[str],
    rules: Rules,
    *,
    base_weight: str | None = None,
    joins: Sequence[Join] = (),
    year: int | None = None,
    left_out: Sequence[str] = (),
) -> str:
    """The page. `data` was weighted to `targets`; `questions` are the results to compare.

    `left_out` says which margins could not be used, a sentence each.

    Raises DataError where the dataset was not weighted to margins.
    """
    if data.diagnostics is None or data.population is None:
        raise DataError("These responses were not weighted to margins: there is nothing to report.")
    plain = weighting.unweighted(data.dataset)
    names = [m.name for m in targets.margins if len(m.questions) == 1]
    who, unweighted, weighted = _published(plain, data, names, questions, rules)
    doubts = [*left_out, *data.diagnostics.warnings, *population.warnings(targets, year)]
    view = {
        "about": data.dataset.codebook,
        "source": data.dataset.manifest,
        "exclusions": wording.not_counted(data.dataset.manifest.not_in_it, rules),
        "diagnostics": data.diagnostics,
        "effective": wording.people(rules.count(round(data.diagnostics.effective_n)), rules),
        "rows": wording.people(rules.count(len(data.dataset)), rules),
        "efficiency": wording.percent(1 / data.diagnostics.kish_effect),
        "margins": list(map(_margin, who, _plain_margins(targets), count())),
        "crossed": [m.name for m in targets.margins if len(m.questions) > 1],
        "spread": _spread(data.weights, rules),
        "tail": _tail(data.weights),
        "results": [
            _result(before, after, k)
            for k, (before, after) in enumerate(zip(unweighted, weighted, strict=True))
        ],
        "left": _without_each(data, targets, questions, base_weight, joins),
        "doubts": doubts,
        "limit": LIMIT.format(names=wording.listed([m.name for m in targets.margins])),
        "rounding": wording.rounding(rules),
        "hidden": wording.HIDDEN,
        "share": wording.percent,
    }  # fmt: skip
    return pages.render("weighting.html", view)


def _plain_margins(targets: Population) -> list[Margin]:
    return [m for m in targets.margins if len(m.questions) == 1]


def _published(
    plain: WeightedDataset,
    data: WeightedDataset,
    names: Sequence[str],
    questions: Sequence[str],
    rules: Rules,
) -> tuple[list[Publishable], list[Publishable], list[Publishable]]:
    """Who answered, and the results unweighted and weighted, as one release."""
    exact = [
        *crosstabs.tables(plain, [(name, ()) for name in names]),
        *crosstabs.tables(plain, [(name, ()) for name in questions]),
        *crosstabs.tables(data, [(name, ()) for name in questions]),
    ]
    out = disclosure.release(exact, rules)
    k, q = len(names), len(questions)
    return out[:k], out[k : k + q], out[k + q :]


def opinions(dataset: Dataset, margins: Sequence[str]) -> list[str]:
    """The questions to compare: those of opinion in the codebook, else none of the margins'."""
    return [
        q.id
        for q in dataset.codebook.questions
        if q.type in TABLED and q.id not in margins and (q.role or "opinion") == "opinion"
    ]


def _margin(table: Publishable, margin: Margin, number: int) -> dict[str, Any]:
    shares = dict(zip(margin.categories, (n / margin.total for n in margin.totals), strict=True))
    rows = []
    for cell in table.everyone.cells:
        there = shares.get(cell.category)
        if there is None:
            continue
        here = cell.unweighted
        gap = None if here is None else int(100 * here + 0.5) - int(100 * there + 0.5)
        rows.append(
            {
                "label": cell.label,
                "responses": wording.HIDDEN if cell.suppressed else wording.percent(here),
                "population": wording.percent(there),
                "gap": "" if gap is None else _signed(gap),
                "said": "" if gap is None else _said(gap),
            }
        )
    return {
        "key": f"margin-{number}",
        "name": table.question.short,
        "base": wording.answered(table),
        "rows": rows,
        "chart": charts.against_population(table, shares, table.question.short),
        "source": ", ".join(part for part in (margin.source, margin.date) if part),
        "status": margin.status,
    }


def _signed(points: int) -> str:
    return f"{points:+d}".replace("-", "−") if points else "0"


def _said(points: int) -> str:
    if abs(points) < 1:
        return "about as in the population"
    return "over-represented" if points > 0 else "under-represented"


def _spread(weights: Floats, rules: Rules) -> dict[str, Any]:
    """How many responses have which weight; small bins joined to the next one inwards."""
    ratio = weights / weights.mean()
    counts = np.histogram(ratio, EDGES)[0].tolist()
    edges = list(EDGES)
    while len(counts) > 1:
        few = [k for k, n in enumerate(counts) if n < max(rules.suppress, 1)]
        if not few:
            break
        k = few[0]
        other = k + 1 if k < len(counts) / 2 else k - 1
        first = min(k, other)
        counts[first : first + 2] = [counts[first] + counts[first + 1]]
        del edges[first + 1]
    total = sum(counts)
    bars = [
        charts.Bar(
            _bin(edges[k], edges[k + 1]), float(rules.rounded(n) / max(rules.rounded(total), 1))
        )
        for k, n in enumerate(counts)
    ]
    rows = [{"label": bar.label, "share": wording.percent(bar.share)} for bar in bars]
    return {"chart": charts.plain(bars, "Weights", "How many responses have which weight."),
            "rows": rows}  # fmt: skip


def _bin(low: float, high: float) -> str:
    if low == 0.0:
        return f"below {high:g}"
    return f"{low:g} and more" if np.isinf(high) else f"{low:g} to {high:g}"


def _tail(weights: Floats) -> str:
    """What share of all weight the heaviest responses carry."""
    ordered = np.sort(weights)[::-1]
    most = max(len(ordered) // 100, 1)
    share = float(ordered[:most].sum() / ordered.sum())
    one = len(ordered) < 200
    who = "The one response" if one else "The one in a hundred responses"
    return f"{who} with the largest weight carries {100 * share:.1f}% of all weight."


def _result(before: Publishable, after: Publishable, number: int) -> dict[str, Any]:
    question = after.question
    rows = []
    for plain, told in zip(before.everyone.cells, after.everyone.cells, strict=True):
        change = ""
        if told.estimate is not None and plain.estimate is not None and told.unweighted is not None:
            # Of the figures as they are printed: whoever subtracts them by hand gets the same.
            points = [int(100 * x + 0.5 + 1e-9) for x in (plain.estimate, told.estimate)]
            change = _signed(points[1] - points[0])
        rows.append(
            {
                "label": wording.answer(told),
                "net": told.net,
                "unweighted": wording.figure(question, plain, plain.estimate),
                "weighted": wording.figure(question, told, told.estimate),
                "change": change,
            }
        )  # fmt: skip
    return {"key": f"result-{number}", "text": question.text, "rows": rows,
            "base": wording.answered(after)}  # fmt: skip


def _without_each(
    data: WeightedDataset,
    targets: Population,
    questions: Sequence[str],
    base_weight: str | None,
    joins: Sequence[Join],
) -> list[Left]:
    """The results with each margin left out in turn: whether one margin carries them."""
    how = data.diagnostics
    if len(targets.margins) < 2 or how is None or how.within:
        return []
    whole = crosstabs.tables(data, [(name, ()) for name in questions])
    found = []
    for margin in targets.margins:
        fewer = replace(targets, margins=tuple(m for m in targets.margins if m is not margin))
        kept = [join for join in joins if join.margin != margin.name]
        try:
            again = weighting.weight(
                data.dataset, fewer, base_weight=base_weight, missing=how.missing,
                method=how.method, bounds=how.bounds, joins=kept,
            )  # fmt: skip
        except DataError as error:
            found.append(Left(margin.name, None, "", "", 0.0, str(error)))
            continue
        if len(again.dataset) != len(data.dataset):  # rows dropped for want of this answer
            found.append(Left(margin.name, None, "", "", 0.0, "other responses would count"))
            continue
        parts = crosstabs.tables(again, [(name, ()) for name in questions])
        found.append(_largest(margin.name, whole, parts, weighting.kish(again.weights)[1]))
    return found


def _largest(margin: str, whole: list[Table], parts: list[Table], effective: float) -> Left:
    """The share that changes most, among answers that enough people gave to be shown."""
    most = Left(margin, None, "", "", effective)
    for one, two in zip(whole, parts, strict=True):
        for before, after in zip(one.everyone.cells, two.everyone.cells, strict=True):
            shown = before.count is not None and before.count >= disclosure.THRESHOLD
            if not shown or before.estimate.value is None or after.estimate.value is None:
                continue
            change = after.estimate.value - before.estimate.value
            if most.change is None or abs(change) > abs(most.change):
                label = one.question.label(before.category)
                most = replace(most, change=change, question=one.question.short, category=label)
    return most
