"""Charts of published figures: horizontal bars as SVG, drawn offline, the same every time."""

import html
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analysis.disclosure import Publishable

INK, BAR, POPULATION = "#1d2733", "#1f5a96", "#b3541e"
"""Contrast with white: 15.0, 6.9 and 4.9 to 1."""

FONT = "Arial, Helvetica, sans-serif"
WIDTH = 500
BAR_STEP = 34
LABEL_LINE = 24
EXTENT = 190


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label, a share from 0 to 1, and which series it belongs to."""

    label: str
    share: float
    series: str = ""


def shares(table: Publishable, what: str = "estimate") -> str:
    """A question's answers by everyone as an SVG, or "" where nothing may be shown.

    Suppressed answers have no bar; the alternative text says which.
    """
    means = ("(mean)", "(median)")
    cells = [c for c in table.everyone.cells if not c.net and not c.category.endswith(means)]
    bars = [Bar(c.label, getattr(c, what), "") for c in cells if getattr(c, what) is not None]
    if table.question.numeric or not bars:
        return ""
    said = [
        f"{c.label}: {'too few to show' if c.suppressed else percent(getattr(c, what))}"
        for c in cells
    ]
    return _svg(bars, table.question.short, f"Bar chart. {table.question.text} " + "; ".join(said))


def against_population(table: Publishable, population: dict[str, float], name: str) -> str:
    """Who answered beside the population, as an SVG; `population` maps categories to shares."""
    bars: list[Bar] = []
    said: list[str] = []
    for cell in table.everyone.cells:
        if cell.category not in population:
            continue
        there = population[cell.category]
        if cell.unweighted is not None:
            bars.append(Bar(cell.label, cell.unweighted, "Responses"))
        bars.append(Bar(cell.label, there, "Population"))
        here = "too few to show" if cell.unweighted is None else percent(cell.unweighted)
        said.append(f"{cell.label}: {here} of responses, {percent(there)} of the population")
    if not bars:
        return ""
    return _svg(
        bars, name, f"Bar chart. {name}: who answered and the population. " + "; ".join(said)
    )


def plain(bars: Sequence[Bar], title: str, description: str) -> str:
    """Bars of one series as an SVG; the alternative text says each."""
    said = "; ".join(f"{bar.label}: {percent(bar.share)}" for bar in bars)
    return _svg(bars, title, f"Bar chart. {description} {said}") if bars else ""


def percent(share: float | None) -> str:
    """A share as a whole percentage; halves go up, and little is never called nought."""
    if share is None:
        return "–"
    if 0 < share < 0.005:
        return "under 1%"
    return f"{int(100 * share + 0.5 + 1e-9)}%"


def _svg(bars: Sequence[Bar], title: str, description: str) -> str:
    import vl_convert  # a second to load, and only reports draw

    drawn = vl_convert.vegalite_to_svg(json.dumps(_specification(bars)))
    return _accessible(drawn, title, description)


def _specification(bars: Sequence[Bar]) -> dict[str, Any]:
    import altair as alt

    order = list(dict.fromkeys(bar.label for bar in bars))
    series = [s for s in ("Responses", "Population") if any(b.series == s for b in bars)]
    values = [
        {
            "label": _wrapped(bar.label),
            "share": bar.share,
            "series": bar.series,
            "text": percent(bar.share),
        }
        for bar in bars
    ]
    longest = max(b.share for b in bars)
    y = alt.Y("label:N", sort=[_wrapped(o) for o in order], title=None).axis(
        labelLimit=0, labelFontSize=15, labelColor=INK, ticks=False, domain=False, labelPadding=8,
        minExtent=EXTENT, maxExtent=EXTENT,
        labelExpr="split(datum.value, '\\n')",
    )  # fmt: skip
    x = alt.X("share:Q", title=None).axis(None).scale(domain=[0, max(longest * 1.2, 0.01)])
    data: Any = {"values": values}
    base = alt.Chart.from_dict({"data": data, "mark": "bar", "encoding": {}}).encode(y=y, x=x)
    colour: Any = alt.value(BAR)
    if series:
        base = base.encode(yOffset=alt.YOffset("series:N", sort=series))
        scale = alt.Scale(domain=series, range=[BAR, POPULATION][: len(series)])
        # The key is written in HTML: the width of drawn text depends on a machine's fonts.
        colour = alt.Color("series:N", sort=series, scale=scale, legend=None)
    marks = base.mark_bar(size=20).encode(color=colour)
    text = base.mark_text(align="left", dx=5, fontSize=15, color=INK).encode(text="text:N")
    lines = max(_wrapped(o).count("\n") + 1 for o in order)
    step = max(52 if series else BAR_STEP, 18 * lines + 12)
    chart = alt.layer(marks, text).properties(width=WIDTH - EXTENT - 10, height=step * len(order))
    chart = chart.configure(font=FONT, background="white").configure_view(stroke=None)
    return dict(chart.to_dict())


def _wrapped(label: str) -> str:
    """A label in lines of at most about 24 characters, so that a long one is not cut off."""
    lines: list[str] = [""]
    for word in label.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > LABEL_LINE:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)


def _accessible(svg: str, title: str, description: str) -> str:
    """The drawing as one image with a name; without ids, classes and a fixed size."""
    start = svg.index("<svg")
    opening, rest = svg[start:].split(">", 1)
    box = re.search(r'viewBox="[^"]+"', opening)
    width = re.search(r' width="([\d.]+)"', opening)
    view = box.group(0) if box else ""
    widest = f' style="max-width:{1.2 * float(width.group(1)):.0f}px"' if width else ""
    rest = re.sub(r' (?:aria-[a-z]+|role|class|id)="[^"]*"', "", rest)
    name, words = html.escape(title), html.escape(description)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {view} role="img" aria-label="{words}"{widest}>'
    )
    return f"{head}<title>{name}</title>{rest}"
