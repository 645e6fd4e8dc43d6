"""The report: published figures only, as one HTML page that stands by itself.

The page is a function of the input files: it holds no time of making, no path and no random id.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from analysis import charts, pages, success, wording
from analysis.codebook import FLAGGED, Codebook, Question
from analysis.disclosure import (
    Count,
    Publishable,
    PublishableThemes,
    PublishedBreakdown,
    PublishedGroup,
    Rules,
)
from analysis.marks import NONE as NO_MARKS
from analysis.marks import WAVE, Marks
from analysis.population import Margin
from analysis.success import Standing
from analysis.weighting import Diagnostics


@dataclass(frozen=True, slots=True)
class WhoAnswered:
    """A question about people, with the population's shares by category where they are known."""

    table: Publishable
    margin: Margin | None = None

    def shares(self) -> dict[str, float]:
        """The population's shares by category; empty without a margin."""
        if self.margin is None:
            return {}
        total = self.margin.total
        return {
            c: n / total for c, n in zip(self.margin.categories, self.margin.totals, strict=True)
        }


@dataclass(frozen=True, slots=True)
class Method:
    """What a stranger needs to follow and repeat the figures."""

    rules: Rules
    dataset_sha256: str
    margins: tuple[Margin, ...] = ()
    left_out: tuple[str, ...] = ()
    diagnostics: Diagnostics | None = None
    targets_sha256: str = ""
    doubts: tuple[str, ...] = ()
    seed: int = 0
    exclusions: tuple[str, ...] = ()
    frozen: str = ""

    @property
    def effective(self) -> float:
        """The effective number of responses, rounded as any number of people is."""
        return self.rules.rounded(self.diagnostics.effective_n) if self.diagnostics else 0.0


