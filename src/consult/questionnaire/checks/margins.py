"""What must hold between a survey and its population margins."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from consult.questionnaire.answers import Choices, Optioned
from consult.questionnaire.checks.finding import Finding
from consult.questionnaire.survey import Survey


def check(survey: Survey) -> Iterator[Finding]:
    """Every problem of ``population.csv``."""
    try:
        rows = list(csv.reader(io.StringIO(survey.population, newline="")))
    except csv.Error as error:
        yield Finding("population", (1,), "population-table", {"reason": str(error)})
        return
    if rows[0][:3] != ["margin", "category", "population"]:
        params = {"reason": "its first line is not margin,category,population"}
        yield Finding("population", (1,), "population-table", params)
        return
    totals: Counter[str] = Counter()
    given: dict[str, set[str]] = {}
    for line, row in enumerate(rows[1:], start=2):
        if not row:
            continue
        try:
            margin, category, count = row[0], row[1], Decimal(row[2])
        except (IndexError, InvalidOperation):
            params = {"reason": "a row has no figure in its third column (no commas in it)"}
            yield Finding("population", (line,), "population-table", params)
            continue
        if category in given.setdefault(margin, set()):
            params = {"reason": f"'{category}' of '{margin}' stands twice"}
            yield Finding("population", (line,), "population-table", params)
        given[margin].add(category)
        if count.is_finite():
            totals[margin] += count  # type: ignore[assignment]
        yield from _population_row(survey, margin, category, count, line)
    for margin, categories in given.items():
        question = survey.questions.get(margin)
        for option in question.options if isinstance(question, Optioned) else ():
            if option.code not in categories and not option.not_in_population:
                params = {"margin": margin, "code": option.code}
                yield Finding("population", (), "population-missing", params)
    first = next(iter(totals), "")
    for margin, total in totals.items():
        if total != totals[first]:
            params = {"margin": margin, "total": f"{total:,}"}
            params |= {"other": first, "other_total": f"{totals[first]:,}"}
            yield Finding("population", (), "population-totals", params)


def _population_row(
    survey: Survey, margin: str, category: str, count: Decimal, line: int
) -> Iterator[Finding]:
    if not count.is_finite() or count <= 0:
        params = {"reason": "a figure is not above zero"}
        yield Finding("population", (line,), "population-table", params)
    names, codes = margin.split("*"), category.split("*")
    questions = [survey.questions.get(name) for name in names]
    for name, question in zip(names, questions, strict=True):
        if not isinstance(question, Optioned) or isinstance(question, Choices):
            params = {"what": "margin", "name": name}
            yield Finding("population", (line,), "population-unknown", params)
    if len(names) != len(codes):
        params = {"what": "category", "name": category}
        yield Finding("population", (line,), "population-unknown", params)
        return
    for question, code in zip(questions, codes, strict=True):
        if isinstance(question, Optioned) and code not in question.codes:
            params = {"what": "category", "name": code}
            yield Finding("population", (line,), "population-unknown", params)