class Report:
    """A consultation report. It takes published tables and themes, and refuses anything else."""

    def __init__(
        self,
        about: Codebook,
        tables: Sequence[Publishable],
        method: Method,
        *,
        who: Sequence[WhoAnswered] = (),
        channels: Publishable | None = None,
        themes: Sequence[PublishableThemes] = (),
        untabled: Sequence[Question] = (),
        flags: Sequence[Publishable] = (),
        marks: Marks = NO_MARKS,
        standings: Sequence[Standing] = (),
        cautions: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        published = [*tables, *(w.table for w in who), *([channels] if channels else []), *flags]
        if not all(isinstance(t, Publishable) for t in published):
            raise TypeError("a Report is made of Publishable tables: see disclosure.protect")
        if not all(isinstance(t, PublishableThemes) for t in themes):
            raise TypeError("a Report is made of PublishableThemes: see disclosure.protect_themes")
        self._about, self._tables, self._method = about, tuple(tables), method
        self._who, self._channels, self._themes = tuple(who), channels, tuple(themes)
        self._untabled, self._flags, self._marks = tuple(untabled), tuple(flags), marks
        self._standings, self._cautions = tuple(standings), cautions or {}

    def html(self) -> str:
        """The page as text, the same for the same input."""
        return pages.render("report.html", self._view())

    def _view(self) -> dict[str, Any]:
        about, method = self._about, self._method
        weighted = method.diagnostics is not None
        main = self._main_table()
        return {
            "about": about,
            "dates": _dates(about),
            "weighted": weighted,
            "sample": about.mode == "sample",
            "method": method,
            "illustrative": self._illustrative(),
            "headline": wording.headline(main, weighted) if main else "",
            "headline_question": main.question.text if main else "",
            "responses": wording.capital(wording.people(main.responses, method.rules))
            if main
            else "",
            "channels": _simple(self._channels, "channels") if self._channels else None,
            "who": [_who(w, k) for k, w in enumerate(self._who, start=1)],
            "success": success.view(self._standings, sample=about.mode == "sample"),
            "questions": [
                _question(t, k, weighted, about, self._marks)
                | {"cautions": self._cautions.get(t.question.id, ())}
                for k, t in enumerate(self._tables, start=1)
            ],
            "themes": [_themes(t, k) for k, t in enumerate(self._themes, start=1)],
            "exclusions": method.exclusions,
            "untabled": [q.text for q in self._untabled],
            "flags": _flags(self._flags, main, weighted),
            "rounding": wording.rounding(method.rules),
            "hidden": wording.HIDDEN,
            "mark": f"fewer than {method.rules.suppress}",
            "share": wording.percent,
        }

    def _main_table(self) -> Publishable | None:
        wanted = [t for t in self._tables if t.question.id == self._about.headline]
        rest = [w.table for w in self._who]
        return next(iter([*wanted, *self._tables, *rest]), None)

    def _illustrative(self) -> list[str]:
        said = list(self._about.illustrative)
        invented = [m.name for m in self._method.margins if m.status == "illustrative"]
        if invented:
            said.append(
                "The population figures used for weighting are illustrative, not official "
                f"({', '.join(invented)}). Weighted results must not be relied on."
            )
        return said


def _dates(about: Codebook) -> str:
    """“3 November to 15 December 2025”, or as much of it as is known."""
    opens, closes = _day(about.opens), _day(about.closes)
    if opens and closes:
        return f"{opens} to {closes}"
    if closes:
        return f"Until {closes}"
    return f"Opened on {opens}" if opens else ""


def _day(iso: str | None) -> str:
    if not iso:
        return ""
    day = date.fromisoformat(iso[:10])
    return f"{day.day} {day:%B %Y}"


def _simple(table: Publishable, key: str) -> dict[str, Any]:
    """One column of numbers and shares: channels, or who answered."""
    base = table.everyone.n or 0
    rows = []
    for cell in table.everyone.cells:
        if cell.net:
            continue
        count = None if cell.unweighted is None else round(cell.unweighted * base)
        rows.append(
            {
                "label": cell.label,
                "category": cell.category,
                "count": wording.HIDDEN if cell.suppressed else f"{count or 0:,}",
                "share": wording.HIDDEN if cell.suppressed else wording.percent(cell.unweighted),
            }
        )
    return {
        "key": key,
        "name": table.question.short,
        "rows": rows,
        "base": wording.answered(table),
        "hidden": any(c.suppressed for c in table.everyone.cells),
    }


def _who(part: WhoAnswered, number: int) -> dict[str, Any]:
    view = _simple(part.table, f"who-{number}")
    there = part.shares()
    for row in view["rows"]:
        known = there.get(row["category"])
        row["population"] = "–" if known is None else wording.percent(known)
    view["margin"] = part.margin
    view["paired"] = bool(there)
    name = part.table.question.short
    if there:
        view["chart"] = charts.against_population(part.table, there, name)
    else:
        view["chart"] = charts.shares(part.table, "unweighted")
    return view


def _question(
    table: Publishable, number: int, weighted: bool, about: Codebook, marks: Marks
) -> dict[str, Any]:
    question, everyone, last = table.question, table.everyone, about.last_version
    sample = about.mode == "sample"
    rows = [
        {
            "label": wording.answer(cell),
            "net": cell.net,
            "estimate": wording.figure(question, cell, cell.estimate),
            "unweighted": wording.figure(question, cell, cell.unweighted),
            "interval": _interval(table, cell.low, cell.high, cell.suppressed),
        }
        for cell in everyone.cells
    ]
    return {
        "key": f"q{number}",
        "text": question.text,
        "versions": wording.versions(question, last),
        "coded": wording.coded(question, table.rules),
        "quotations": _quotations(table),
        "several": question.type == "choices",
        "numeric": question.numeric,
        "conditional": question.conditional,
        "rows": rows,
        "interval": sample and any(c.low is not None for c in everyone.cells),
        "two": weighted and not question.numeric,
        "base": wording.answered(table),
        "headline": wording.headline(table, weighted),
        "strength": _strength(everyone, weighted, table.rules),
        "chart": charts.shares(table),
        "hidden": any(c.suppressed for c in everyone.cells),
        "breakdowns": [
            _breakdown(table, b, f"q{number}-{k}", marks)
            for k, b in enumerate(table.breakdowns, start=1)
            if b.by.id != FLAGGED
        ],
    }


def _quotations(table: Publishable) -> list[dict[str, Any]]:
    """What people approved for publication, by code; nothing of a code whose figure is hidden."""
    how, found = table.question.coded, []
    for cell in table.everyone.cells if how else ():
        texts = [text for code, text in how.quotations if code == cell.category] if how else []
        if texts and not cell.suppressed:
            found.append({"label": cell.label, "texts": texts})
    return found


def _interval(table: Publishable, low: float | None, high: float | None, suppressed: bool) -> str:
    if suppressed:
        return wording.HIDDEN
    if low is None or high is None:
        return "not available"
    if table.question.numeric:
        return f"{low:,.2f} to {high:,.2f}"
    return f"{100 * low:.0f}% to {100 * high:.0f}%"


def _strength(group: PublishedGroup, weighted: bool, rules: Rules) -> str:
    if not weighted or group.n is None or group.n_effective is None or group.deff is None:
        return ""
    about = "about " if rules.round_to > 1 else ""
    return (
        f"Base {about}{group.n:,} responses; after weighting they tell as much as "
        f"{about}{group.n_effective:,.0f} would unweighted (design effect {group.deff:.2f})."
    )


def _breakdown(
    table: Publishable, breakdown: PublishedBreakdown, key: str, marks: Marks
) -> dict[str, Any]:
    columns = [table.everyone, *breakdown.groups]
    rows = []
    for k, cell in enumerate(table.everyone.cells):
        figures = [
            {
                "text": wording.figure(table.question, c.cells[k], c.cells[k].estimate),
                # A figure that is not shown has no mark either: it would tell which way it lies.
                "mark": ""
                if c.cells[k].suppressed
                else marks.of((table.question.id, breakdown.by.id, c.group, cell.category)),
            }
            for c in columns
        ]
        rows.append({"label": wording.answer(cell), "figures": figures})
    bases = [wording.HIDDEN if c.suppressed else f"{c.n or 0:,}" for c in columns]
    return {
        "key": key,
        "name": breakdown.by.short,
        "groups": ["Everyone", *(g.label for g in breakdown.groups)],
        "rows": rows,
        "bases": bases,
        "words": wording.groups(table, breakdown),
        "tests": marks.tests.get((table.question.id, breakdown.by.id), 0),
        "waves": breakdown.by.role == WAVE,
        "hidden": any(c.suppressed or any(x.suppressed for x in c.cells) for c in columns),
    }


def _flags(
    tables: Sequence[Publishable], main: Publishable | None, weighted: bool
) -> dict[str, Any] | None:
    """How many responses are flagged, why, and what the report leads with but for them."""
    if not tables:
        return None
    any_of, why = tables
    number = next(c for c in any_of.everyone.cells if c.category == "yes")
    base = any_of.everyone.n or 0
    said = f"{wording.capital(wording.people(any_of.responses, any_of.rules))} responses came in."
    if number.suppressed or number.unweighted is None:
        said += " How many of them are flagged is not shown."
    else:
        flagged = wording.people(Count(round(number.unweighted * base), base > 0), any_of.rules)
        said += f" Of them {flagged} are flagged."
    view = _simple(why, "flags")
    view["said"], view["without"] = said, None
    split = next((b for b in main.breakdowns if b.by.id == FLAGGED), None) if main else None
    if main is None or split is None:
        return view
    without = next((g for g in split.groups if g.group == "no"), None)
    if without is None or without.suppressed or main.everyone.suppressed:
        return view
    columns = [main.everyone, without]
    rows = [
        {
            "label": wording.answer(cell),
            "figures": [
                wording.figure(main.question, c.cells[k], c.cells[k].estimate) for c in columns
            ],
        }
        for k, cell in enumerate(main.everyone.cells)
    ]
    view["without"] = {
        "question": main.question.text,
        "weighted": weighted,
        "rows": rows,
        "bases": [f"{c.n or 0:,}" for c in columns],
        "hidden": any(cell.suppressed for c in columns for cell in c.cells),
    }
    return view


def _themes(themes: PublishableThemes, number: int) -> dict[str, Any]:
    rules = themes.rules
    view = [
        {
            "label": theme.label,
            "size": wording.HIDDEN if theme.size is None else f"{theme.size:,}",
            "share": wording.HIDDEN if theme.share is None else wording.percent(theme.share),
            "examples": theme.examples,
        }
        for theme in themes.themes
    ]
    letters = [
        f"{wording.people(size, rules)} copies of one, in the theme “{label}”"
        for size, label in themes.campaigns
    ]
    commented = wording.people(themes.answered, rules)
    return {
        "key": f"comments-{number}",
        "text": themes.question.text,
        "themes": view,
        "base": f"{wording.capital(commented)} people wrote something.",
        "letters": letters,
        "hidden": any(t.size is None for t in themes.themes),
    }


def digest(page: str) -> str:
    """The SHA-256 of a page, to tell whether two reports are the same byte for byte."""
    return hashlib.sha256(page.encode()).hexdigest()
